//! Looking at what is declared once and used by others: alarms, keys, pools, functions, rules, repositories, log groups.

use super::reading::{Properties, call, get, picked, told};
use crate::hosting::Hosted;
use crate::provision::ReadRequest;
use serde_json::{Map, Value, json};

/// None for a type that is not looked at here.
pub(super) async fn read(cloud: &dyn Hosted, request: &ReadRequest) -> Option<Properties> {
    Some(match request.resource_type.as_str() {
        "AWS::CloudWatch::Alarm" => alarm(cloud, request, "MetricAlarms").await,
        "AWS::CloudWatch::CompositeAlarm" => alarm(cloud, request, "CompositeAlarms").await,
        "AWS::Cognito::UserPool" => pool(cloud, request).await,
        "AWS::Cognito::UserPoolGroup" => group(cloud, request).await,
        "AWS::ECR::Repository" => repository(cloud, request).await,
        "AWS::Events::Rule" => rule(cloud, request).await,
        "AWS::KMS::Key" => key(cloud, request).await,
        "AWS::Lambda::Function" => function(cloud, request).await,
        "AWS::Logs::LogGroup" => log_group(cloud, request).await,
        _ => return None,
    })
}

async fn key(cloud: &dyn Hosted, request: &ReadRequest) -> Properties {
    let input = json!({ "KeyId": request.physical_id });
    let ask = |operation: &'static str| call(cloud, &request.region, "kms", operation, &input);
    let described = ask("TrentService.DescribeKey").await?;
    let key = &described["KeyMetadata"];
    if key["KeyState"] == "PendingDeletion" {
        return Ok(None);
    }
    let rotation = ask("TrentService.GetKeyRotationStatus").await?;
    let policy = ask("TrentService.GetKeyPolicy").await?;
    let policy = policy["Policy"].as_str().and_then(|policy| serde_json::from_str(policy).ok());
    let mut properties = picked(key, &["Description", "Enabled", "KeySpec", "KeyUsage", "MultiRegion"]);
    properties.insert("EnableKeyRotation".to_owned(), rotation["KeyRotationEnabled"].clone());
    properties.extend(policy.map(|policy: Value| ("KeyPolicy".to_owned(), policy)));
    Ok(Some(properties))
}

/// What an alarm does not have, it does not show.
const OF_ALARMS: [&str; 23] = [
    "ActionsEnabled",
    "AlarmActions",
    "AlarmDescription",
    "AlarmName",
    "AlarmRule",
    "ComparisonOperator",
    "DatapointsToAlarm",
    "Dimensions",
    "EvaluateLowSampleCountPercentile",
    "EvaluationPeriods",
    "ExtendedStatistic",
    "InsufficientDataActions",
    "MetricName",
    "Metrics",
    "Namespace",
    "OKActions",
    "Period",
    "Statistic",
    "Threshold",
    "ThresholdMetricId",
    "TreatMissingData",
    "Unit",
    "ActionsSuppressor",
];

async fn alarm(cloud: &dyn Hosted, request: &ReadRequest, list: &str) -> Properties {
    let input = json!({ "AlarmNames": [request.physical_id] });
    let target = "GraniteServiceVersion20100801.DescribeAlarms";
    let answer = call(cloud, &request.region, "monitoring", target, &input).await?;
    let found = answer[list].as_array().and_then(|alarms| alarms.first());
    Ok(found.map(|alarm| OF_ALARMS.iter().map(|name| ((*name).to_owned(), alarm[*name].clone())).collect()))
}

async fn pool(cloud: &dyn Hosted, request: &ReadRequest) -> Properties {
    let target = "AWSCognitoIdentityProviderService.DescribeUserPool";
    let input = json!({ "UserPoolId": request.physical_id });
    let answer = call(cloud, &request.region, "cognito-idp", target, &input).await?;
    let names = [
        "AccountRecoverySetting",
        "AdminCreateUserConfig",
        "AliasAttributes",
        "AutoVerifiedAttributes",
        "DeletionProtection",
        "DeviceConfiguration",
        "EmailConfiguration",
        "LambdaConfig",
        "MfaConfiguration",
        "Policies",
        "SmsConfiguration",
        "UserAttributeUpdateSettings",
        "UsernameAttributes",
        "UsernameConfiguration",
        "UserPoolAddOns",
        "UserPoolTier",
        "VerificationMessageTemplate",
    ];
    let pool = &answer["UserPool"];
    let mut properties: Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), pool[*name].clone())).collect();
    // Named differently in the API.
    properties.insert("UserPoolName".to_owned(), pool["Name"].clone());
    properties.insert("Schema".to_owned(), pool["SchemaAttributes"].clone());
    Ok(Some(properties))
}

