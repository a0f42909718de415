//! Resources as they are, whatever their stack says, and values that templates refer to.

use super::cloud::{ACCOUNT, Cloud, REGION};
use bytes::Bytes;
use como_rehearsal::hosting::Hosted as _;
use como_rehearsal::provision::{Found, Lookup, Provisioner as _, ReadRequest, Reading};
use serde_json::{Value, json};

async fn read(cloud: &Cloud, resource_type: &str, physical_id: &str) -> Reading {
    cloud.services.read(&of(resource_type, physical_id)).await.unwrap()
}

fn of(resource_type: &str, physical_id: &str) -> ReadRequest {
    ReadRequest {
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        resource_type: resource_type.to_owned(),
        physical_id: physical_id.to_owned(),
        properties: serde_json::Map::new(),
    }
}

fn told(reading: Reading) -> Value {
    match reading {
        Reading::Properties(properties) => Value::Object(properties),
        Reading::Gone | Reading::NotOffered => Value::Null,
    }
}

async fn send(cloud: &Cloud, method: &str, path: &str, body: &'static str) {
    let request = http::Request::builder().method(method).uri(path).body(Bytes::from_static(body.as_bytes())).unwrap();
    let status = cloud.services.handle(REGION, "s3", request).await.status();
    assert!(status.is_success(), "{method} {path}: {status}");
}

#[tokio::test]
async fn a_change_past_cloudformation_is_seen() {
    let cloud = Cloud::new().await;
    let queue = cloud.create("AWS::SQS::Queue", "Queue", json!({"QueueName": "jobs", "DelaySeconds": 5})).await;
    cloud
        .ok("sqs", "SetQueueAttributes", json!({"QueueUrl": queue.physical_id, "Attributes": {"DelaySeconds": "9"}}))
        .await;
    assert_eq!(told(read(&cloud, "AWS::SQS::Queue", &queue.physical_id).await)["DelaySeconds"], "9");

    let properties = json!({
        "TableName": "tables",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "Replicas": [{"Region": REGION, "DeletionProtectionEnabled": true}],
    });
    cloud.create("AWS::DynamoDB::GlobalTable", "Table", properties).await;
    let replica = |table: Value| table["Replicas"][0]["DeletionProtectionEnabled"].clone();
    assert_eq!(replica(told(read(&cloud, "AWS::DynamoDB::GlobalTable", "tables").await)), true);
    cloud.ok("dynamodb", "UpdateTable", json!({"TableName": "tables", "DeletionProtectionEnabled": false})).await;
    assert_eq!(replica(told(read(&cloud, "AWS::DynamoDB::GlobalTable", "tables").await)), false);

    cloud.create("AWS::SSM::Parameter", "Parameter", json!({"Name": "/p", "Type": "String", "Value": "a"})).await;
    cloud.ok("ssm", "PutParameter", json!({"Name": "/p", "Value": "b", "Overwrite": true})).await;
    assert_eq!(told(read(&cloud, "AWS::SSM::Parameter", "/p").await)["Value"], "b");

    let secret = cloud.create("AWS::SecretsManager::Secret", "Secret", json!({"Name": "s", "Description": "a"})).await;
    cloud.ok("secretsmanager", "UpdateSecret", json!({"SecretId": "s", "Description": "b"})).await;
    assert_eq!(told(read(&cloud, "AWS::SecretsManager::Secret", &secret.physical_id).await)["Description"], "b");
    cloud.ok("secretsmanager", "DeleteSecret", json!({"SecretId": "s"})).await;
    for (resource_type, physical_id) in [
        ("AWS::SecretsManager::Secret", secret.physical_id.as_str()),
        ("AWS::SQS::Queue", "https://sqs.ap-southeast-1.amazonaws.com/123456789012/absent"),
        ("AWS::DynamoDB::GlobalTable", "absent"),
        ("AWS::SSM::Parameter", "/absent"),
        ("AWS::S3::Bucket", "absent"),
    ] {
        assert_eq!(read(&cloud, resource_type, physical_id).await, Reading::Gone, "{resource_type}");
    }
    assert_eq!(read(&cloud, "AWS::EC2::VPC", "vpc-1").await, Reading::NotOffered);
}

#[tokio::test]
async fn buckets_tell_what_is_in_them() {
    let cloud = Cloud::new().await;
    let versioned = json!({"BucketName": "files", "VersioningConfiguration": {"Status": "Enabled"}});
    cloud.create("AWS::S3::Bucket", "Bucket", versioned).await;
    let bucket = of("AWS::S3::Bucket", "files");
    let status = |reading: Value| reading["VersioningConfiguration"]["Status"].clone();
    assert_eq!(status(told(read(&cloud, "AWS::S3::Bucket", "files").await)), "Enabled");
    assert_eq!(cloud.services.contents(&bucket).await.unwrap(), Some(0));
    send(&cloud, "PUT", "/files/a%20key", "first").await;
    send(&cloud, "DELETE", "/files/a%20key", "").await;
    assert_eq!(cloud.services.contents(&bucket).await.unwrap(), Some(2), "a version and what hides it");
    send(&cloud, "PUT", "/files/a%20key", "{}").await;
    let object = |key: &str| Lookup::Object { bucket: "files".to_owned(), key: key.to_owned(), version: None };
    let found = cloud.services.look_up(REGION, &object("a key")).await.unwrap();
    assert_eq!(found, Found { value: "{}".to_owned(), kind: String::new() });
    let absent = cloud.services.look_up(REGION, &object("other")).await.unwrap_err();
    assert_eq!(absent.to_string(), "The specified key does not exist.");
}

#[tokio::test]
async fn repositories_tell_what_is_in_them() {
    let cloud = Cloud::new().await;
    cloud.create("AWS::ECR::Repository", "Images", json!({"RepositoryName": "images"})).await;
    let repository = of("AWS::ECR::Repository", "images");
    assert_eq!(cloud.services.contents(&repository).await.unwrap(), Some(0));
    let image = json!({"repositoryName": "images", "imageTag": "1", "imageManifest": "{\"schemaVersion\": 2}"});
    let (status, answer) = cloud.call("ecr", "PutImage", image).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(cloud.services.contents(&repository).await.unwrap(), Some(1));
}
