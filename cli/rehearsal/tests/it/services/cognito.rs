use super::cloud::{Cloud, refused};
use bytes::Bytes;
use como_rehearsal::hosting::Hosted;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value, json};

const SERVICE: &str = "cognito-idp";

/// A pool with a client that signs in as COMO's does.
pub(super) struct Pool {
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) client: String,
}

pub(super) async fn pool(cloud: &Cloud) -> Pool {
    let properties = json!({
        "UserPoolName": "members", "DeletionProtection": "ACTIVE",
        "Schema": [{ "Name": "member_id", "AttributeDataType": "String" }],
    });
    let created = cloud.create("AWS::Cognito::UserPool", "Members", properties).await;
    let id = created.physical_id;
    assert!(id.starts_with("ap-southeast-1_"), "{id}");
    let properties = json!({
        "UserPoolId": id, "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        "AccessTokenValidity": 15, "TokenValidityUnits": { "AccessToken": "minutes" },
        "PreventUserExistenceErrors": "ENABLED",
    });
    let client = cloud.create("AWS::Cognito::UserPoolClient", "Client", properties).await.physical_id;
    // So a call without a signature finds its region.
    assert_eq!(cloud.services.region_of_client(&client).as_deref(), Some("ap-southeast-1"));
    assert_eq!(cloud.services.region_of_client("nobody"), None);
    Pool { id, arn: created.attributes["Arn"].as_str().unwrap().to_owned(), client }
}

pub(super) async fn add_member(cloud: &Cloud, pool: &Pool, name: &str, password: &str) {
    // A pool is known in its own region alone, with which its id begins.
    let region = pool.id.split('_').next().unwrap();
    let create = json!({
        "UserPoolId": pool.id, "Username": name, "MessageAction": "SUPPRESS",
        "UserAttributes": [{ "Name": "custom:member_id", "Value": name }],
    });
    cloud.ok_in(region, SERVICE, "AdminCreateUser", create).await;
    let set = json!({ "UserPoolId": pool.id, "Username": name, "Password": password, "Permanent": true });
    cloud.ok_in(region, SERVICE, "AdminSetUserPassword", set).await;
}

pub(super) async fn sign_in(cloud: &Cloud, pool: &Pool, name: &str, password: &str) -> Value {
    cloud.ok(SERVICE, "AdminInitiateAuth", by_password(pool, name, password)).await["AuthenticationResult"].clone()
}

fn by_password(pool: &Pool, name: &str, password: &str) -> Value {
    json!({
        "UserPoolId": pool.id, "ClientId": pool.client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": name, "PASSWORD": password },
    })
}

/// As anybody would: by the published keys only.
pub(super) async fn verify(cloud: &Cloud, pool: &Pool, token: &str, audience: Option<&str>) -> Map<String, Value> {
    let path = format!("/{}/.well-known/jwks.json", pool.id);
    let request = http::Request::get(path).body(Bytes::new()).unwrap();
    let response = cloud.services.handle("", "", request).await;
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_slice(response.body()).unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    let key = DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    let region = pool.id.split('_').next().unwrap();
    validation.set_issuer(&[format!("https://cognito-idp.{region}.amazonaws.com/{}", pool.id)]);
    match audience {
        Some(audience) => validation.set_audience(&[audience]),
        None => validation.validate_aud = false,
    }
    jsonwebtoken::decode(token, &key, &validation).unwrap().claims
}

#[tokio::test]
async fn a_member_signs_in_and_anybody_can_verify_the_tokens() {
    let cloud = Cloud::new().await;
    let pool = pool(&cloud).await;
    add_member(&cloud, &pool, "m-1001", "Correct-horse-1").await;
    let result = sign_in(&cloud, &pool, "m-1001", "Correct-horse-1").await;
    assert_eq!(result["ExpiresIn"], json!(900));
    let access = verify(&cloud, &pool, result["AccessToken"].as_str().unwrap(), None).await;
    assert_eq!(access["token_use"], json!("access"));
    assert_eq!(access["scope"], json!("aws.cognito.signin.user.admin"));
    assert_eq!(access["client_id"], json!(pool.client));
    assert_eq!(access["username"], json!("m-1001"));
    let id = verify(&cloud, &pool, result["IdToken"].as_str().unwrap(), Some(&pool.client)).await;
    assert_eq!(id["custom:member_id"], json!("m-1001"));
    assert_eq!(id["sub"], access["sub"]);
    let user = cloud.ok(SERVICE, "GetUser", json!({ "AccessToken": result["AccessToken"] })).await;
    assert_eq!(user["Username"], json!("m-1001"));
}

