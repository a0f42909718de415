//! Looking at resources as they are, over the services' own operations: for references in templates, for drift, and for
//! the validation before a deployment.

use super::s3::xml;
use super::{reading_more, reading_settings};
use crate::hosting::Hosted;
use crate::provision::{Found, Lookup, ProvisionError, ReadRequest, Reading};
use crate::services::wire::{Response, ServiceError};
use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, Uri};
use serde_json::{Map, Value, json};

pub(super) async fn look_up(cloud: &dyn Hosted, region: &str, lookup: &Lookup) -> Result<Found, ProvisionError> {
    let result = match lookup {
        Lookup::Parameter { name, version: None } => {
            let input = json!({ "Name": name, "WithDecryption": true });
            call(cloud, region, "ssm", "AmazonSSM.GetParameter", &input).await.map(|answer| answer["Parameter"].clone())
        }
        Lookup::Parameter { name, version: Some(version) } => {
            let input = json!({ "Name": name, "WithDecryption": true });
            let history = call(cloud, region, "ssm", "AmazonSSM.GetParameterHistory", &input).await;
            history.and_then(|answer| {
                let versions = answer["Parameters"].as_array().cloned().unwrap_or_default();
                let wanted = version.parse::<i64>().ok();
                let found = versions.into_iter().find(|one| wanted.is_some() && one["Version"].as_i64() == wanted);
                found.ok_or_else(|| ServiceError::new("ParameterVersionNotFound", format!("{name}:{version}")))
            })
        }
        Lookup::Object { bucket, key, version } => return object(cloud, region, bucket, key, version.as_deref()).await,
        Lookup::Secret { id, stage, version } => {
            let mut input = json!({ "SecretId": id });
            if let Some(stage) = stage {
                input["VersionStage"] = Value::from(stage.as_str());
            }
            if let Some(version) = version {
                input["VersionId"] = Value::from(version.as_str());
            }
            call(cloud, region, "secretsmanager", "secretsmanager.GetSecretValue", &input).await
        }
    };
    let answer = result.map_err(|error| refused(lookup, error))?;
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    Ok(match lookup {
        Lookup::Parameter { .. } => Found { value: text("Value"), kind: text("Type") },
        Lookup::Object { .. } | Lookup::Secret { .. } => Found { value: text("SecretString"), kind: String::new() },
    })
}

pub(super) async fn read(cloud: &dyn Hosted, request: &ReadRequest) -> Result<Reading, ProvisionError> {
    let id = request.physical_id.as_str();
    let properties = match request.resource_type.as_str() {
        "AWS::DynamoDB::Table" => table(cloud, &request.region, id).await,
        "AWS::DynamoDB::GlobalTable" => global_table(cloud, &request.region, id).await,
        "AWS::ECS::Service" => service(cloud, &request.region, id).await,
        "AWS::SecretsManager::Secret" => secret(cloud, &request.region, id).await,
        "AWS::SQS::Queue" => queue(cloud, &request.region, id).await,
        "AWS::SSM::Parameter" => parameter(cloud, &request.region, id).await,
        _ => match reading_more::read(cloud, request).await {
            Some(properties) => properties,
            None => match reading_settings::read(cloud, request).await {
                Some(properties) => properties,
                None => return Ok(Reading::NotOffered),
            },
        },
    };
    match properties {
        Ok(Some(properties)) => Ok(Reading::Properties(properties)),
        Ok(None) => Ok(Reading::Gone),
        Err(error) if is_gone(&error) => Ok(Reading::Gone),
        Err(error) => Err(ProvisionError::Refused { message: error.message }),
    }
}

/// How much is in a bucket or a repository; a page of either is enough to know that it is not empty.
pub(super) async fn contents(cloud: &dyn Hosted, request: &ReadRequest) -> Result<Option<usize>, ProvisionError> {
    let id = request.physical_id.as_str();
    match request.resource_type.as_str() {
        "AWS::S3::Bucket" => {
            let response = s3(cloud, &request.region, &format!("/{id}?versions")).await?;
            let text = String::from_utf8_lossy(response.body());
            Ok(Some(text.matches("<Version>").count() + text.matches("<DeleteMarker>").count()))
        }
        "AWS::ECR::Repository" => {
            let target = "AmazonEC2ContainerRegistry_V20150921.ListImages";
            let answer = call(cloud, &request.region, "ecr", target, &json!({ "repositoryName": id })).await;
            let answer = answer.map_err(|error| ProvisionError::Refused { message: error.message })?;
            Ok(Some(answer["imageIds"].as_array().map_or(0, Vec::len)))
        }
        _ => Ok(None),
    }
}

async fn object(
    cloud: &dyn Hosted,
    region: &str,
    bucket: &str,
    key: &str,
    version: Option<&str>,
) -> Result<Found, ProvisionError> {
    let escape = |text: &str| -> String {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        text.bytes()
            .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
            .collect()
    };
    let version = version.map(|version| format!("?versionId={}", escape(version))).unwrap_or_default();
    let response = s3(cloud, region, &format!("/{}/{}{version}", escape(bucket), escape(key))).await?;
    let text = String::from_utf8_lossy(response.body()).into_owned();
    if response.status().is_success() {
        return Ok(Found { value: text, kind: String::new() });
    }
    Err(ProvisionError::Refused { message: xml::text(&text, "Message").unwrap_or_default() })
}

