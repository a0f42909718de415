//! What a program does with items, over the wire.

use super::cloud::{Cloud, REGION};
use como_rehearsal::faults::{LinkChange as Change, Links as _};
use serde_json::{Value, json};
use std::time::Duration;

const SYDNEY: &str = "ap-southeast-2";

fn table(regions: &[&str]) -> Value {
    let replicas: Vec<Value> = regions.iter().map(|region| json!({ "Region": region })).collect();
    json!({
        "TableName": "items", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        "AttributeDefinitions": [
            { "AttributeName": "id", "AttributeType": "S" }, { "AttributeName": "venue", "AttributeType": "S" },
        ],
        "GlobalSecondaryIndexes": [{
            "IndexName": "by-venue", "Projection": { "ProjectionType": "ALL" },
            "KeySchema": [{ "AttributeName": "venue", "KeyType": "HASH" }],
        }],
        "StreamSpecification": { "StreamViewType": "NEW_AND_OLD_IMAGES" },
        "TimeToLiveSpecification": { "AttributeName": "expires", "Enabled": true },
        "Replicas": replicas,
    })
}

async fn cloud(regions: &[&str]) -> Cloud {
    let cloud = Cloud::new().await;
    for (from, to) in [(REGION, SYDNEY), (SYDNEY, REGION)] {
        cloud.regions.change(from, to, Change::Lag { lag: Duration::ZERO, spread: Duration::ZERO }).unwrap();
    }
    cloud.create("AWS::DynamoDB::GlobalTable", "Items", table(regions)).await;
    cloud
}

fn put(id: &str, version: u64) -> Value {
    json!({ "TableName": "items", "Item": {
        "id": { "S": id }, "venue": { "S": "v-1" }, "version": { "N": version.to_string() },
    } })
}

async fn get(cloud: &Cloud, region: &str, id: &str) -> Value {
    let input = json!({ "TableName": "items", "Key": { "id": { "S": id } } });
    cloud.ok_in(region, "dynamodb", "GetItem", input).await["Item"].clone()
}

/// Every record of the table's stream.
async fn stream(cloud: &Cloud, region: &str) -> Vec<Value> {
    let described = cloud.ok_in(region, "dynamodb", "DescribeTable", json!({ "TableName": "items" })).await;
    let arn = &described["Table"]["LatestStreamArn"];
    let shards = cloud.ok_in(region, "dynamodb", "DescribeStream", json!({ "StreamArn": arn })).await;
    let shard = &shards["StreamDescription"]["Shards"][0]["ShardId"];
    let input = json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
    let mut iterator = cloud.ok_in(region, "dynamodb", "GetShardIterator", input).await["ShardIterator"].clone();
    let mut records = Vec::new();
    loop {
        let page = cloud.ok_in(region, "dynamodb", "GetRecords", json!({ "ShardIterator": iterator })).await;
        let found = page["Records"].as_array().cloned().unwrap_or_default();
        if found.is_empty() {
            return records;
        }
        records.extend(found);
        iterator = page["NextShardIterator"].clone();
    }
}

#[tokio::test]
async fn a_condition_lets_one_writer_win() {
    let cloud = cloud(&[REGION]).await;
    cloud.ok("dynamodb", "PutItem", put("a", 1)).await;
    let update = |expected: u64| {
        json!({
            "TableName": "items", "Key": { "id": { "S": "a" } }, "UpdateExpression": "SET version = version + :one",
            "ConditionExpression": "version = :expected", "ReturnValues": "ALL_NEW",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD", "ExpressionAttributeValues": {
                ":one": { "N": "1" }, ":expected": { "N": expected.to_string() },
            },
        })
    };
    let attempts = (0..8).map(|_| cloud.call("dynamodb", "UpdateItem", update(1)));
    let outcomes = futures_util::future::join_all(attempts).await;
    assert_eq!(outcomes.iter().filter(|(status, _)| *status == 200).count(), 1);
    let (_, lost) = outcomes.iter().find(|(status, _)| *status != 200).unwrap();
    assert!(lost["__type"].as_str().unwrap().ends_with("ConditionalCheckFailedException"), "{lost}");
    assert_eq!(lost["Item"]["version"], json!({ "N": "2" }), "{lost}");
    assert_eq!(get(&cloud, REGION, "a").await["version"], json!({ "N": "2" }));
}