#[tokio::test]
async fn a_refresh_token_outlives_a_restart_but_not_a_sign_out() {
    let cloud = Cloud::new().await;
    let pool = pool(&cloud).await;
    add_member(&cloud, &pool, "m-1", "Correct-horse-1").await;
    let token = sign_in(&cloud, &pool, "m-1", "Correct-horse-1").await["RefreshToken"].clone();
    let cloud = cloud.restart().await;
    let refresh = json!({
        "ClientId": pool.client, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": { "REFRESH_TOKEN": token },
    });
    let result = cloud.ok(SERVICE, "InitiateAuth", refresh.clone()).await;
    let access = result["AuthenticationResult"]["AccessToken"].as_str().unwrap();
    assert_eq!(verify(&cloud, &pool, access, None).await["username"], json!("m-1"));
    cloud.ok(SERVICE, "AdminUserGlobalSignOut", json!({ "UserPoolId": pool.id, "Username": "m-1" })).await;
    let (code, message) = cloud.error(SERVICE, "InitiateAuth", refresh).await;
    assert_eq!((code.as_str(), message.as_str()), ("NotAuthorizedException", "Invalid Refresh Token"));
}

#[tokio::test]
async fn refusals_have_cognitos_codes() {
    let cloud = Cloud::new().await;
    let pool = pool(&cloud).await;
    add_member(&cloud, &pool, "m-1", "Correct-horse-1").await;
    let user = |name: &str| json!({ "UserPoolId": pool.id, "Username": name });
    let with = |mut base: Value, key: &str, value: Value| {
        base[key] = value;
        base
    };
    let unknown_attribute = json!([{ "Name": "custom:nope", "Value": "1" }]);
    let elsewhere = json!({ "UserPoolId": "ap-southeast-1_nothing00", "Username": "m-1" });
    let srp = with(by_password(&pool, "m-1", "x"), "AuthFlow", json!("USER_SRP_AUTH"));
    let public = with(by_password(&pool, "m-1", "x"), "AuthFlow", json!("USER_PASSWORD_AUTH"));
    for (operation, input, code, words) in [
        ("AdminGetUser", user("m-2"), "UserNotFoundException", "User does not exist."),
        ("AdminCreateUser", user("m-1"), "UsernameExistsException", "User account already exists"),
        ("AdminGetUser", elsewhere, "ResourceNotFoundException", "User pool ap-southeast-1_nothing00 does not exist."),
        ("AdminSetUserPassword", with(user("m-1"), "Password", json!("short")), "InvalidPasswordException", "not long"),
        (
            "AdminUpdateUserAttributes",
            with(user("m-1"), "UserAttributes", unknown_attribute),
            "InvalidParameterException",
            "custom:nope: Attribute does not exist in the schema.",
        ),
        ("AdminInitiateAuth", by_password(&pool, "m-1", "wrong"), "NotAuthorizedException", "Incorrect username or"),
        ("AdminInitiateAuth", by_password(&pool, "m-2", "any"), "NotAuthorizedException", "Incorrect username or"),
        ("AdminInitiateAuth", srp, "InvalidParameterException", "USER_SRP_AUTH"),
        ("InitiateAuth", public, "InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client"),
        ("AdminGetUser", json!({ "UserPoolId": pool.id }), "InvalidParameterException", "at 'username' failed"),
        ("CreateUserImportJob", json!({}), "UnknownOperationException", "CreateUserImportJob"),
    ] {
        let (got, message) = cloud.error(SERVICE, operation, input).await;
        assert_eq!(got, code, "{operation}: {message}");
        assert!(message.contains(words), "{operation}: {message}");
    }
}

#[tokio::test]
async fn a_temporary_password_asks_for_a_new_one() {
    let cloud = Cloud::new().await;
    let pool = pool(&cloud).await;
    let create = json!({ "UserPoolId": pool.id, "Username": "m-1", "TemporaryPassword": "Temporary-1" });
    let created = cloud.ok(SERVICE, "AdminCreateUser", create).await;
    assert_eq!(created["User"]["UserStatus"], json!("FORCE_CHANGE_PASSWORD"));
    let answer = cloud.ok(SERVICE, "AdminInitiateAuth", by_password(&pool, "m-1", "Temporary-1")).await;
    assert_eq!(answer["ChallengeName"], json!("NEW_PASSWORD_REQUIRED"));
}

#[tokio::test]
async fn a_protected_pool_goes_only_when_the_rehearsal_is_cleared_up() {
    let cloud = Cloud::new().await;
    let pool = pool(&cloud).await;
    let message = refused(cloud.delete("AWS::Cognito::UserPool", &pool.id, json!({})).await);
    assert!(message.contains("deletion protection is activated"), "{message}");
    cloud.delete_kept("AWS::Cognito::UserPool", &pool.id).await.unwrap();
    let (code, _) = cloud.error(SERVICE, "DescribeUserPool", json!({ "UserPoolId": pool.id })).await;
    assert_eq!(code, "ResourceNotFoundException");
}
