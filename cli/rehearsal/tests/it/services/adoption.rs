//! What exists can be taken over by a stack, and is its own from then on.

use super::cloud::{Cloud, request};
use como_rehearsal::hosting::Hosted as _;
use como_rehearsal::provision::{ProvisionError, Provisioner as _};
use serde_json::{Value, json};

fn table() -> Value {
    json!({
        "TableName": "mine", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
    })
}

fn global_table() -> Value {
    let mut properties = table();
    properties["Replicas"] = json!([{"Region": "ap-southeast-1"}]);
    properties
}

#[tokio::test]
async fn what_exists_is_found_and_taken_over() {
    let cloud = Cloud::new().await;
    for (resource_type, properties, service, operation, input) in [
        ("AWS::SQS::Queue", json!({"QueueName": "mine"}), "sqs", "CreateQueue", json!({"QueueName": "mine"})),
        (
            "AWS::SSM::Parameter",
            json!({"Name": "/mine", "Type": "String", "Value": "x"}),
            "ssm",
            "PutParameter",
            json!({"Name": "/mine", "Type": "String", "Value": "x"}),
        ),
        (
            "AWS::SecretsManager::Secret",
            json!({"Name": "mine"}),
            "secretsmanager",
            "CreateSecret",
            json!({"Name": "mine", "SecretString": "x"}),
        ),
        (
            "AWS::Logs::LogGroup",
            json!({"LogGroupName": "mine"}),
            "logs",
            "CreateLogGroup",
            json!({"logGroupName": "mine"}),
        ),
        (
            "AWS::Events::Rule",
            json!({"Name": "mine", "ScheduleExpression": "rate(1 day)"}),
            "events",
            "PutRule",
            json!({"Name": "mine", "ScheduleExpression": "rate(1 day)"}),
        ),
        (
            "AWS::ECR::ReplicationConfiguration",
            json!({"ReplicationConfiguration": {"Rules": [
                {"Destinations": [{"Region": "ap-southeast-2", "RegistryId": "123456789012"}]},
            ]}}),
            "ecr",
            "PutReplicationConfiguration",
            json!({"replicationConfiguration": {"rules": [
                {"destinations": [{"region": "ap-southeast-2", "registryId": "123456789012"}]},
            ]}}),
        ),
        ("AWS::DynamoDB::GlobalTable", global_table(), "dynamodb", "CreateTable", table()),
    ] {
        let wanted = request(resource_type, "Mine", properties.clone());
        assert_eq!(cloud.services.find(&wanted).await, Ok(None), "{resource_type}");
        assert!(cloud.services.adopt(wanted.clone()).await.is_err(), "{resource_type}");
        cloud.ok(service, operation, input).await;
        let found = cloud.services.find(&wanted).await.unwrap().unwrap_or_else(|| panic!("{resource_type}"));
        let refused = cloud.services.create(wanted.clone()).await;
        assert!(matches!(refused, Err(ProvisionError::AlreadyExists { .. })), "{resource_type}: {refused:?}");
        for _ in 0..2 {
            let adopted = cloud.services.adopt(wanted.clone()).await.unwrap();
            assert_eq!(adopted.physical_id, found, "{resource_type}");
        }
        // Its own from here on: it may be asked for again, and nobody else gets it.
        assert_eq!(cloud.services.create(wanted).await.unwrap().physical_id, found, "{resource_type}");
        let other = cloud.try_create(resource_type, "Other", properties.clone()).await;
        assert!(matches!(other, Err(ProvisionError::AlreadyExists { .. })), "{resource_type}: {other:?}");
        cloud.delete(resource_type, &found, properties).await.unwrap();
    }
    cloud.services.stop().await;
}

#[tokio::test]
async fn what_a_stack_has_kept_is_taken_over_by_another() {
    let cloud = Cloud::new().await;
    for (resource_type, properties) in [
        ("AWS::Logs::LogGroup", json!({"LogGroupName": "mine"})),
        ("AWS::ECR::Repository", json!({"RepositoryName": "mine"})),
        ("AWS::S3::Bucket", json!({"BucketName": "mine-and-yours"})),
        ("AWS::SQS::Queue", json!({"QueueName": "mine"})),
    ] {
        let before = cloud.create(resource_type, "Before", properties.clone()).await;
        let wanted = request(resource_type, "After", properties);
        let adopted = cloud.services.adopt(wanted.clone()).await.unwrap();
        assert_eq!(adopted.physical_id, before.physical_id);
        assert_eq!(cloud.services.create(wanted).await.unwrap().physical_id, before.physical_id);
    }
    let key = request("AWS::KMS::Key", "Key", json!({}));
    let refused = cloud.services.find(&key).await.unwrap_err().to_string();
    assert_eq!(refused, "AWS::KMS::Key cannot be imported in the rehearsal cloud");
    cloud.services.stop().await;
}
