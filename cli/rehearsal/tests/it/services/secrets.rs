use super::cloud::{Cloud, REGION, refused};
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

/// The version at each stage, by the values that the versions were given.
async fn stages(cloud: &Cloud, id: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for stage in ["AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"] {
        let ask = json!({ "SecretId": id, "VersionStage": stage });
        let (status, answer) = cloud.call_in(REGION, "secretsmanager", "GetSecretValue", ask).await;
        if status == 200 {
            found.push((stage.to_owned(), answer["SecretString"].as_str().unwrap().to_owned()));
        }
    }
    found
}

#[tokio::test]
async fn stages_move_from_version_to_version() {
    let cloud = Cloud::new().await;
    let check = async |wanted: &[(&str, &str)]| {
        let wanted: Vec<_> = wanted.iter().map(|(stage, value)| ((*stage).to_owned(), (*value).to_owned())).collect();
        assert_eq!(stages(&cloud, "s").await, wanted);
    };
    cloud.ok("secretsmanager", "CreateSecret", json!({ "Name": "s", "SecretString": "1" })).await;
    check(&[("AWSCURRENT", "1")]).await;
    for value in ["2", "3"] {
        cloud.ok("secretsmanager", "PutSecretValue", json!({ "SecretId": "s", "SecretString": value })).await;
    }
    check(&[("AWSCURRENT", "3"), ("AWSPREVIOUS", "2")]).await;
    let put = json!({ "SecretId": "s", "SecretString": "4", "VersionStages": ["AWSPENDING"] });
    let pending = cloud.ok("secretsmanager", "PutSecretValue", put).await;
    check(&[("AWSCURRENT", "3"), ("AWSPENDING", "4"), ("AWSPREVIOUS", "2")]).await;
    let mut change = json!({ "SecretId": "s", "VersionStage": "AWSCURRENT", "MoveToVersionId": pending["VersionId"] });
    let (code, _) = cloud.error("secretsmanager", "UpdateSecretVersionStage", change.clone()).await;
    assert_eq!(code, "InvalidParameterException", "the version that loses the stage has to be named");
    let current = cloud.ok("secretsmanager", "GetSecretValue", json!({ "SecretId": "s" })).await;
    change["RemoveFromVersionId"] = current["VersionId"].clone();
    cloud.ok("secretsmanager", "UpdateSecretVersionStage", change).await;
    check(&[("AWSCURRENT", "4"), ("AWSPENDING", "4"), ("AWSPREVIOUS", "3")]).await;
}

#[tokio::test]
async fn a_token_is_the_id_of_a_version_and_stands_for_one_value() {
    let cloud = Cloud::new().await;
    let token = "0123456789abcdef0123456789abcdef";
    let create = json!({ "Name": "s", "SecretString": "1", "ClientRequestToken": token });
    for _ in 0..2 {
        assert_eq!(cloud.ok("secretsmanager", "CreateSecret", create.clone()).await["VersionId"], token);
    }
    let put = json!({ "SecretId": "s", "SecretString": "2", "ClientRequestToken": token });
    let (code, _) = cloud.error("secretsmanager", "PutSecretValue", put).await;
    assert_eq!(code, "ResourceExistsException");
}

#[tokio::test]
async fn a_secret_waits_for_its_deletion_and_can_be_restored() {
    let cloud = Cloud::new().await;
    cloud.ok("secretsmanager", "CreateSecret", json!({ "Name": "s", "SecretString": "1" })).await;
    cloud.ok("secretsmanager", "DeleteSecret", json!({ "SecretId": "s", "RecoveryWindowInDays": 7 })).await;
    let (code, _) = cloud.error("secretsmanager", "GetSecretValue", json!({ "SecretId": "s" })).await;
    assert_eq!(code, "InvalidRequestException");
    let (code, _) = cloud.error("secretsmanager", "CreateSecret", json!({ "Name": "s", "SecretString": "2" })).await;
    assert_eq!(code, "InvalidRequestException");
    assert_eq!(cloud.ok("secretsmanager", "ListSecrets", json!({})).await["SecretList"], json!([]));
    let cloud = cloud.restart().await;
    cloud.ok("secretsmanager", "RestoreSecret", json!({ "SecretId": "s" })).await;
    let got = cloud.ok("secretsmanager", "GetSecretValue", json!({ "SecretId": "s" })).await;
    assert_eq!(got["SecretString"], "1");
}

#[tokio::test]
async fn rotation_is_refused_by_name() {
    let cloud = Cloud::new().await;
    let (code, message) = cloud.error("secretsmanager", "RotateSecret", json!({ "SecretId": "s" })).await;
    assert_eq!(code, "UnknownOperationException");
    assert!(message.contains("RotateSecret"), "{message}");
}
