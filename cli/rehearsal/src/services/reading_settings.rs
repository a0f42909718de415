//! Looking at what belongs to other resources: policies, records, scaling; and at buckets and topics, which have them.

use super::reading::{Properties, call, get, picked, told};
use super::reading_more::in_order_of;
use super::route53::xml::{many, parse};
use crate::hosting::Hosted;
use crate::provision::ReadRequest;
use crate::services::wire::ServiceError;
use bytes::Bytes;
use serde_json::{Map, Value, json};

/// None for a type that is not looked at here.
pub(super) async fn read(cloud: &dyn Hosted, request: &ReadRequest) -> Option<Properties> {
    Some(match request.resource_type.as_str() {
        "AWS::ApplicationAutoScaling::ScalableTarget" => scalable_target(cloud, request).await,
        "AWS::ApplicationAutoScaling::ScalingPolicy" => scaling_policy(cloud, request).await,
        "AWS::Route53::HealthCheck" => health_check(cloud, request).await,
        "AWS::Route53::HostedZone" => zone(cloud, request).await,
        "AWS::Route53::RecordSet" => record(cloud, request).await,
        "AWS::S3::Bucket" => bucket(cloud, request).await,
        "AWS::S3::BucketPolicy" => bucket_policy(cloud, request).await,
        "AWS::SNS::Topic" => topic(cloud, request).await,
        "AWS::SNS::TopicPolicy" => topic_policy(cloud, request).await,
        "AWS::SQS::QueuePolicy" => queue_policy(cloud, request).await,
        _ => return None,
    })
}

/// SNS speaks the query protocol alone. None where there is no such topic.
async fn topic_attributes(cloud: &dyn Hosted, region: &str, arn: &str) -> Properties {
    let fields = [("Action", "GetTopicAttributes"), ("Version", "2010-03-31"), ("TopicArn", arn)];
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let mut request = http::Request::new(Bytes::from(body));
    *request.method_mut() = http::Method::POST;
    let response = cloud.handle(region, "sns", request).await;
    let text = String::from_utf8_lossy(response.body());
    if response.status() == http::StatusCode::NOT_FOUND {
        return Ok(None);
    }
    if !response.status().is_success() {
        return Err(ServiceError::new("InternalError", text.into_owned()));
    }
    let answer = parse(&text).unwrap_or_default();
    let entries = many(&answer["GetTopicAttributesResult"]["Attributes"]["entry"]);
    let attributes =
        entries.into_iter().filter_map(|entry| Some((entry["key"].as_str()?.to_owned(), entry["value"].clone())));
    Ok(Some(attributes.collect()))
}

async fn topic(cloud: &dyn Hosted, request: &ReadRequest) -> Properties {
    let names = ["ContentBasedDeduplication", "DisplayName", "FifoTopic", "KmsMasterKeyId", "SignatureVersion"];
    let all = topic_attributes(cloud, &request.region, &request.physical_id).await?;
    Ok(all.map(|all| {
        names.iter().map(|name| ((*name).to_owned(), all.get(*name).cloned().unwrap_or(Value::Null))).collect()
    }))
}

/// The first policy that is not as it should be, of all that the resource says; none anywhere is gone.
fn policy(request: &ReadRequest, found: Vec<Option<String>>) -> Option<Map<String, Value>> {
    if found.iter().all(Option::is_none) {
        return None;
    }
    let read = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Value::Null);
    let mut policies: Vec<Value> = found.into_iter().map(|text| told(request, "PolicyDocument", read(text))).collect();
    let wanted = request.properties.get("PolicyDocument");
    let other = policies.iter().position(|policy| Some(policy) != wanted).unwrap_or(0);
    let shown = policies.swap_remove(other);
    Some(Map::from_iter([("PolicyDocument".to_owned(), shown)]))
}

fn names_in<'a>(request: &'a ReadRequest, property: &str) -> impl Iterator<Item = &'a str> {
    request.properties.get(property).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

async fn topic_policy(cloud: &dyn Hosted, request: &ReadRequest) -> Properties {
    let mut found = Vec::new();
    for arn in names_in(request, "Topics") {
        let attributes = topic_attributes(cloud, &request.region, arn).await?;
        found.push(attributes.and_then(|all| Some(all.get("Policy")?.as_str()?.to_owned())));
    }
    Ok(policy(request, found))
}

