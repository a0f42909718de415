use super::cloud::{Cloud, REGION};
use como_rehearsal::faults::{LinkChange as Change, Links as _};
use serde_json::{Value, json};
use std::time::Duration;

const TYPE: &str = "AWS::SecretsManager::Secret";
const SERVICE: &str = "secretsmanager";
const SYDNEY: &str = "ap-southeast-2";

async fn cloud() -> Cloud {
    let cloud = Cloud::new().await;
    let lag = Change::Lag { lag: Duration::ZERO, spread: Duration::ZERO };
    cloud.regions.change(REGION, SYDNEY, lag).unwrap();
    cloud
}

fn properties(name: &str) -> Value {
    json!({ "Name": name, "SecretString": "one", "ReplicaRegions": [{ "Region": SYDNEY, "KmsKeyId": "alias/como" }] })
}

fn id(name: &str) -> Value {
    json!({ "SecretId": name })
}

async fn value(cloud: &Cloud, region: &str, name: &str) -> Option<String> {
    let (_, answer) = cloud.call_in(region, SERVICE, "GetSecretValue", id(name)).await;
    answer["SecretString"].as_str().map(str::to_owned)
}

async fn status(cloud: &Cloud, name: &str) -> String {
    let described = cloud.ok(SERVICE, "DescribeSecret", id(name)).await;
    described["ReplicationStatus"][0]["Status"].as_str().unwrap_or_default().to_owned()
}

async fn arrives(cloud: &Cloud, name: &str, wanted: &str) {
    // What copies needs a turn, too.
    while value(cloud, SYDNEY, name).await.as_deref() != Some(wanted) {
        tokio::task::yield_now().await;
    }
    while status(cloud, name).await != "InSync" {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_secret_follows_its_primary_over_the_link() {
    let cloud = cloud().await;
    let created = cloud.create(TYPE, "S", properties("both")).await;
    arrives(&cloud, "both", "one").await;
    let described = cloud.ok_in(SYDNEY, SERVICE, "DescribeSecret", id("both")).await;
    assert_eq!(described["PrimaryRegion"], REGION);
    assert_eq!(described["ARN"], json!(created.physical_id.replace(REGION, SYDNEY)));
    cloud.regions.change(REGION, SYDNEY, Change::Cut).unwrap();
    cloud.ok(SERVICE, "PutSecretValue", json!({ "SecretId": "both", "SecretString": "two" })).await;
    assert_eq!(status(&cloud, "both").await, "InProgress");
    // What is to be copied outlives the supervisor.
    let cloud = cloud.restart().await;
    assert_eq!(value(&cloud, SYDNEY, "both").await.as_deref(), Some("one"));
    cloud.regions.change(REGION, SYDNEY, Change::Heal).unwrap();
    arrives(&cloud, "both", "two").await;
    cloud.delete(TYPE, &created.physical_id, json!({})).await.unwrap();
    assert_eq!(value(&cloud, SYDNEY, "both").await, None);
}

#[tokio::test]
async fn a_replica_takes_no_writes_until_it_is_promoted() {
    let cloud = cloud().await;
    cloud.create(TYPE, "S", properties("promoted")).await;
    arrives(&cloud, "promoted", "one").await;
    let put = json!({ "SecretId": "promoted", "SecretString": "own" });
    let (status, answer) = cloud.call_in(SYDNEY, SERVICE, "PutSecretValue", put.clone()).await;
    assert_eq!((status, &answer["__type"]), (400, &json!("InvalidRequestException")));
    let (code, _) = cloud.error(SERVICE, "DeleteSecret", id("promoted")).await;
    assert_eq!(code, "InvalidRequestException");
    cloud.ok_in(SYDNEY, SERVICE, "StopReplicationToReplica", id("promoted")).await;
    cloud.ok_in(SYDNEY, SERVICE, "PutSecretValue", put).await;
    assert_eq!(value(&cloud, SYDNEY, "promoted").await.as_deref(), Some("own"));
    assert_eq!(value(&cloud, REGION, "promoted").await.as_deref(), Some("one"));
    let described = cloud.ok(SERVICE, "DescribeSecret", id("promoted")).await;
    assert_eq!(described.get("ReplicationStatus"), None);
}

#[tokio::test]
async fn a_secret_in_the_way_fails_the_replica_and_stays() {
    let cloud = cloud().await;
    cloud.ok_in(SYDNEY, SERVICE, "CreateSecret", json!({ "Name": "taken", "SecretString": "theirs" })).await;
    cloud.ok(SERVICE, "CreateSecret", json!({ "Name": "taken", "SecretString": "ours" })).await;
    let add = json!({ "SecretId": "taken", "AddReplicaRegions": [{ "Region": SYDNEY }] });
    let answer = cloud.ok(SERVICE, "ReplicateSecretToRegions", add).await;
    assert_eq!(answer["ReplicationStatus"][0]["Status"], "Failed");
    assert_eq!(value(&cloud, SYDNEY, "taken").await.as_deref(), Some("theirs"));
    let remove = json!({ "SecretId": "taken", "RemoveReplicaRegions": [SYDNEY] });
    let answer = cloud.ok(SERVICE, "RemoveRegionsFromReplication", remove).await;
    assert_eq!(answer["ReplicationStatus"], json!([]));
    assert_eq!(value(&cloud, SYDNEY, "taken").await.as_deref(), Some("theirs"));
}