#[tokio::test]
async fn a_transaction_is_all_or_nothing_and_once_for_each_token() {
    let cloud = cloud(&[REGION]).await;
    cloud.ok("dynamodb", "PutItem", put("a", 1)).await;
    let add = |token: &str, id: &str| {
        json!({ "ClientRequestToken": token, "TransactItems": [
            { "Update": {
                "TableName": "items", "Key": { "id": { "S": "a" } }, "UpdateExpression": "ADD version :one",
                "ExpressionAttributeValues": { ":one": { "N": "1" } },
            } },
            { "Put": {
                "TableName": "items", "Item": { "id": { "S": id } }, "ConditionExpression": "attribute_not_exists(id)",
            } },
        ] })
    };
    for _ in 0..2 {
        cloud.ok("dynamodb", "TransactWriteItems", add("token-1", "b")).await;
    }
    assert_eq!(get(&cloud, REGION, "a").await["version"], json!({ "N": "2" }), "the same token is one transaction");
    let (code, _) = cloud.error("dynamodb", "TransactWriteItems", add("token-1", "c")).await;
    assert_eq!(code, "IdempotentParameterMismatchException");
    let (_, answer) = cloud.call("dynamodb", "TransactWriteItems", add("token-2", "b")).await;
    assert!(answer["__type"].as_str().unwrap().ends_with("TransactionCanceledException"), "{answer}");
    let reasons = answer["CancellationReasons"].as_array().unwrap();
    let codes: Vec<&str> = reasons.iter().map(|reason| reason["Code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed"]);
    assert_eq!(get(&cloud, REGION, "a").await["version"], json!({ "N": "2" }));
}

#[tokio::test]
async fn an_index_and_a_stream_show_what_was_written() {
    let cloud = cloud(&[REGION]).await;
    cloud.ok("dynamodb", "PutItem", put("a", 1)).await;
    cloud.ok("dynamodb", "PutItem", put("a", 2)).await;
    let query = json!({
        "TableName": "items", "IndexName": "by-venue", "KeyConditionExpression": "venue = :venue",
        "ExpressionAttributeValues": { ":venue": { "S": "v-1" } },
    });
    let found = cloud.ok("dynamodb", "Query", query.clone()).await;
    assert_eq!((found["Count"].as_u64(), &found["Items"][0]["version"]), (Some(1), &json!({ "N": "2" })));
    cloud.ok("dynamodb", "DeleteItem", json!({ "TableName": "items", "Key": { "id": { "S": "a" } } })).await;
    assert_eq!(cloud.ok("dynamodb", "Query", query).await["Count"], json!(0));
    let records = stream(&cloud, REGION).await;
    let names: Vec<&str> = records.iter().map(|record| record["eventName"].as_str().unwrap()).collect();
    assert_eq!(names, ["INSERT", "MODIFY", "REMOVE"]);
    let change = &records[1]["dynamodb"];
    assert_eq!(
        (&change["OldImage"]["version"], &change["NewImage"]["version"]),
        (&json!({ "N": "1" }), &json!({ "N": "2" }))
    );
    assert!(records[2].get("userIdentity").is_none(), "somebody asked for it");
}

#[tokio::test]
async fn expired_items_go_in_every_region_and_one_stream_says_why() {
    let cloud = cloud(&[REGION, SYDNEY]).await;
    let now = jiff::Timestamp::now().as_second();
    let mut expired = put("old", 1);
    expired["Item"]["expires"] = json!({ "N": (now - 60).to_string() });
    let mut young = put("young", 1);
    young["Item"]["expires"] = json!({ "N": (now + 3600).to_string() });
    for input in [expired, young] {
        cloud.ok("dynamodb", "PutItem", input).await;
    }
    for region in [REGION, SYDNEY] {
        // Sydney has it first, unless it has lost it again.
        while !get(&cloud, region, "old").await.is_null() {
            tokio::task::yield_now().await;
        }
        while get(&cloud, region, "young").await.is_null() {
            tokio::task::yield_now().await;
        }
    }
    let mut marked = 0;
    for region in [REGION, SYDNEY] {
        let removals = stream(&cloud, region).await.into_iter().filter(|record| record["eventName"] == "REMOVE");
        for removal in removals {
            let identity = removal.get("userIdentity").cloned().unwrap_or_default();
            let is_marked = !identity.is_null();
            marked += usize::from(is_marked);
            if is_marked {
                assert_eq!(identity, json!({ "Type": "Service", "PrincipalId": "dynamodb.amazonaws.com" }));
            }
        }
    }
    assert_eq!(marked, 1);
}

#[tokio::test]
async fn recovery_to_a_point_in_time_is_a_setting_with_days() {
    let cloud = cloud(&[REGION]).await;
    let update = |days: u64| {
        json!({ "TableName": "items", "PointInTimeRecoverySpecification": {
            "PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": days,
        } })
    };
    let changed = cloud.ok("dynamodb", "UpdateContinuousBackups", update(7)).await;
    let recovery = &changed["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"];
    assert_eq!(
        (&recovery["PointInTimeRecoveryStatus"], &recovery["RecoveryPeriodInDays"]),
        (&json!("ENABLED"), &json!(7))
    );
    let (code, _) = cloud.error("dynamodb", "UpdateContinuousBackups", update(36)).await;
    assert_eq!(code, "ValidationException");
}
