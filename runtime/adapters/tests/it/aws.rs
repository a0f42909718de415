//! The AWS adapters over the real SDK and the real wire format.

use como_adapters::aws::CognitoPoolIds;
use como_adapters::encryption::ProfileTokenCipher;
use como_adapters::settings::ConfigurationSource;
use como_domain::identifier::MemberId;
use como_domain::identity::{Identities, ProfileTokens, Sessions};
use como_domain::member::ProfileToken;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::stub::{Stub, error};

fn member() -> MemberId {
    MemberId::try_from("C1000001").unwrap()
}

fn authenticated() -> (u16, Value) {
    let result = json!({ "AccessToken": "access", "IdToken": "id", "RefreshToken": "refresh", "ExpiresIn": 3600, "TokenType": "Bearer" });
    (200, json!({ "AuthenticationResult": result, "ChallengeParameters": {} }))
}

fn user(status: &str) -> (u16, Value) {
    (200, json!({ "Username": "C1000001", "UserStatus": status, "Enabled": true }))
}

/// Signs in once and returns the operations that it took.
async fn sign_in(script: Vec<(&'static str, Vec<(u16, Value)>)>) -> (Stub, Result<u32, String>) {
    let (stub, clients) = Stub::start(script).await;
    let ids = CognitoPoolIds { pool_id: "ap-southeast-1_Pool".to_owned(), client_id: "client".to_owned() };
    let pool = clients.cognito_pool(ids, SecretString::from("a key of the derivation, 32 letters+"));
    let result = pool.sign_in(&member()).await;
    let told = |error: como_domain::identity::IdentityError| format!("{error}: {}", error.source);
    (stub, result.map(|tokens| tokens.expires_in_s).map_err(told))
}

#[tokio::test]
async fn a_new_member_is_added_to_the_pool_without_personal_data() {
    let (stub, result) = sign_in(vec![
        ("AdminGetUser", vec![error("UserNotFoundException")]),
        ("AdminCreateUser", vec![(200, json!({ "User": {} }))]),
        ("AdminSetUserPassword", vec![(200, json!({}))]),
        ("AdminInitiateAuth", vec![authenticated()]),
    ])
    .await;
    assert_eq!(result, Ok(3600));
    assert_eq!(stub.operations(), ["AdminGetUser", "AdminCreateUser", "AdminSetUserPassword", "AdminInitiateAuth"]);
    let created = json!({ "UserPoolId": "ap-southeast-1_Pool", "Username": "C1000001", "MessageAction": "SUPPRESS" });
    assert_eq!(stub.last("AdminCreateUser"), created);
    let password = stub.last("AdminSetUserPassword");
    assert_eq!(password["Permanent"], true);
    let authentication = stub.last("AdminInitiateAuth");
    assert_eq!(authentication["AuthFlow"], "ADMIN_USER_PASSWORD_AUTH");
    assert_eq!(authentication["AuthParameters"]["PASSWORD"], password["Password"]);
}

#[tokio::test]
async fn a_known_member_costs_two_calls() {
    let (stub, result) =
        sign_in(vec![("AdminGetUser", vec![user("CONFIRMED")]), ("AdminInitiateAuth", vec![authenticated()])]).await;
    assert_eq!(result, Ok(3600));
    assert_eq!(stub.operations(), ["AdminGetUser", "AdminInitiateAuth"]);
}

#[tokio::test]
async fn an_interrupted_creation_is_finished_and_a_race_is_no_failure() {
    let (stub, result) = sign_in(vec![
        ("AdminGetUser", vec![user("FORCE_CHANGE_PASSWORD")]),
        ("AdminSetUserPassword", vec![(200, json!({}))]),
        ("AdminInitiateAuth", vec![authenticated()]),
    ])
    .await;
    assert_eq!(result, Ok(3600));
    assert_eq!(stub.operations(), ["AdminGetUser", "AdminSetUserPassword", "AdminInitiateAuth"]);

    let (_, result) = sign_in(vec![
        ("AdminGetUser", vec![error("UserNotFoundException")]),
        ("AdminCreateUser", vec![error("UsernameExistsException")]),
        ("AdminSetUserPassword", vec![(200, json!({}))]),
        ("AdminInitiateAuth", vec![authenticated()]),
    ])
    .await;
    assert_eq!(result, Ok(3600));
}

#[tokio::test]
async fn a_rotated_key_is_repaired_once() {
    let (stub, result) = sign_in(vec![
        ("AdminGetUser", vec![user("CONFIRMED")]),
        ("AdminSetUserPassword", vec![(200, json!({}))]),
        ("AdminInitiateAuth", vec![error("NotAuthorizedException"), authenticated()]),
    ])
    .await;
    assert_eq!(result, Ok(3600));
    assert_eq!(stub.operations().iter().filter(|name| *name == "AdminInitiateAuth").count(), 2);

    let (_, result) = sign_in(vec![
        ("AdminGetUser", vec![user("CONFIRMED")]),
        ("AdminSetUserPassword", vec![(200, json!({}))]),
        ("AdminInitiateAuth", vec![error("NotAuthorizedException")]),
    ])
    .await;
    assert!(result.is_err());
}

#[tokio::test]
async fn an_error_keeps_the_code_and_not_the_text() {
    let (_, result) = sign_in(vec![("AdminGetUser", vec![error("ResourceNotFoundException")])]).await;
    let expected = "cannot look a member up with the identity provider: ResourceNotFoundException";
    assert_eq!(result, Err(expected.to_owned()));
}

#[tokio::test]
async fn a_configuration_row_is_read() {
    let document = r#"{"base_url": "https://c21sguat.memgate.com"}"#;
    let item = json!({ "name": { "S": "partner/memberson" }, "version": { "N": "7" }, "document": { "S": document } });
    let (stub, clients) = Stub::start([(
        "GetItem",
        vec![(200, json!({ "Item": item })), (200, json!({})), error("ResourceNotFoundException")],
    )])
    .await;
    let table = clients.configuration_table("prod");
    let row = table.row("partner/memberson").await.unwrap().unwrap();
    assert_eq!((row.version, row.document.as_str()), (7, document));
    assert_eq!(stub.last("GetItem")["TableName"], "como-prod-configuration");
    assert_eq!(table.row("partner/memberson").await.unwrap(), None);
    assert!(table.row("partner/memberson").await.is_err());
}

#[tokio::test]
async fn a_session_leaves_the_process_encrypted() {
    let (stub, clients) = Stub::start([("PutItem", vec![(200, json!({}))])]).await;
    let cipher = || ProfileTokenCipher::new(&SecretString::from("0123456789abcdef0123456789abcdef")).unwrap();
    let profile_token = ProfileToken {
        secret: SecretString::from("the-members-own-token"),
        expires_at: "2026-12-01T02:00:00Z".parse().unwrap(),
    };
    clients.sessions_table("prod", cipher()).put(&member(), &profile_token).await.unwrap();
    let asked = stub.last("PutItem");
    assert_eq!(asked["TableName"], "como-prod-sessions");
    let item = &asked["Item"];
    assert_eq!(item["member_id"], json!({ "S": "C1000001" }));
    assert_eq!(item["expires_at"], json!({ "S": "2026-12-01T02:00:00Z" }));
    assert_eq!(item["time_to_live"], json!({ "N": "1796090400" }));
    let sealed = aws_sdk_dynamodb::primitives::Blob::new(decode(item["profile_token"]["B"].as_str().unwrap()));
    assert!(!asked.to_string().contains("the-members-own-token"));
    let opened = cipher().open(&member(), sealed.as_ref()).unwrap();
    assert_eq!(opened.expose_secret(), "the-members-own-token");
}

#[tokio::test]
async fn a_session_comes_back_for_its_member_only() {
    let cipher = || ProfileTokenCipher::new(&SecretString::from("0123456789abcdef0123456789abcdef")).unwrap();
    let sealed = cipher().seal(&member(), &SecretString::from("the-members-own-token")).unwrap();
    let item = json!({
        "member_id": { "S": "C1000001" }, "expires_at": { "S": "2026-12-01T02:00:00Z" },
        "profile_token": { "B": encode(&sealed) },
    });
    let answers = vec![(200, json!({ "Item": item })), (200, json!({ "Item": item })), (200, json!({}))];
    let (stub, clients) = Stub::start([("GetItem", answers)]).await;
    let table = clients.sessions_table("prod", cipher());
    let token = table.get(&member()).await.unwrap().unwrap();
    assert_eq!(token.secret.expose_secret(), "the-members-own-token");
    assert_eq!(token.expires_at.to_string(), "2026-12-01T02:00:00Z");
    assert_eq!(stub.last("GetItem")["ConsistentRead"], true);
    // Moved to another member, it cannot be opened.
    assert!(table.get(&MemberId::try_from("C1000002").unwrap()).await.is_err());
    assert!(table.get(&member()).await.unwrap().is_none());
}

fn encode(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn decode(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

#[tokio::test]
async fn open_manual_actions_are_counted_page_by_page() {
    let after = json!({ "action_id": { "S": "saga:step" }, "open_kind": { "S": "x" }, "opened_at": { "S": "y" } });
    let pages = vec![(200, json!({ "Count": 2, "LastEvaluatedKey": after })), (200, json!({ "Count": 1 }))];
    let (stub, clients) = Stub::start(vec![("Scan", pages)]).await;
    assert_eq!(clients.open_actions("prod").count().await.unwrap(), 3);
    assert_eq!(stub.operations(), ["Scan", "Scan"]);
    let asked = stub.last("Scan");
    let named = (asked["TableName"].as_str(), asked["IndexName"].as_str(), asked["Select"].as_str());
    assert_eq!(named, (Some("como-prod-manual-actions"), Some("open-actions"), Some("COUNT")));
    assert_eq!(asked["ExclusiveStartKey"], after);
    let (_stub, clients) = Stub::start(vec![("Scan", vec![error("AccessDeniedException")])]).await;
    assert!(clients.open_actions("prod").count().await.is_err());
}
