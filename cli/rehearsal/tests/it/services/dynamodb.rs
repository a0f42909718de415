use super::cloud::{Cloud, REGION, refused};
use serde_json::{Value, json};

const TYPE: &str = "AWS::DynamoDB::GlobalTable";

fn table(name: &str, protected: bool) -> Value {
    json!({
        "TableName": name, "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{ "AttributeName": "name", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "name", "AttributeType": "S" }],
        "StreamSpecification": { "StreamViewType": "NEW_AND_OLD_IMAGES" },
        "SSESpecification": { "SSEEnabled": true, "SSEType": "KMS" },
        "TimeToLiveSpecification": { "AttributeName": "time_to_live", "Enabled": true },
        "Replicas": [{
            "Region": REGION, "DeletionProtectionEnabled": protected,
            "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": true },
            "Tags": [{ "Key": "como", "Value": "test" }],
        }],
    })
}

#[tokio::test]
async fn a_conditional_write_happens_once() {
    let cloud = Cloud::new().await;
    let created = cloud.create(TYPE, "Configuration", table("como-test-configuration", false)).await;
    assert_eq!(created.physical_id, "como-test-configuration");
    let arn = created.attributes["Arn"].as_str().unwrap();
    assert_eq!(arn, "arn:aws:dynamodb:ap-southeast-1:123456789012:table/como-test-configuration");
    let put = json!({
        "TableName": "como-test-configuration", "Item": { "name": { "S": "a" }, "version": { "N": "1" } },
        "ConditionExpression": "attribute_not_exists(#n)", "ExpressionAttributeNames": { "#n": "name" },
    });
    cloud.ok("dynamodb", "PutItem", put.clone()).await;
    let (code, message) = cloud.error("dynamodb", "PutItem", put).await;
    assert_eq!(code, "ConditionalCheckFailedException");
    assert_eq!(message, "The conditional request failed");
}

#[tokio::test]
async fn a_table_has_what_its_template_says() {
    let cloud = Cloud::new().await;
    cloud.create(TYPE, "T", table("t-settings", true)).await;
    let described = cloud.ok("dynamodb", "DescribeTable", json!({ "TableName": "t-settings" })).await;
    assert_eq!(described["Table"]["DeletionProtectionEnabled"], json!(true));
    assert_eq!(described["Table"]["SSEDescription"]["Status"], json!("ENABLED"));
    assert_eq!(described["Table"]["StreamSpecification"]["StreamViewType"], json!("NEW_AND_OLD_IMAGES"));
    let ttl = cloud.ok("dynamodb", "DescribeTimeToLive", json!({ "TableName": "t-settings" })).await;
    assert_eq!(ttl["TimeToLiveDescription"]["AttributeName"], json!("time_to_live"));
    let backups = cloud.ok("dynamodb", "DescribeContinuousBackups", json!({ "TableName": "t-settings" })).await;
    let recovery = &backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"];
    assert_eq!(recovery["PointInTimeRecoveryStatus"], json!("ENABLED"));
}

#[tokio::test]
async fn seeded_rows_are_there_when_the_table_is() {
    let seeds = json!({ "rows": { "t-seeded": [{ "name": { "S": "partner/x" }, "document": { "S": "{}" } }] } });
    let cloud = Cloud::with_seeds(seeds).await;
    cloud.create(TYPE, "T", table("t-seeded", false)).await;
    let key = json!({ "TableName": "t-seeded", "Key": { "name": { "S": "partner/x" } } });
    let got = cloud.ok("dynamodb", "GetItem", key).await;
    assert_eq!(got["Item"]["document"]["S"], json!("{}"));
}

#[tokio::test]
async fn a_protected_table_goes_only_when_the_rehearsal_is_cleared_up() {
    let cloud = Cloud::new().await;
    cloud.create(TYPE, "T", table("t-kept", true)).await;
    cloud.create(TYPE, "T", table("t-kept", true)).await;
    let again = cloud.try_create(TYPE, "Other", table("t-kept", true)).await;
    assert_eq!(refused(again), "t-kept already exists");
    let message = refused(cloud.delete(TYPE, "t-kept", json!({})).await);
    assert!(message.contains("protected against deletion"), "{message}");
    cloud.delete_kept(TYPE, "t-kept").await.unwrap();
    cloud.delete(TYPE, "t-kept", json!({})).await.unwrap();
    let (code, _) = cloud.error("dynamodb", "DescribeTable", json!({ "TableName": "t-kept" })).await;
    assert_eq!(code, "ResourceNotFoundException");
}

#[tokio::test]
async fn items_survive_a_restart() {
    let cloud = Cloud::new().await;
    cloud.create(TYPE, "T", table("t-durable", false)).await;
    let put = json!({ "TableName": "t-durable", "Item": { "name": { "S": "a" } } });
    cloud.ok("dynamodb", "PutItem", put).await;
    let cloud = cloud.restart().await;
    let scan = cloud.ok("dynamodb", "Scan", json!({ "TableName": "t-durable" })).await;
    assert_eq!(scan["Count"], json!(1));
}

#[tokio::test]
async fn a_table_of_somebody_else_is_not_taken_over() {
    let cloud = Cloud::new().await;
    let by_hand = json!({
        "TableName": "t-by-hand", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{ "AttributeName": "name", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "name", "AttributeType": "S" }],
    });
    cloud.ok("dynamodb", "CreateTable", by_hand).await;
    for _ in 0..2 {
        let message = refused(cloud.try_create(TYPE, "T", table("t-by-hand", false)).await);
        assert_eq!(message, "t-by-hand already exists");
    }
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let cloud = Cloud::new().await;
    for (service, operation) in [("dynamodb", "RestoreTableToPointInTime"), ("kinesis", "PutRecord")] {
        let (code, message) = cloud.error(service, operation, json!({})).await;
        assert_eq!(code, "UnknownOperationException");
        assert!(message.contains(operation), "{message}");
    }
}
