use super::cloud::{Cloud, REGION, refused};
use como_rehearsal::faults::{LinkChange as Change, Links as _};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::time::Duration;

const TYPE: &str = "AWS::DynamoDB::GlobalTable";
const SYDNEY: &str = "ap-southeast-2";

fn table(name: &str, regions: &[&str]) -> Value {
    let replicas: Vec<Value> = regions.iter().map(|region| json!({ "Region": region })).collect();
    json!({
        "TableName": name, "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }, { "AttributeName": "sk", "KeyType": "RANGE" }],
        "AttributeDefinitions": [
            { "AttributeName": "pk", "AttributeType": "S" }, { "AttributeName": "sk", "AttributeType": "S" },
            { "AttributeName": "at", "AttributeType": "N" },
        ],
        "GlobalSecondaryIndexes": [{
            "IndexName": "by-sk", "Projection": { "ProjectionType": "ALL" },
            "KeySchema": [{ "AttributeName": "sk", "KeyType": "HASH" }],
        }],
        "LocalSecondaryIndexes": [{
            "IndexName": "by-at", "Projection": { "ProjectionType": "KEYS_ONLY" },
            "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }, { "AttributeName": "at", "KeyType": "RANGE" }],
        }],
        "StreamSpecification": { "StreamViewType": "NEW_AND_OLD_IMAGES" },
        "TimeToLiveSpecification": { "AttributeName": "expires", "Enabled": true },
        "Replicas": replicas,
    })
}

fn put(name: &str, pk: &str, value: &str) -> Value {
    json!({ "TableName": name, "Item": { "pk": { "S": pk }, "sk": { "S": "s" }, "v": { "S": value } } })
}

fn key(pk: &str) -> Value {
    json!({ "pk": { "S": pk }, "sk": { "S": "s" } })
}

async fn cloud() -> Cloud {
    let cloud = Cloud::new().await;
    lag(&cloud, Duration::ZERO);
    cloud
}

fn lag(cloud: &Cloud, lag: Duration) {
    both_ways(cloud, Change::Lag { lag, spread: Duration::ZERO });
}

fn both_ways(cloud: &Cloud, change: Change) {
    cloud.regions.change(REGION, SYDNEY, change).unwrap();
    cloud.regions.change(SYDNEY, REGION, change).unwrap();
}

async fn value(cloud: &Cloud, region: &str, name: &str, pk: &str) -> Option<String> {
    let input = json!({ "TableName": name, "Key": key(pk) });
    let got = cloud.ok_in(region, "dynamodb", "GetItem", input).await;
    got["Item"]["v"]["S"].as_str().map(str::to_owned)
}

/// Asks until the region has the value.
async fn arrives(cloud: &Cloud, region: &str, name: &str, pk: &str, wanted: Option<&str>) {
    while value(cloud, region, name, pk).await.as_deref() != wanted {}
}

#[tokio::test]
async fn the_home_region_goes_last_so_that_a_deletion_can_be_asked_for_again() {
    let cloud = cloud().await;
    let mut properties = table("table", &[REGION, SYDNEY]);
    properties["Replicas"][1]["DeletionProtectionEnabled"] = json!(true);
    cloud.create(TYPE, "Table", properties.clone()).await;
    assert!(cloud.delete(TYPE, "table", properties.clone()).await.is_err());
    for region in [REGION, SYDNEY] {
        cloud.ok_in(region, "dynamodb", "DescribeTable", json!({ "TableName": "table" })).await;
    }
    let lifted = json!({ "TableName": "table", "DeletionProtectionEnabled": false });
    cloud.ok_in(SYDNEY, "dynamodb", "UpdateTable", lifted).await;
    cloud.delete(TYPE, "table", properties).await.unwrap();
    for region in [REGION, SYDNEY] {
        let (status, _) = cloud.call_in(region, "dynamodb", "DescribeTable", json!({ "TableName": "table" })).await;
        assert_eq!(status, 400, "{region}");
    }
}