async fn s3(cloud: &dyn Hosted, region: &str, path: &str) -> Result<Response, ProvisionError> {
    let uri: Uri = path
        .parse()
        .map_err(|_| ProvisionError::Refused { message: "The specified key does not exist.".to_owned() })?;
    let mut request = http::Request::new(Bytes::new());
    (*request.method_mut(), *request.uri_mut()) = (Method::GET, uri);
    Ok(cloud.handle(region, "s3", request).await)
}

pub(super) type Properties = Result<Option<Map<String, Value>>, ServiceError>;

async fn parameter(cloud: &dyn Hosted, region: &str, name: &str) -> Properties {
    let input = json!({ "Name": name, "WithDecryption": true });
    let answer = call(cloud, region, "ssm", "AmazonSSM.GetParameter", &input).await?;
    Ok(Some(picked(&answer["Parameter"], &["Name", "Type", "Value"])))
}

/// The value is left out: it is meant to change.
async fn secret(cloud: &dyn Hosted, region: &str, arn: &str) -> Properties {
    let answer =
        call(cloud, region, "secretsmanager", "secretsmanager.DescribeSecret", &json!({ "SecretId": arn })).await?;
    if !answer["DeletedDate"].is_null() {
        return Ok(None);
    }
    let mut properties = picked(&answer, &["Name", "KmsKeyId"]);
    properties.insert("Description".to_owned(), answer.get("Description").cloned().unwrap_or_else(|| Value::from("")));
    Ok(Some(properties))
}

async fn queue(cloud: &dyn Hosted, region: &str, url: &str) -> Properties {
    let input = json!({ "QueueUrl": url, "AttributeNames": ["All"] });
    let answer = call(cloud, region, "sqs", "AmazonSQS.GetQueueAttributes", &input).await?;
    let names = [
        "ContentBasedDeduplication",
        "DelaySeconds",
        "FifoQueue",
        "KmsMasterKeyId",
        "MaximumMessageSize",
        "MessageRetentionPeriod",
        "ReceiveMessageWaitTimeSeconds",
        "SqsManagedSseEnabled",
        "VisibilityTimeout",
    ];
    let attributes = &answer["Attributes"];
    let mut properties = picked(attributes, &names);
    let redrive = attributes["RedrivePolicy"].as_str().and_then(|policy| serde_json::from_str(policy).ok());
    properties.insert("RedrivePolicy".to_owned(), redrive.unwrap_or(Value::Null));
    Ok(Some(properties))
}

async fn table(cloud: &dyn Hosted, region: &str, name: &str) -> Properties {
    let input = json!({ "TableName": name });
    let ask = |operation: &'static str| call(cloud, region, "dynamodb", operation, &input);
    let described = ask("DynamoDB_20120810.DescribeTable").await?;
    let table = &described["Table"];
    let mut properties = picked(table, &["DeletionProtectionEnabled", "KeySchema"]);
    if let Some(mode) = table["BillingModeSummary"].get("BillingMode") {
        properties.insert("BillingMode".to_owned(), mode.clone());
    }
    let living = ask("DynamoDB_20120810.DescribeTimeToLive").await?;
    let living = &living["TimeToLiveDescription"];
    let is_on = living["TimeToLiveStatus"].as_str().is_some_and(|status| status.starts_with("ENABL"));
    let mut expiry = json!({ "Enabled": is_on });
    if is_on {
        expiry["AttributeName"] = living["AttributeName"].clone();
    }
    properties.insert("TimeToLiveSpecification".to_owned(), expiry);
    Ok(Some(properties))
}

/// What differs between regions stands with the replicas, this region's own among them.
async fn global_table(cloud: &dyn Hosted, region: &str, name: &str) -> Properties {
    let input = json!({ "TableName": name });
    let Some(mut properties) = table(cloud, region, name).await? else { return Ok(None) };
    let described = call(cloud, region, "dynamodb", "DynamoDB_20120810.DescribeTable", &input).await?;
    let others = described["Table"]["Replicas"].as_array().cloned().unwrap_or_default();
    let mut regions: Vec<&str> = others.iter().filter_map(|replica| replica["RegionName"].as_str()).collect();
    if !regions.contains(&region) {
        regions.push(region);
    }
    let mut replicas = Vec::new();
    for region in regions {
        let ask = |operation: &'static str| call(cloud, region, "dynamodb", operation, &input);
        let table = ask("DynamoDB_20120810.DescribeTable").await?;
        let backups = ask("DynamoDB_20120810.DescribeContinuousBackups").await?;
        let backups = &backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"];
        let is_on = backups["PointInTimeRecoveryStatus"] == "ENABLED";
        replicas.push(json!({
            "Region": region,
            "DeletionProtectionEnabled": table["Table"]["DeletionProtectionEnabled"] == true,
            "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": is_on },
        }));
    }
    properties.insert("Replicas".to_owned(), Value::Array(replicas));
    Ok(Some(properties))
}