async fn queue_policy(cloud: &dyn Hosted, request: &ReadRequest) -> Properties {
    let mut found = Vec::new();
    for url in names_in(request, "Queues") {
        let input = json!({ "QueueUrl": url, "AttributeNames": ["Policy"] });
        let answer = call(cloud, &request.region, "sqs", "AmazonSQS.GetQueueAttributes", &input).await;
        // A queue that is gone took its policy along.
        let text = answer.ok().and_then(|answer| answer["Attributes"]["Policy"].as_str().map(str::to_owned));
        found.push(text.filter(|text| !text.is_empty()));
    }
    Ok(policy(request, found))
}

async fn bucket_policy(cloud: &dyn Hosted, request: &ReadRequest) -> Properties {
    let found = get(cloud, &request.region, "s3", &format!("/{}?policy", request.physical_id)).await?;
    Ok(policy(request, vec![found]))
}

async fn bucket(cloud: &dyn Hosted, request: &ReadRequest) -> Properties {
    let name = request.physical_id.as_str();
    let region = request.region.as_str();
    let ask = async |setting: &str| get(cloud, region, "s3", &format!("/{name}?{setting}")).await;
    let Some(versioning) = ask("versioning").await? else { return Ok(None) };
    let versioning = parse(&versioning).unwrap_or_default();
    let status = versioning.get("Status").map_or(Value::Null, |status| json!({ "Status": status }));
    let block = ask("publicAccessBlock").await?.and_then(|text| parse(&text)).unwrap_or(Value::Null);
    let encryption = ask("encryption").await?.and_then(|text| parse(&text)).unwrap_or_default();
    let rules: Vec<Value> = many(&encryption["Rule"])
        .into_iter()
        .map(|rule| json!({ "ServerSideEncryptionByDefault": rule["ApplyServerSideEncryptionByDefault"] }))
        .collect();
    Ok(Some(Map::from_iter([
        ("BucketName".to_owned(), json!(name)),
        ("VersioningConfiguration".to_owned(), status),
        ("PublicAccessBlockConfiguration".to_owned(), told(request, "PublicAccessBlockConfiguration", block)),
        (
            "BucketEncryption".to_owned(),
            told(request, "BucketEncryption", json!({ "ServerSideEncryptionConfiguration": rules })),
        ),
    ])))
}

async fn scalable_target(cloud: &dyn Hosted, request: &ReadRequest) -> Properties {
    let resource = request.physical_id.split('|').next().unwrap_or_default();
    let ask = async |operation: &'static str| {
        let input = json!({ "ServiceNamespace": "ecs", "ResourceIds": [resource], "ResourceId": resource });
        call(cloud, &request.region, "application-autoscaling", operation, &input).await
    };
    let targets = ask("AnyScaleFrontendService.DescribeScalableTargets").await?;
    let Some(target) = targets["ScalableTargets"].as_array().and_then(|targets| targets.first()) else {
        return Ok(None);
    };
    let actions = ask("AnyScaleFrontendService.DescribeScheduledActions").await?["ScheduledActions"].clone();
    let actions = in_order_of(request, "ScheduledActions", "ScheduledActionName", actions);
    let names = ["MaxCapacity", "MinCapacity", "ResourceId", "ScalableDimension", "ServiceNamespace", "SuspendedState"];
    let mut properties = picked(target, &names);
    properties.insert("ScheduledActions".to_owned(), told(request, "ScheduledActions", actions));
    Ok(Some(properties))
}

async fn scaling_policy(cloud: &dyn Hosted, request: &ReadRequest) -> Properties {
    let input = json!({ "ServiceNamespace": "ecs" });
    let target = "AnyScaleFrontendService.DescribeScalingPolicies";
    let answer = call(cloud, &request.region, "application-autoscaling", target, &input).await?;
    let all = answer["ScalingPolicies"].as_array().cloned().unwrap_or_default();
    let Some(found) = all.iter().find(|policy| policy["PolicyARN"] == request.physical_id) else { return Ok(None) };
    let configuration = "TargetTrackingScalingPolicyConfiguration";
    let mut properties = picked(found, &["PolicyName", "PolicyType"]);
    properties.insert(configuration.to_owned(), found[configuration].clone());
    Ok(Some(properties))
}