async fn waiting(cloud: &Cloud) -> usize {
    use como_rehearsal::hosting::Hosted as _;
    cloud.services.status().await.waiting.values().sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn items_reach_the_other_region_with_indexes_and_expiry() {
    let cloud = cloud().await;
    cloud.create(TYPE, "T", table("both", &[REGION, SYDNEY])).await;
    for (region, other) in [(REGION, SYDNEY), (SYDNEY, REGION)] {
        let described = cloud.ok_in(region, "dynamodb", "DescribeTable", json!({ "TableName": "both" })).await;
        assert_eq!(described["Table"]["Replicas"], json!([{ "RegionName": other, "ReplicaStatus": "ACTIVE" }]));
        let arn = described["Table"]["TableArn"].as_str().unwrap();
        assert!(arn.starts_with(&format!("arn:aws:dynamodb:{region}:")), "{arn}");
        let ttl = cloud.ok_in(region, "dynamodb", "DescribeTimeToLive", json!({ "TableName": "both" })).await;
        assert_eq!(ttl["TimeToLiveDescription"]["TimeToLiveStatus"], "ENABLED");
    }
    cloud.ok("dynamodb", "PutItem", put("both", "a", "1")).await;
    arrives(&cloud, SYDNEY, "both", "a", Some("1")).await;
    let query = json!({
        "TableName": "both", "IndexName": "by-sk", "KeyConditionExpression": "sk = :s",
        "ExpressionAttributeValues": { ":s": { "S": "s" } },
    });
    assert_eq!(cloud.ok_in(SYDNEY, "dynamodb", "Query", query).await["Count"], 1);
    cloud.ok_in(SYDNEY, "dynamodb", "DeleteItem", json!({ "TableName": "both", "Key": key("a") })).await;
    arrives(&cloud, REGION, "both", "a", None).await;
    while waiting(&cloud).await != 0 {}
    cloud.delete(TYPE, "both", json!({})).await.unwrap();
    let (status, _) = cloud.call_in(SYDNEY, "dynamodb", "DescribeTable", json!({ "TableName": "both" })).await;
    assert_eq!(status, 400, "a deleted global table is gone everywhere");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_link_keeps_writes_back_and_the_later_one_wins_after_the_heal() {
    let cloud = cloud().await;
    cloud.create(TYPE, "T", table("cut", &[REGION, SYDNEY])).await;
    both_ways(&cloud, Change::Cut);
    cloud.ok("dynamodb", "PutItem", put("cut", "a", "singapore")).await;
    cloud.ok_in(SYDNEY, "dynamodb", "PutItem", put("cut", "a", "sydney")).await;
    let puts = json!([{ "Put": put("cut", "b", "1") }, { "Put": put("cut", "c", "1") }]);
    cloud.ok("dynamodb", "TransactWriteItems", json!({ "TransactItems": puts })).await;
    while waiting(&cloud).await != 4 {}
    // What is on its way outlives the supervisor.
    let cloud = cloud.restart().await;
    while waiting(&cloud).await != 4 {}
    assert_eq!(value(&cloud, REGION, "cut", "a").await.as_deref(), Some("singapore"));
    assert_eq!(value(&cloud, SYDNEY, "cut", "b").await, None);
    both_ways(&cloud, Change::Heal);
    arrives(&cloud, REGION, "cut", "a", Some("sydney")).await;
    arrives(&cloud, SYDNEY, "cut", "c", Some("1")).await;
    while waiting(&cloud).await != 0 {}
    assert_eq!(value(&cloud, SYDNEY, "cut", "a").await.as_deref(), Some("sydney"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lag_holds_an_item_back() {
    let cloud = cloud().await;
    cloud.create(TYPE, "T", table("late", &[REGION, SYDNEY])).await;
    lag(&cloud, Duration::from_secs(3600));
    cloud.ok("dynamodb", "PutItem", put("late", "a", "1")).await;
    while waiting(&cloud).await != 1 {}
    assert_eq!(value(&cloud, SYDNEY, "late", "a").await, None);
    lag(&cloud, Duration::from_millis(50));
    arrives(&cloud, SYDNEY, "late", "a", Some("1")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_gets_a_replica_that_holds_what_it_holds_and_loses_it_again() {
    let cloud = cloud().await;
    cloud.create(TYPE, "T", table("grow", &[REGION])).await;
    for number in 0..20 {
        cloud.ok("dynamodb", "PutItem", put("grow", &number.to_string(), "old")).await;
    }
    let create = json!({ "TableName": "grow", "ReplicaUpdates": [{ "Create": { "RegionName": SYDNEY } }] });
    let created = cloud.ok("dynamodb", "UpdateTable", create.clone()).await;
    assert_eq!(created["TableDescription"]["Replicas"][0]["RegionName"], SYDNEY);
    let (code, _) = cloud.error("dynamodb", "UpdateTable", create).await;
    assert_eq!(code, "ValidationException");
    for number in 0..20 {
        arrives(&cloud, SYDNEY, "grow", &number.to_string(), Some("old")).await;
    }
    cloud.ok_in(SYDNEY, "dynamodb", "PutItem", put("grow", "1", "new")).await;
    arrives(&cloud, REGION, "grow", "1", Some("new")).await;
    while waiting(&cloud).await != 0 {}
    let described = cloud.ok("dynamodb", "DescribeTable", json!({ "TableName": "grow" })).await;
    assert_eq!(described["Table"]["Replicas"][0]["ReplicaStatus"], "ACTIVE");
    let delete = json!({ "TableName": "grow", "ReplicaUpdates": [{ "Delete": { "RegionName": SYDNEY } }] });
    let left = cloud.ok("dynamodb", "UpdateTable", delete).await;
    assert_eq!(left["TableDescription"].get("Replicas"), None);
    let (status, _) = cloud.call_in(SYDNEY, "dynamodb", "DescribeTable", json!({ "TableName": "grow" })).await;
    assert_eq!(status, 400);
    cloud.ok("dynamodb", "PutItem", put("grow", "1", "alone")).await;
}

#[tokio::test]
async fn a_global_table_without_a_stream_is_refused() {
    let cloud = cloud().await;
    let mut properties = table("t-streamless", &[REGION, SYDNEY]);
    properties.as_object_mut().unwrap().remove("StreamSpecification");
    let message = refused(cloud.try_create(TYPE, "T", properties).await);
    assert_eq!(message, "A table with more than one replica needs a stream of NEW_AND_OLD_IMAGES");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    /// On the engine itself: whatever both sides wrote while they were apart, they agree once the link is whole.
    #[test]
    fn both_sides_agree_after_a_heal(writes in proptest::collection::vec((any::<bool>(), 0..3_u8, any::<bool>()), 1..20)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let cloud = cloud().await;
            cloud.create(TYPE, "T", table("agree", &[REGION, SYDNEY])).await;
            both_ways(&cloud, Change::Cut);
            for (number, (here, item, is_put)) in writes.iter().enumerate() {
                let region = if *here { REGION } else { SYDNEY };
                let item = item.to_string();
                let (operation, input) = if *is_put {
                    ("PutItem", put("agree", &item, &number.to_string()))
                } else {
                    ("DeleteItem", json!({ "TableName": "agree", "Key": key(&item) }))
                };
                cloud.ok_in(region, "dynamodb", operation, input).await;
            }
            both_ways(&cloud, Change::Heal);
            let scan = json!({ "TableName": "agree" });
            loop {
                let here = cloud.ok_in(REGION, "dynamodb", "Scan", scan.clone()).await;
                let there = cloud.ok_in(SYDNEY, "dynamodb", "Scan", scan.clone()).await;
                if here["Items"] == there["Items"] && waiting(&cloud).await == 0 {
                    break;
                }
            }
        });
    }
}
