//! Looking at keys, topics, alarms and pools, as [`super::reading`] looks at the others.

use super::reading::{Properties, call, picked};
use crate::hosting::Hosted;
use crate::services::wire::ServiceError;
use bytes::Bytes;
use serde_json::{Map, Value, json};

/// None for a type that is not looked at here.
pub(super) async fn read(cloud: &dyn Hosted, region: &str, resource_type: &str, id: &str) -> Option<Properties> {
    Some(match resource_type {
        "AWS::CloudWatch::Alarm" => alarm(cloud, region, id).await,
        "AWS::Cognito::UserPool" => pool(cloud, region, id).await,
        "AWS::KMS::Key" => key(cloud, region, id).await,
        "AWS::SNS::Topic" => topic(cloud, region, id).await,
        _ => return None,
    })
}

async fn key(cloud: &dyn Hosted, region: &str, id: &str) -> Properties {
    let input = json!({ "KeyId": id });
    let described = call(cloud, region, "kms", "TrentService.DescribeKey", &input).await?;
    let key = &described["KeyMetadata"];
    if key["KeyState"] == "PendingDeletion" {
        return Ok(None);
    }
    let rotation = call(cloud, region, "kms", "TrentService.GetKeyRotationStatus", &input).await?;
    let policy = call(cloud, region, "kms", "TrentService.GetKeyPolicy", &input).await?;
    let policy = policy["Policy"].as_str().and_then(|policy| serde_json::from_str(policy).ok());
    let mut properties = picked(key, &["Description", "Enabled", "KeySpec", "KeyUsage", "MultiRegion"]);
    properties.insert("EnableKeyRotation".to_owned(), rotation["KeyRotationEnabled"].clone());
    properties.extend(policy.map(|policy: Value| ("KeyPolicy".to_owned(), policy)));
    Ok(Some(properties))
}

async fn alarm(cloud: &dyn Hosted, region: &str, name: &str) -> Properties {
    let input = json!({ "AlarmNames": [name] });
    let answer = call(cloud, region, "monitoring", "GraniteServiceVersion20100801.DescribeAlarms", &input).await?;
    let found = answer["MetricAlarms"].as_array().and_then(|alarms| alarms.first());
    let names = [
        "ActionsEnabled",
        "AlarmActions",
        "AlarmDescription",
        "AlarmName",
        "ComparisonOperator",
        "EvaluationPeriods",
        "MetricName",
        "Namespace",
        "Period",
        "Statistic",
        "Threshold",
        "TreatMissingData",
    ];
    Ok(found.map(|alarm| picked(alarm, &names)))
}

async fn pool(cloud: &dyn Hosted, region: &str, id: &str) -> Properties {
    let target = "AWSCognitoIdentityProviderService.DescribeUserPool";
    let answer = call(cloud, region, "cognito-idp", target, &json!({ "UserPoolId": id })).await?;
    Ok(Some(picked(&answer["UserPool"], &["DeletionProtection", "MfaConfiguration", "Policies", "UserPoolTier"])))
}

/// SNS speaks the query protocol alone.
async fn topic(cloud: &dyn Hosted, region: &str, arn: &str) -> Properties {
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
    let answer = crate::services::route53::xml::parse(&text).unwrap_or_default();
    let entries = crate::services::route53::xml::many(&answer["GetTopicAttributesResult"]["Attributes"]["entry"]);
    let all: Map<String, Value> = entries
        .into_iter()
        .filter_map(|entry| Some((entry["key"].as_str()?.to_owned(), entry["value"].clone())))
        .collect();
    let names = ["ContentBasedDeduplication", "DisplayName", "FifoTopic", "KmsMasterKeyId", "SignatureVersion"];
    Ok(Some(picked(&Value::Object(all), &names)))
}