async fn route53(cloud: &dyn Hosted, request: &ReadRequest, path: &str) -> Result<Option<Value>, ServiceError> {
    let found = get(cloud, &request.region, "route53", &format!("/2013-04-01/{path}")).await?;
    Ok(found.and_then(|text| parse(&text)))
}

async fn zone(cloud: &dyn Hosted, request: &ReadRequest) -> Properties {
    let found = route53(cloud, request, &format!("hostedzone/{}", request.physical_id)).await?;
    let named = |zone: Value| {
        let name = without_dot(request, "Name", zone["HostedZone"]["Name"].clone());
        Map::from_iter([("Name".to_owned(), name)])
    };
    Ok(found.map(named))
}

async fn health_check(cloud: &dyn Hosted, request: &ReadRequest) -> Properties {
    let found = route53(cloud, request, &format!("healthcheck/{}", request.physical_id)).await?;
    let config = |check: Value| {
        let mut config = check["HealthCheck"]["HealthCheckConfig"].clone();
        for (list, member) in [("ChildHealthChecks", "ChildHealthCheck"), ("Regions", "Region")] {
            if config[list].is_object() {
                config[list] = many(&config[list][member]).into_iter().cloned().collect();
            }
        }
        Map::from_iter([("HealthCheckConfig".to_owned(), config)])
    };
    Ok(found.map(config))
}

async fn record(cloud: &dyn Hosted, request: &ReadRequest) -> Properties {
    let wanted = |name: &str| request.properties.get(name).and_then(Value::as_str).unwrap_or_default();
    let zone = match wanted("HostedZoneId") {
        "" => {
            let zones =
                route53(cloud, request, &format!("hostedzonesbyname?dnsname={}", wanted("HostedZoneName"))).await?;
            let zones = zones.unwrap_or_default();
            let first = many(&zones["HostedZones"]["HostedZone"]).first().map(|zone| zone["Id"].clone());
            first.and_then(|id| id.as_str().map(str::to_owned)).unwrap_or_default()
        }
        id => id.to_owned(),
    };
    let zone = zone.trim_start_matches("/hostedzone/");
    let Some(found) = route53(cloud, request, &format!("hostedzone/{zone}/rrset")).await? else { return Ok(None) };
    let whole = |name: &str| name.trim_end_matches('.').to_ascii_lowercase();
    let is_it = |set: &&Value| {
        let text = |name: &str| set[name].as_str().unwrap_or_default();
        whole(text("Name")) == whole(wanted("Name"))
            && text("Type") == wanted("Type")
            && text("SetIdentifier") == wanted("SetIdentifier")
    };
    let sets = many(&found["ResourceRecordSets"]["ResourceRecordSet"]);
    let Some(set) = sets.into_iter().find(is_it) else { return Ok(None) };
    let names = [
        "AliasTarget",
        "Failover",
        "HealthCheckId",
        "MultiValueAnswer",
        "Region",
        "SetIdentifier",
        "TTL",
        "Type",
        "Weight",
    ];
    let mut properties: Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), set[*name].clone())).collect();
    let values: Vec<Value> =
        many(&set["ResourceRecords"]["ResourceRecord"]).into_iter().map(|record| record["Value"].clone()).collect();
    properties.insert("ResourceRecords".to_owned(), if values.is_empty() { Value::Null } else { Value::Array(values) });
    properties.insert("Name".to_owned(), without_dot(request, "Name", set["Name"].clone()));
    Ok(Some(properties))
}

/// Names in the DNS end with a dot, whether the template says so or not.
fn without_dot(request: &ReadRequest, property: &str, name: Value) -> Value {
    let wanted = request.properties.get(property);
    let plain =
        |name: Option<&Value>| name.and_then(Value::as_str).map(|name| name.trim_end_matches('.').to_ascii_lowercase());
    if plain(wanted) == plain(Some(&name)) { wanted.cloned().unwrap_or(name) } else { name }
}
