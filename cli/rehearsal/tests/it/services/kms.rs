use super::cloud::{Cloud, REGION, refused};
use bytes::Bytes;
use como_rehearsal::hosting::Hosted as _;
use serde_json::{Value, json};

const OTHER: &str = "ap-southeast-2";

async fn call_in(cloud: &Cloud, region: &str, operation: &str, input: Value) -> (u16, Value) {
    let request = http::Request::post("/").header("x-amz-target", format!("TrentService.{operation}"));
    let request = request.body(Bytes::from(input.to_string())).unwrap();
    let response = cloud.services.handle(region, "kms", request).await;
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
}

async fn key(cloud: &Cloud, is_multi: bool) -> String {
    cloud.create("AWS::KMS::Key", "Key", json!({ "MultiRegion": is_multi })).await.physical_id
}

#[tokio::test]
async fn what_was_encrypted_is_decrypted_in_its_context_alone() {
    let cloud = Cloud::new().await;
    let id = key(&cloud, false).await;
    cloud.create("AWS::KMS::Alias", "Alias", json!({ "AliasName": "alias/como", "TargetKeyId": id })).await;
    let input = json!({ "KeyId": "alias/como", "Plaintext": "aGVsbG8=", "EncryptionContext": { "a": "1" } });
    let blob = cloud.ok("kms", "Encrypt", input).await["CiphertextBlob"].clone();
    let cloud = cloud.restart().await;
    let right = json!({ "CiphertextBlob": blob, "EncryptionContext": { "a": "1" } });
    assert_eq!(cloud.ok("kms", "Decrypt", right.clone()).await["Plaintext"], json!("aGVsbG8="));
    let wrong = json!({ "CiphertextBlob": blob, "EncryptionContext": { "a": "2" } });
    assert_eq!(cloud.error("kms", "Decrypt", wrong).await.0, "InvalidCiphertextException");
    cloud.ok("kms", "DisableKey", json!({ "KeyId": id })).await;
    assert_eq!(cloud.error("kms", "Decrypt", right).await.0, "DisabledException");
    let data = cloud.error("kms", "GenerateDataKey", json!({ "KeyId": id, "KeySpec": "AES_256" })).await;
    assert_eq!(data.0, "DisabledException");
    assert_eq!(cloud.error("kms", "Sign", json!({})).await.1, "the rehearsal cloud does not offer KMS Sign");
}

#[tokio::test]
async fn a_replica_is_the_same_key_in_another_region() {
    let cloud = Cloud::new().await;
    let id = key(&cloud, true).await;
    assert!(id.starts_with("mrk-"), "{id}");
    let data = cloud.ok("kms", "GenerateDataKey", json!({ "KeyId": id, "KeySpec": "AES_256" })).await;
    let blob = json!({ "CiphertextBlob": data["CiphertextBlob"] });
    assert_eq!(call_in(&cloud, OTHER, "Decrypt", blob.clone()).await.1["__type"], json!("AccessDeniedException"));
    let replicated = cloud.ok("kms", "ReplicateKey", json!({ "KeyId": id, "ReplicaRegion": OTHER })).await;
    assert_eq!(replicated["ReplicaKeyMetadata"]["KeyId"], json!(id));
    let (status, opened) = call_in(&cloud, OTHER, "Decrypt", blob).await;
    assert_eq!((status, &opened["Plaintext"]), (200, &data["Plaintext"]));
    let described = cloud.ok("kms", "DescribeKey", json!({ "KeyId": id })).await["KeyMetadata"].clone();
    assert_eq!(described["MultiRegionConfiguration"]["MultiRegionKeyType"], json!("PRIMARY"));
    assert_eq!(described["MultiRegionConfiguration"]["ReplicaKeys"][0]["Region"], json!(OTHER));
    let message = refused(cloud.delete("AWS::KMS::Key", &id, json!({})).await);
    assert!(message.ends_with("has replica keys; delete them first."), "{message}");
}

#[tokio::test]
async fn a_template_makes_a_replica_of_a_key_elsewhere() {
    let cloud = Cloud::new().await;
    let (_, made) = call_in(&cloud, OTHER, "CreateKey", json!({ "MultiRegion": true })).await;
    let primary = made["KeyMetadata"]["Arn"].clone();
    let properties = json!({ "PrimaryKeyArn": primary, "KeyPolicy": { "Statement": [] } });
    let replica = cloud.create("AWS::KMS::ReplicaKey", "Replica", properties.clone()).await;
    let again = cloud.create("AWS::KMS::ReplicaKey", "Replica", properties.clone()).await;
    assert_eq!(replica, again);
    assert_eq!(replica.attributes["KeyId"], made["KeyMetadata"]["KeyId"]);
    assert_eq!(replica.attributes["Arn"].as_str().unwrap(), primary.as_str().unwrap().replace(OTHER, REGION));
    cloud.delete("AWS::KMS::ReplicaKey", &replica.physical_id, properties).await.unwrap();
    let described = cloud.ok("kms", "DescribeKey", json!({ "KeyId": replica.physical_id })).await;
    assert_eq!(described["KeyMetadata"]["KeyState"], json!("PendingDeletion"));
}

#[tokio::test]
async fn an_alias_is_taken_once() {
    let cloud = Cloud::new().await;
    let id = key(&cloud, false).await;
    let properties = json!({ "AliasName": "alias/como", "TargetKeyId": id });
    cloud.create("AWS::KMS::Alias", "A", properties.clone()).await;
    cloud.create("AWS::KMS::Alias", "A", properties.clone()).await;
    assert_eq!(
        refused(cloud.try_create("AWS::KMS::Alias", "B", properties.clone()).await),
        "alias/como already exists"
    );
    let nowhere = json!({ "AliasName": "alias/other", "TargetKeyId": "none" });
    assert_eq!(refused(cloud.try_create("AWS::KMS::Alias", "B", nowhere).await), "Key 'none' does not exist");
    let listed = cloud.ok("kms", "ListAliases", json!({ "KeyId": id })).await;
    assert_eq!(listed["Aliases"][0]["AliasName"], json!("alias/como"));
    cloud.delete("AWS::KMS::Alias", "alias/como", json!({})).await.unwrap();
    assert_eq!(cloud.error("kms", "DescribeKey", json!({ "KeyId": "alias/como" })).await.0, "NotFoundException");
}