async fn service(cloud: &dyn Hosted, region: &str, arn: &str) -> Properties {
    let cluster = arn.rsplit('/').nth(1).unwrap_or_default();
    let input = json!({ "cluster": cluster, "services": [arn] });
    let target = "AmazonEC2ContainerServiceV20141113.DescribeServices";
    let answer = call(cloud, region, "ecs", target, &input).await?;
    let found = answer["services"].as_array().and_then(|services| services.first());
    let Some(service) = found.filter(|service| service["status"] == "ACTIVE") else { return Ok(None) };
    Ok(Some(Map::from_iter([
        ("DesiredCount".to_owned(), service["desiredCount"].clone()),
        ("TaskDefinition".to_owned(), service["taskDefinition"].clone()),
    ])))
}

/// What a path of a service tells; None for what is not there.
pub(super) async fn get(
    cloud: &dyn Hosted,
    region: &str,
    service: &str,
    path: &str,
) -> Result<Option<String>, ServiceError> {
    let uri: Uri = path.parse().map_err(|error| ServiceError::internal(&error))?;
    let mut request = http::Request::new(Bytes::new());
    (*request.method_mut(), *request.uri_mut()) = (Method::GET, uri);
    let response = cloud.handle(region, service, request).await;
    let text = String::from_utf8_lossy(response.body()).into_owned();
    match response.status() {
        StatusCode::NOT_FOUND => Ok(None),
        status if status.is_success() => Ok(Some(text)),
        status => Err(ServiceError::new("InternalError", format!("{service} answers {status}: {text}"))),
    }
}

/// A property as the service tells it. What the template says within it and no service keeps is not looked at, and a
/// text that stands for a document stays one.
pub(super) fn told(request: &ReadRequest, property: &str, value: Value) -> Value {
    match request.properties.get(property) {
        Some(Value::String(text)) if serde_json::from_str::<Value>(text).is_ok_and(|meant| meant == value) => {
            Value::String(text.clone())
        }
        Some(wanted) => completed(wanted, value),
        None => value,
    }
}

fn completed(wanted: &Value, mut value: Value) -> Value {
    match (wanted, &mut value) {
        (Value::Object(wanted), Value::Object(fields)) => {
            for (name, wanted) in wanted {
                let known = fields.remove(name);
                fields.insert(name.clone(), known.map_or_else(|| wanted.clone(), |known| completed(wanted, known)));
            }
        }
        (Value::Array(wanted), Value::Array(members)) => {
            for (wanted, member) in wanted.iter().zip(members) {
                *member = completed(wanted, member.take());
            }
        }
        _ => {}
    }
    value
}

pub(super) async fn call(
    cloud: &dyn Hosted,
    region: &str,
    service: &str,
    target: &'static str,
    input: &Value,
) -> Result<Value, ServiceError> {
    let mut request = http::Request::new(Bytes::from(input.to_string()));
    *request.method_mut() = http::Method::POST;
    request.headers_mut().insert("x-amz-target", HeaderValue::from_static(target));
    let kind = if service == "ssm" || service == "secretsmanager" { "1.1" } else { "1.0" };
    let kind = HeaderValue::from_str(&format!("application/x-amz-json-{kind}"));
    request.headers_mut().insert(http::header::CONTENT_TYPE, kind.map_err(|error| ServiceError::internal(&error))?);
    let response = cloud.handle(region, service, request).await;
    let body: Value = serde_json::from_slice(response.body()).map_err(|error| ServiceError::internal(&error))?;
    if response.status().is_success() {
        return Ok(body);
    }
    let code = body["__type"].as_str().and_then(|code| code.rsplit('#').next()).unwrap_or("InternalFailure");
    let message = body["message"].as_str().or_else(|| body["Message"].as_str()).unwrap_or_default();
    Err(ServiceError { status: response.status().as_u16(), code: code.to_owned(), message: message.to_owned() })
}

fn is_gone(error: &ServiceError) -> bool {
    let code = error.code.as_str();
    ["NotFound", "NonExistentQueue", "QueueDoesNotExist"].iter().any(|part| code.contains(part))
}

pub(super) fn picked(from: &Value, names: &[&str]) -> Map<String, Value> {
    names.iter().filter_map(|name| Some(((*name).to_owned(), from.get(name)?.clone()))).collect()
}

fn refused(lookup: &Lookup, error: ServiceError) -> ProvisionError {
    let message = match lookup {
        Lookup::Parameter { name, version } if error.code.starts_with("Parameter") => {
            let version = version.as_ref().map(|version| format!(":{version}")).unwrap_or_default();
            format!("Parameters: [ssm:{name}{version}] cannot be found.")
        }
        _ => error.message,
    };
    ProvisionError::Refused { message }
}
