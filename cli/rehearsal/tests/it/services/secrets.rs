use super::cloud::{Cloud, refused};
use serde_json::json;

const TYPE: &str = "AWS::SecretsManager::Secret";

#[tokio::test]
async fn a_secret_is_generated_by_its_rules() {
    let cloud = Cloud::new().await;
    let rules = json!({ "PasswordLength": 48, "ExcludePunctuation": true });
    let created = cloud.create(TYPE, "Key", json!({ "Name": "como/test/key", "GenerateSecretString": rules })).await;
    assert!(
        created.physical_id.starts_with("arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:como/test/key-")
    );
    let got = cloud.ok("secretsmanager", "GetSecretValue", json!({ "SecretId": "como/test/key" })).await;
    let value = got["SecretString"].as_str().unwrap();
    assert_eq!(value.len(), 48);
    assert!(value.chars().all(|letter| letter.is_ascii_alphanumeric()), "{value}");
}

#[tokio::test]
async fn a_generated_secret_may_sit_in_a_document() {
    let cloud = Cloud::new().await;
    let rules = json!({ "SecretStringTemplate": "{\"user\":\"como\"}", "GenerateStringKey": "password" });
    cloud.create(TYPE, "Key", json!({ "Name": "pair", "GenerateSecretString": rules })).await;
    let got = cloud.ok("secretsmanager", "GetSecretValue", json!({ "SecretId": "pair" })).await;
    let document: serde_json::Value = serde_json::from_str(got["SecretString"].as_str().unwrap()).unwrap();
    assert_eq!(document["user"], json!("como"));
    assert_eq!(document["password"].as_str().unwrap().len(), 32);
}

#[tokio::test]
async fn a_seeded_secret_has_the_given_value_and_survives_a_restart() {
    let cloud = Cloud::with_seeds(json!({ "secrets": { "como/test/partner": "given" } })).await;
    cloud.create(TYPE, "Partner", json!({ "Name": "como/test/partner" })).await;
    let again = cloud.try_create(TYPE, "Other", json!({ "Name": "como/test/partner" })).await;
    assert_eq!(refused(again), "como/test/partner already exists");
    let cloud = cloud.restart().await;
    let got = cloud.ok("secretsmanager", "GetSecretValue", json!({ "SecretId": "como/test/partner" })).await;
    assert_eq!(got["SecretString"], json!("given"));
}

#[tokio::test]
async fn a_deleted_secret_frees_its_name() {
    let cloud = Cloud::new().await;
    let created = cloud.create(TYPE, "A", json!({ "Name": "once", "SecretString": "1" })).await;
    cloud.delete(TYPE, &created.physical_id, json!({})).await.unwrap();
    cloud.delete(TYPE, &created.physical_id, json!({})).await.unwrap();
    cloud.create(TYPE, "A", json!({ "Name": "once", "SecretString": "2" })).await;
}