async fn group(cloud: &dyn Hosted, request: &ReadRequest) -> Properties {
    let target = "AWSCognitoIdentityProviderService.GetGroup";
    let input = json!({ "UserPoolId": request.properties.get("UserPoolId"), "GroupName": request.physical_id });
    let answer = call(cloud, &request.region, "cognito-idp", target, &input).await?;
    let names = ["Description", "GroupName", "Precedence", "RoleArn"];
    Ok(Some(names.iter().map(|name| ((*name).to_owned(), answer["Group"][*name].clone())).collect()))
}

async fn repository(cloud: &dyn Hosted, request: &ReadRequest) -> Properties {
    let target = "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories";
    let input = json!({ "repositoryNames": [request.physical_id] });
    let answer = call(cloud, &request.region, "ecr", target, &input).await?;
    let found = &answer["repositories"][0];
    Ok(Some(Map::from_iter([
        ("RepositoryName".to_owned(), found["repositoryName"].clone()),
        ("ImageTagMutability".to_owned(), found["imageTagMutability"].clone()),
    ])))
}

async fn rule(cloud: &dyn Hosted, request: &ReadRequest) -> Properties {
    let input = json!({ "Name": request.physical_id, "Rule": request.physical_id });
    let ask = |operation: &'static str| call(cloud, &request.region, "events", operation, &input);
    let rule = ask("AWSEvents.DescribeRule").await?;
    let targets = ask("AWSEvents.ListTargetsByRule").await?["Targets"].clone();
    let pattern = rule["EventPattern"].as_str().and_then(|text| serde_json::from_str(text).ok());
    let mut properties = picked(&rule, &["Name", "State"]);
    let description = rule.get("Description").cloned().unwrap_or_else(|| json!(""));
    properties.extend([
        ("Description".to_owned(), description),
        ("EventPattern".to_owned(), told(request, "EventPattern", pattern.unwrap_or(Value::Null))),
        ("ScheduleExpression".to_owned(), rule["ScheduleExpression"].clone()),
        ("Targets".to_owned(), in_order_of(request, "Targets", "Id", targets)),
    ]);
    Ok(Some(properties))
}

/// A list whose members have names comes in the order of the template's.
pub(super) fn in_order_of(request: &ReadRequest, property: &str, name: &str, list: Value) -> Value {
    let Value::Array(mut members) = list else { return list };
    let wanted = request.properties.get(property).and_then(Value::as_array);
    let place = |member: &Value| wanted.and_then(|wanted| wanted.iter().position(|one| one[name] == member[name]));
    members.sort_by_key(|member| place(member).unwrap_or(usize::MAX));
    Value::Array(members)
}

async fn function(cloud: &dyn Hosted, request: &ReadRequest) -> Properties {
    let path = format!("/2015-03-31/functions/{}/configuration", request.physical_id);
    let Some(text) = get(cloud, &request.region, "lambda", &path).await? else { return Ok(None) };
    let function: Value = serde_json::from_str(&text).unwrap_or_default();
    let names = [
        "Architectures",
        "DeadLetterConfig",
        "Description",
        "EphemeralStorage",
        "FunctionName",
        "Handler",
        "MemorySize",
        "Role",
        "Runtime",
        "Timeout",
        "TracingConfig",
        "VpcConfig",
    ];
    let mut properties: Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), function[*name].clone())).collect();
    let variables = function["Environment"].get("Variables").cloned().unwrap_or_else(|| json!({}));
    properties.insert("Environment".to_owned(), json!({ "Variables": variables }));
    properties.insert("KmsKeyArn".to_owned(), function["KMSKeyArn"].clone());
    // Levels say nothing here, so that nobody keeps them.
    properties.insert("LoggingConfig".to_owned(), told(request, "LoggingConfig", function["LoggingConfig"].clone()));
    Ok(Some(properties))
}

async fn log_group(cloud: &dyn Hosted, request: &ReadRequest) -> Properties {
    let name = request.physical_id.as_str();
    let input = json!({ "logGroupNamePrefix": name });
    let answer = call(cloud, &request.region, "logs", "Logs_20140328.DescribeLogGroups", &input).await?;
    // Sorted by name, so that the shortest with this beginning is the first.
    let found = answer["logGroups"].as_array().and_then(|groups| groups.first());
    let Some(group) = found.filter(|group| group["logGroupName"] == name) else { return Ok(None) };
    Ok(Some(Map::from_iter([
        ("KmsKeyId".to_owned(), group["kmsKeyId"].clone()),
        ("LogGroupClass".to_owned(), group["logGroupClass"].clone()),
        ("LogGroupName".to_owned(), group["logGroupName"].clone()),
        ("RetentionInDays".to_owned(), group["retentionInDays"].clone()),
    ])))
}
