//! Changes past CloudFormation, over the wire: every hosted type tells of them, and tells nothing where nothing changed.

use crate::supervised::{Said, Supervised};
use crate::support::{ACCOUNT, REGION};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const STACK: &str = "drifting";

fn policy(action: &str) -> Value {
    let statement = json!({ "Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*" });
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

/// One resource of each type, by logical id.
fn resources() -> Value {
    let role = format!("arn:aws:iam::{ACCOUNT}:role/worker");
    json!({
        "Alarm": ["AWS::CloudWatch::Alarm", {
            "AlarmName": "deep", "Namespace": "AWS/SQS", "MetricName": "Depth", "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold",
            "Dimensions": [{ "Name": "QueueName", "Value": "jobs" }], "AlarmActions": [{ "Ref": "Topic" }],
        }],
        "Bucket": ["AWS::S3::Bucket", {
            "BucketName": "drifting-files", "VersioningConfiguration": { "Status": "Enabled" },
            "PublicAccessBlockConfiguration": { "BlockPublicAcls": true, "BlockPublicPolicy": true },
            "BucketEncryption": { "ServerSideEncryptionConfiguration": [
                { "BucketKeyEnabled": true, "ServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "key" } },
            ] },
        }],
        "BucketPolicy": ["AWS::S3::BucketPolicy", { "Bucket": { "Ref": "Bucket" }, "PolicyDocument": policy("s3:GetObject") }],
        "Check": ["AWS::Route53::HealthCheck", { "HealthCheckConfig": {
            "Type": "HTTPS", "FullyQualifiedDomainName": "api.example.com", "Port": 443, "RequestInterval": 30, "FailureThreshold": 3,
        } }],
        "Cluster": ["AWS::ECS::Cluster", { "ClusterName": "como" }],
        "Composite": ["AWS::CloudWatch::CompositeAlarm", { "AlarmName": "any", "AlarmRule": "ALARM(\"deep\")" }],
        "Definition": ["AWS::ECS::TaskDefinition", {
            "Family": "worker", "Cpu": "256", "Memory": "512", "NetworkMode": "awsvpc", "RequiresCompatibilities": ["FARGATE"],
            "ContainerDefinitions": [{ "Name": "worker", "Image": "worker:1" }],
        }],
        "Function": ["AWS::Lambda::Function", {
            "FunctionName": "clean", "Runtime": "python3.13", "Handler": "index.handler", "Role": role, "MemorySize": 256,
            "Environment": { "Variables": { "LEVEL": 3 } }, "Code": { "ZipFile": "def handler(event, context): pass" },
            "LoggingConfig": { "LogFormat": "JSON", "ApplicationLogLevel": "INFO" }, "Timeout": 10,
        }],
        "Group": ["AWS::Cognito::UserPoolGroup", { "UserPoolId": { "Ref": "Pool" }, "GroupName": "staff", "Description": "all" }]
    })
}

/// The others.
fn more_resources() -> Value {
    let role = format!("arn:aws:iam::{ACCOUNT}:role/worker");
    let scaled = json!({ "Fn::Sub": "service/${Cluster}/${Service.Name}" });
    json!({
        "Key": ["AWS::KMS::Key", { "Description": "of the data", "EnableKeyRotation": true, "KeyPolicy": policy("kms:*") }],
        "Logs": ["AWS::Logs::LogGroup", { "LogGroupName": "/como/worker", "RetentionInDays": 30 }],
        "Parameter": ["AWS::SSM::Parameter", { "Name": "/drifting", "Type": "String", "Value": "a" }],
        "Pool": ["AWS::Cognito::UserPool", {
            "UserPoolName": "members", "MfaConfiguration": "OFF", "UsernameAttributes": ["email"],
            "Policies": { "PasswordPolicy": { "MinimumLength": 12 } },
        }],
        "Queue": ["AWS::SQS::Queue", { "QueueName": "jobs", "DelaySeconds": 5, "RedriveAllowPolicy": { "redrivePermission": "denyAll" } }],
        "QueuePolicy": ["AWS::SQS::QueuePolicy", { "Queues": [{ "Ref": "Queue" }], "PolicyDocument": policy("sqs:SendMessage") }],
        "Record": ["AWS::Route53::RecordSet", {
            "HostedZoneId": { "Ref": "Zone" }, "Name": "api.example.com", "Type": "A", "TTL": "60", "ResourceRecords": ["192.0.2.1"],
        }],
        "Repository": ["AWS::ECR::Repository", { "RepositoryName": "worker", "ImageTagMutability": "IMMUTABLE" }],
        "Rule": ["AWS::Events::Rule", {
            "Name": "told", "EventPattern": { "source": ["como"] }, "State": "ENABLED",
            "Targets": [{ "Id": "b", "Arn": { "Fn::GetAtt": ["Queue", "Arn"] } }, { "Id": "a", "Arn": { "Ref": "Topic" } }],
        }],
        "Secret": ["AWS::SecretsManager::Secret", { "Name": "drifting", "Description": "a", "SecretString": "hush" }],
        "Service": ["AWS::ECS::Service", {
            "Cluster": { "Ref": "Cluster" }, "ServiceName": "worker", "TaskDefinition": { "Ref": "Definition" }, "DesiredCount": 0,
        }],
        "Scaled": ["AWS::ApplicationAutoScaling::ScalableTarget", {
            "ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount", "ResourceId": scaled,
            "MinCapacity": 0, "MaxCapacity": 4, "RoleARN": role,
        }],
        "Scaling": ["AWS::ApplicationAutoScaling::ScalingPolicy", {
            "PolicyName": "cpu", "PolicyType": "TargetTrackingScaling", "ScalingTargetId": { "Ref": "Scaled" },
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 50, "PredefinedMetricSpecification": { "PredefinedMetricType": "ECSServiceAverageCPUUtilization" },
            },
        }],
        "Table": ["AWS::DynamoDB::GlobalTable", {
            "TableName": "rows", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
            "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
            "Replicas": [{ "Region": REGION, "DeletionProtectionEnabled": true }],
        }],
        "Topic": ["AWS::SNS::Topic", { "TopicName": "alerts", "DisplayName": "Alerts" }],
        "TopicPolicy": ["AWS::SNS::TopicPolicy", { "Topics": [{ "Ref": "Topic" }], "PolicyDocument": policy("sns:Publish") }],
        "Zone": ["AWS::Route53::HostedZone", { "Name": "example.com" }],
    })
}

fn template() -> Value {
    let (some, others) = (resources(), more_resources());
    let declared = some.as_object().unwrap().iter().chain(others.as_object().unwrap());
    let declared: serde_json::Map<String, Value> =
        declared.map(|(name, one)| (name.clone(), json!({ "Type": one[0], "Properties": one[1] }))).collect();
    json!({ "Resources": declared })
}

fn json_call(operation: &'static str, input: Value) -> Said<'static> {
    Said::Json { operation, input }
}

fn rest(method: &'static str, path: String, body: &str) -> Said<'static> {
    Said::Rest { method, path, body: body.to_owned() }
}

/// By logical id: a call of a service, in its protocol, and what drift detection has to say then.
fn changes(ids: &BTreeMap<String, String>) -> Vec<(&'static str, &'static str, Said<'static>, &'static str)> {
    let id = |name: &str| ids[name].clone();
    let topic = |name: &'static str, value: &str| {
        let fields = [("Action", "SetTopicAttributes"), ("Version", "2010-03-31"), ("AttributeName", name)];
        let mut fields: Vec<(&'static str, String)> = fields.map(|(name, value)| (name, value.to_owned())).to_vec();
        fields.extend([("TopicArn", id("Topic")), ("AttributeValue", value.to_owned())]);
        Said::Query { fields }
    };
    let queue = |name: &str, value: String| {
        let mut attributes = json!({});
        attributes[name] = json!(value);
        json_call("SetQueueAttributes", json!({ "QueueUrl": id("Queue"), "Attributes": attributes }))
    };
    let alarm = json!({
        "AlarmName": "deep", "Namespace": "AWS/SQS", "MetricName": "Depth", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 5.0, "ComparisonOperator": "GreaterThanThreshold",
        "Dimensions": [{ "Name": "QueueName", "Value": "others" }], "AlarmActions": [id("Topic")],
    });
    let composite = json!({ "AlarmName": "any", "AlarmRule": "OK(\"deep\")" });
    let pool = json!({ "UserPoolId": id("Pool"), "MfaConfiguration": "OFF", "Policies": { "PasswordPolicy": { "MinimumLength": 8 } } });
    let upsert = "<ChangeResourceRecordSetsRequest><ChangeBatch><Changes><Change><Action>UPSERT</Action><ResourceRecordSet>\
                  <Name>api.example.com.</Name><Type>A</Type><TTL>300</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.1</Value>\
                  </ResourceRecord></ResourceRecords></ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>";
    let check = "<UpdateHealthCheckRequest><FailureThreshold>5</FailureThreshold></UpdateHealthCheckRequest>";
    let scaled = json!({
        "ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount", "ResourceId": "service/como/worker", "MaxCapacity": 9,
    });
    let mut scaling = scaled.clone();
    scaling["PolicyName"] = json!("cpu");
    scaling["PolicyType"] = json!("TargetTrackingScaling");
    scaling["TargetTrackingScalingPolicyConfiguration"] = json!({
        "TargetValue": 70.0, "PredefinedMetricSpecification": { "PredefinedMetricType": "ECSServiceAverageCPUUtilization" },
    });
    let secret = json!({ "SecretId": "drifting", "Description": "b" });
    vec![
        ("Alarm", "monitoring", json_call("PutMetricAlarm", alarm), "NOT_EQUAL /Dimensions/0/Value"),
        (
            "Bucket",
            "s3",
            rest("DELETE", "/drifting-files?publicAccessBlock".to_owned(), ""),
            "REMOVE /PublicAccessBlockConfiguration",
        ),
        (
            "BucketPolicy",
            "s3",
            rest("PUT", "/drifting-files?policy".to_owned(), &policy("s3:*").to_string()),
            "NOT_EQUAL /PolicyDocument/Statement/0/Action",
        ),
        (
            "Check",
            "route53",
            rest("POST", format!("/2013-04-01/healthcheck/{}", id("Check")), check),
            "NOT_EQUAL /HealthCheckConfig/FailureThreshold",
        ),
        ("Composite", "monitoring", json_call("PutCompositeAlarm", composite), "NOT_EQUAL /AlarmRule"),
        (
            "Function",
            "lambda",
            rest("PUT", "/2015-03-31/functions/clean/configuration".to_owned(), r#"{"MemorySize": 512}"#),
            "NOT_EQUAL /MemorySize",
        ),
        (
            "Group",
            "cognito-idp",
            json_call("UpdateGroup", json!({ "UserPoolId": id("Pool"), "GroupName": "staff", "Description": "some" })),
            "NOT_EQUAL /Description",
        ),
        ("Key", "kms", json_call("DisableKeyRotation", json!({ "KeyId": id("Key") })), "NOT_EQUAL /EnableKeyRotation"),
        (
            "Logs",
            "logs",
            json_call("DeleteRetentionPolicy", json!({ "logGroupName": "/como/worker" })),
            "REMOVE /RetentionInDays",
        ),
        (
            "Parameter",
            "ssm",
            json_call("PutParameter", json!({ "Name": "/drifting", "Value": "b", "Overwrite": true })),
            "NOT_EQUAL /Value",
        ),
        ("Pool", "cognito-idp", json_call("UpdateUserPool", pool), "NOT_EQUAL /Policies/PasswordPolicy/MinimumLength"),
        ("Queue", "sqs", queue("DelaySeconds", "9".to_owned()), "NOT_EQUAL /DelaySeconds"),
        (
            "QueuePolicy",
            "sqs",
            queue("Policy", policy("sqs:*").to_string()),
            "NOT_EQUAL /PolicyDocument/Statement/0/Action",
        ),
        (
            "Record",
            "route53",
            rest("POST", format!("/2013-04-01/hostedzone/{}/rrset", id("Zone")), upsert),
            "NOT_EQUAL /TTL",
        ),
        ("Repository", "ecr", json_call("DeleteRepository", json!({ "repositoryName": "worker" })), "DELETED"),
        ("Rule", "events", json_call("RemoveTargets", json!({ "Rule": "told", "Ids": ["a"] })), "REMOVE /Targets/1"),
        ("Scaled", "application-autoscaling", json_call("RegisterScalableTarget", scaled), "NOT_EQUAL /MaxCapacity"),
        (
            "Scaling",
            "application-autoscaling",
            json_call("PutScalingPolicy", scaling),
            "NOT_EQUAL /TargetTrackingScalingPolicyConfiguration/TargetValue",
        ),
        ("Secret", "secretsmanager", json_call("UpdateSecret", secret), "NOT_EQUAL /Description"),
        (
            "Service",
            "ecs",
            json_call("UpdateService", json!({ "cluster": "como", "service": "worker", "desiredCount": 1 })),
            "NOT_EQUAL /DesiredCount",
        ),
        (
            "Table",
            "dynamodb",
            json_call("UpdateTable", json!({ "TableName": "rows", "DeletionProtectionEnabled": false })),
            "NOT_EQUAL /Replicas/0/DeletionProtectionEnabled",
        ),
        ("Topic", "sns", topic("DisplayName", "Others"), "NOT_EQUAL /DisplayName"),
        (
            "TopicPolicy",
            "sns",
            topic("Policy", &policy("sns:*").to_string()),
            "NOT_EQUAL /PolicyDocument/Statement/0/Action",
        ),
    ]
}

/// What each resource that drift detection looked at is said to be: its status, or what differs.
async fn drifts(cloud: &Supervised) -> BTreeMap<String, String> {
    let id = cloud.cloudformation("DetectStackDrift", &[("StackName", STACK)]).await.one("StackDriftDetectionId");
    loop {
        let ask = [("StackDriftDetectionId", id.as_str())];
        let answer = cloud.cloudformation("DescribeStackDriftDetectionStatus", &ask).await;
        if answer.one("DetectionStatus") == "DETECTION_COMPLETE" {
            break;
        }
        assert_eq!(answer.one("DetectionStatus"), "DETECTION_IN_PROGRESS", "{}", answer.text);
    }
    let answer = cloud.cloudformation("DescribeStackResourceDrifts", &[("StackName", STACK)]).await;
    // Members of members, so that each resource's part ends with its status.
    let parts = answer.text.split("<StackResourceDriftStatus>").collect::<Vec<_>>();
    let text = |part: &str, tag: &str| -> Vec<String> {
        part.split(&format!("<{tag}>")).skip(1).filter_map(|rest| rest.split('<').next()).map(str::to_owned).collect()
    };
    let mut found = BTreeMap::new();
    for (before, after) in parts.iter().zip(parts.iter().skip(1)) {
        let name = text(before, "LogicalResourceId").pop().unwrap();
        let status = after.split('<').next().unwrap().to_owned();
        let kinds = text(before, "DifferenceType").into_iter().zip(text(before, "PropertyPath"));
        let said: Vec<String> = kinds.map(|(kind, path)| format!("{kind} {path}")).collect();
        found.insert(name, if status == "MODIFIED" { said.join(", ") } else { status });
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_hosted_type_tells_of_a_change_and_of_nothing_else() {
    let cloud = Supervised::start().await;
    let body = template().to_string();
    cloud.cloudformation("CreateStack", &[("StackName", STACK), ("TemplateBody", &body)]).await;
    let status = loop {
        let status = cloud.cloudformation("DescribeStacks", &[("StackName", STACK)]).await.one("StackStatus");
        if !status.ends_with("IN_PROGRESS") {
            break status;
        }
    };
    if status != "CREATE_COMPLETE" {
        let events = cloud.cloudformation("DescribeStackEvents", &[("StackName", STACK)]).await;
        panic!("{status}: {:#?}", events.all("ResourceStatusReason"));
    }
    let listed = cloud.cloudformation("ListStackResources", &[("StackName", STACK)]).await;
    let ids: BTreeMap<String, String> =
        listed.all("LogicalResourceId").into_iter().zip(listed.all("PhysicalResourceId")).collect();
    let before = drifts(&cloud).await;
    let drifted: Vec<_> = before.iter().filter(|(_, said)| *said != "IN_SYNC").collect();
    assert!(drifted.is_empty(), "nothing was changed: {drifted:#?}");
    let mut expected = BTreeMap::new();
    for (name, service, said, difference) in changes(&ids) {
        let answer = cloud.call(service, said).await;
        assert!((200..300).contains(&answer.status), "{name}: {}", answer.text);
        expected.insert(name.to_owned(), difference.to_owned());
    }
    let mut after = drifts(&cloud).await;
    after.retain(|_, said| said != "IN_SYNC");
    assert_eq!(after, expected);
    // What is looked at and has no change above has nothing that a call could change.
    let unchanged: Vec<&String> = before.keys().filter(|name| !expected.contains_key(*name)).collect();
    assert_eq!(unchanged, ["Zone"]);
    cloud.stop().await;
}
