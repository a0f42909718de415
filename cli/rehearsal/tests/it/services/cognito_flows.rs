//! Sign-ins of several steps, groups, and tokens for programs.

use super::cloud::{Cloud, REGION, refused};
use super::cognito::{Pool, add_member, verify};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use como_rehearsal::hosting::Hosted;
use num_bigint::BigUint;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const SERVICE: &str = "cognito-idp";
const SYDNEY: &str = "ap-southeast-2";
/// Of Cognito's published clients.
const PRIME: &str = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF";

/// A pool whose client signs in by every flow, with or without a secret.
async fn pool(cloud: &Cloud, region: &str, has_secret: bool) -> (Pool, Option<String>) {
    let properties = json!({
        "UserPoolName": "ops", "Schema": [{ "Name": "member_id", "AttributeDataType": "String" }],
    });
    let created = cloud.create_in(region, "AWS::Cognito::UserPool", "Pool", properties).await;
    let flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];
    let properties = json!({
        "UserPoolId": created.physical_id, "ExplicitAuthFlows": flows, "GenerateSecret": has_secret,
        "PreventUserExistenceErrors": "ENABLED",
    });
    let client = cloud.create_in(region, "AWS::Cognito::UserPoolClient", "Client", properties).await;
    let secret = client.attributes.get("ClientSecret").and_then(Value::as_str).map(str::to_owned);
    let arn = created.attributes["Arn"].as_str().unwrap().to_owned();
    (Pool { id: created.physical_id, arn, client: client.physical_id }, secret)
}

fn secret_hash(secret: &str, name: &str, client: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    STANDARD.encode(hmac::sign(&key, format!("{name}{client}").as_bytes()))
}

/// The numbers of a client that signs in by SRP.
struct Prover {
    prime: BigUint,
    secret: BigUint,
}

impl Prover {
    fn new() -> Self {
        let prime = BigUint::parse_bytes(PRIME.as_bytes(), 16).unwrap();
        Self { prime, secret: BigUint::parse_bytes(b"1f2e3d4c5b6a79881f2e3d4c5b6a79881f2e3d4c5b6a7988", 16).unwrap() }
    }

    fn public(&self) -> BigUint {
        BigUint::from(2_u32).modpow(&self.secret, &self.prime)
    }

    /// The answers to a challenge.
    fn prove(&self, pool: &str, password: &str, challenge: &Value) -> Value {
        let number = |name: &str| BigUint::parse_bytes(challenge[name].as_str().unwrap().as_bytes(), 16).unwrap();
        let (salt, server) = (number("SALT"), number("SRP_B"));
        let user = challenge["USER_ID_FOR_SRP"].as_str().unwrap();
        let name = pool.split_once('_').unwrap().1;
        let scramble = digest(&[&pad(&self.public()), &pad(&server)]);
        let inner = Sha256::digest(format!("{name}{user}:{password}"));
        let x = digest(&[&pad(&salt), inner.as_slice()]);
        let multiplier = digest(&[&pad(&self.prime), &pad(&BigUint::from(2_u32))]);
        let base = BigUint::from(2_u32).modpow(&x, &self.prime) * multiplier % &self.prime;
        let shared = (server + &self.prime - base).modpow(&(&self.secret + &scramble * x), &self.prime);
        let sign =
            |key: &[u8], message: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref().to_vec();
        let key = sign(&sign(&pad(&scramble), &pad(&shared)), b"Caldera Derived Key\x01")[..16].to_vec();
        let block = challenge["SECRET_BLOCK"].as_str().unwrap();
        let timestamp = "Tue Nov 24 01:02:03 UTC 2026";
        let block_bytes = STANDARD.decode(block).unwrap();
        let message = [name.as_bytes(), user.as_bytes(), &block_bytes, timestamp.as_bytes()].concat();
        json!({
            "USERNAME": user, "TIMESTAMP": timestamp, "PASSWORD_CLAIM_SECRET_BLOCK": block,
            "PASSWORD_CLAIM_SIGNATURE": STANDARD.encode(sign(&key, &message)),
        })
    }
}

fn digest(parts: &[&[u8]]) -> BigUint {
    BigUint::from_bytes_be(Sha256::digest(parts.concat()).as_slice())
}

fn pad(number: &BigUint) -> Vec<u8> {
    let mut bytes = number.to_bytes_be();
    if 0x80 <= bytes[0] {
        bytes.insert(0, 0);
    }
    bytes
}

#[tokio::test]
async fn a_password_is_proved_without_being_sent() {
    let cloud = Cloud::new().await;
    let (pool, secret) = pool(&cloud, REGION, true).await;
    let secret = secret.unwrap();
    add_member(&cloud, &pool, "m-1", "Correct-horse-1").await;
    let prover = Prover::new();
    let begin = |name: &str| {
        json!({
            "ClientId": pool.client, "AuthFlow": "USER_SRP_AUTH",
            "AuthParameters": {
                "USERNAME": name, "SRP_A": prover.public().to_str_radix(16),
                "SECRET_HASH": secret_hash(&secret, name, &pool.client),
            },
        })
    };
    let answer = |challenge: &Value, password: &str| {
        let mut responses = prover.prove(&pool.id, password, &challenge["ChallengeParameters"]);
        let name = responses["USERNAME"].as_str().unwrap().to_owned();
        responses["SECRET_HASH"] = json!(secret_hash(&secret, &name, &pool.client));
        json!({ "ClientId": pool.client, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": responses })
    };
    let challenge = cloud.ok(SERVICE, "InitiateAuth", begin("m-1")).await;
    assert_eq!(challenge["ChallengeName"], json!("PASSWORD_VERIFIER"));
    // The second step finds the first one after a restart, too.
    let cloud = cloud.restart().await;
    let right = answer(&challenge, "Correct-horse-1");
    let signed_in = cloud.ok(SERVICE, "RespondToAuthChallenge", right.clone()).await;
    let access = signed_in["AuthenticationResult"]["AccessToken"].as_str().unwrap();
    assert_eq!(verify(&cloud, &pool, access, None).await["username"], json!("m-1"));
    let (code, _) = cloud.error(SERVICE, "RespondToAuthChallenge", right).await;
    assert_eq!(code, "NotAuthorizedException");
    // A wrong password and a member who is not there get the same answer.
    for (name, password) in [("m-1", "Wrong-horse-1"), ("m-2", "Correct-horse-1")] {
        let challenge = cloud.ok(SERVICE, "InitiateAuth", begin(name)).await;
        let (code, message) = cloud.error(SERVICE, "RespondToAuthChallenge", answer(&challenge, password)).await;
        assert_eq!((code.as_str(), message.as_str()), ("NotAuthorizedException", "Incorrect username or password."));
    }
    let mut unsigned = begin("m-1");
    unsigned["AuthParameters"]["SECRET_HASH"] = json!("nonsense");
    let (code, message) = cloud.error(SERVICE, "InitiateAuth", unsigned).await;
    assert_eq!(code, "NotAuthorizedException");
    assert!(message.starts_with("Unable to verify secret hash for client"), "{message}");
}

#[tokio::test]
async fn the_first_password_is_replaced_by_ones_own() {
    let cloud = Cloud::new().await;
    let (pool, _) = pool(&cloud, REGION, false).await;
    let create = json!({ "UserPoolId": pool.id, "Username": "m-1", "TemporaryPassword": "Temporary-1" });
    cloud.ok(SERVICE, "AdminCreateUser", create).await;
    let sign_in = |password: &str| {
        json!({
            "ClientId": pool.client, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": { "USERNAME": "m-1", "PASSWORD": password },
        })
    };
    let challenge = cloud.ok(SERVICE, "InitiateAuth", sign_in("Temporary-1")).await;
    assert_eq!(challenge["ChallengeName"], json!("NEW_PASSWORD_REQUIRED"));
    let respond = |password: &str, session: &Value| {
        json!({
            "ClientId": pool.client, "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session,
            "ChallengeResponses": { "USERNAME": "m-1", "NEW_PASSWORD": password },
        })
    };
    let (code, _) = cloud.error(SERVICE, "RespondToAuthChallenge", respond("short", &challenge["Session"])).await;
    assert_eq!(code, "InvalidPasswordException");
    let (code, _) = cloud.error(SERVICE, "RespondToAuthChallenge", respond("My-own-horse-1", &json!("made up"))).await;
    assert_eq!(code, "NotAuthorizedException");
    let done = cloud.ok(SERVICE, "RespondToAuthChallenge", respond("My-own-horse-1", &challenge["Session"])).await;
    let access = done["AuthenticationResult"]["AccessToken"].clone();
    let change =
        json!({ "AccessToken": access, "PreviousPassword": "My-own-horse-1", "ProposedPassword": "Newer-horse-1" });
    cloud.ok(SERVICE, "ChangePassword", change).await;
    let (code, _) = cloud.error(SERVICE, "InitiateAuth", sign_in("My-own-horse-1")).await;
    assert_eq!(code, "NotAuthorizedException");
    let newest = cloud.ok(SERVICE, "InitiateAuth", sign_in("Newer-horse-1")).await;
    cloud.ok(SERVICE, "GlobalSignOut", json!({ "AccessToken": access })).await;
    let refresh = json!({
        "ClientId": pool.client, "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": { "REFRESH_TOKEN": newest["AuthenticationResult"]["RefreshToken"] },
    });
    let (code, _) = cloud.error(SERVICE, "InitiateAuth", refresh).await;
    assert_eq!(code, "NotAuthorizedException");
}

#[tokio::test]
async fn tokens_of_both_regions_verify_by_their_own_keys_and_name_groups() {
    let cloud = Cloud::new().await;
    let mut tokens = Vec::new();
    for region in [REGION, SYDNEY] {
        let (pool, _) = pool(&cloud, region, false).await;
        assert!(pool.id.starts_with(region) && pool.arn.contains(region), "{}", pool.id);
        add_member(&cloud, &pool, "m-1", "Correct-horse-1").await;
        for (name, precedence) in [("ops", 5), ("admins", 1), ("others", 9)] {
            let role = format!("arn:aws:iam::123456789012:role/{name}");
            let group = json!({ "UserPoolId": pool.id, "GroupName": name, "Precedence": precedence, "RoleArn": role });
            cloud.ok_in(region, SERVICE, "CreateGroup", group).await;
        }
        for name in ["ops", "admins"] {
            let join = json!({ "UserPoolId": pool.id, "GroupName": name, "Username": "m-1" });
            cloud.ok_in(region, SERVICE, "AdminAddUserToGroup", join).await;
        }
        let sign_in = json!({
            "ClientId": pool.client, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": { "USERNAME": "m-1", "PASSWORD": "Correct-horse-1" },
        });
        let result = cloud.ok_in(region, SERVICE, "InitiateAuth", sign_in).await["AuthenticationResult"].clone();
        let access = verify(&cloud, &pool, result["AccessToken"].as_str().unwrap(), None).await;
        assert_eq!(access["cognito:groups"], json!(["admins", "ops"]));
        let id = verify(&cloud, &pool, result["IdToken"].as_str().unwrap(), Some(&pool.client)).await;
        assert_eq!(id["cognito:preferred_role"], json!("arn:aws:iam::123456789012:role/admins"));
        let listed = json!({ "UserPoolId": pool.id, "GroupName": "ops" });
        let users = cloud.ok_in(region, SERVICE, "ListUsersInGroup", listed).await;
        assert_eq!(users["Users"][0]["Username"], json!("m-1"));
        let first = cloud.ok_in(region, SERVICE, "ListGroups", json!({ "UserPoolId": pool.id, "Limit": 2 })).await;
        let next = json!({ "UserPoolId": pool.id, "Limit": 2, "NextToken": first["NextToken"] });
        let next = cloud.ok_in(region, SERVICE, "ListGroups", next).await;
        assert_eq!((next["Groups"][0]["GroupName"].as_str(), &next["NextToken"]), (Some("others"), &Value::Null));
        cloud.ok_in(region, SERVICE, "AdminDeleteUser", json!({ "UserPoolId": pool.id, "Username": "m-1" })).await;
        let users = json!({ "UserPoolId": pool.id, "GroupName": "ops" });
        assert_eq!(cloud.ok_in(region, SERVICE, "ListUsersInGroup", users).await["Users"], json!([]));
        tokens.push((pool, result["AccessToken"].as_str().unwrap().to_owned()));
    }
    // Neither pool publishes the key of the other's tokens.
    let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    assert_ne!(kid(&tokens[0].1), kid(&tokens[1].1));
}

/// Status and body of the token endpoint's answer.
async fn token(cloud: &Cloud, basic: Option<(&str, &str)>, form: &str) -> (u16, Value) {
    let mut request = http::Request::post("/oauth2/token");
    if let Some((id, secret)) = basic {
        request = request.header("authorization", format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))));
    }
    let response = cloud.services.handle("", "", request.body(Bytes::from(form.to_owned())).unwrap()).await;
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
}

#[tokio::test]
async fn programs_get_tokens_with_the_scopes_that_they_may_have() {
    let cloud = Cloud::new().await;
    let (members, _) = pool(&cloud, REGION, false).await;
    let server = json!({
        "UserPoolId": members.id, "Identifier": "como", "Name": "como", "Scopes": [
            { "ScopeName": "read", "ScopeDescription": "r" }, { "ScopeName": "write", "ScopeDescription": "w" },
        ],
    });
    cloud.create("AWS::Cognito::UserPoolResourceServer", "Server", server).await;
    let mut properties = json!({
        "UserPoolId": members.id, "AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthFlowsUserPoolClient": true,
        "AllowedOAuthScopes": ["como/read", "como/write"],
    });
    let message = refused(cloud.try_create("AWS::Cognito::UserPoolClient", "Ops", properties.clone()).await);
    assert!(message.contains("does not have a client secret"), "{message}");
    properties["GenerateSecret"] = json!(true);
    let ops = cloud.create("AWS::Cognito::UserPoolClient", "Ops", properties).await;
    let (id, secret) = (ops.physical_id.as_str(), ops.attributes["ClientSecret"].as_str().unwrap());
    let form = "grant_type=client_credentials&scope=como%2Fread";
    let (status, answer) = token(&cloud, Some((id, secret)), form).await;
    assert_eq!((status, answer["error"].as_str()), (400, Some("invalid_request")), "no domain yet");
    cloud.create("AWS::Cognito::UserPoolDomain", "Domain", json!({ "UserPoolId": members.id, "Domain": "ops" })).await;
    let (status, answer) = token(&cloud, Some((id, secret)), form).await;
    assert_eq!(status, 200, "{answer}");
    let claims = verify(&cloud, &members, answer["access_token"].as_str().unwrap(), None).await;
    assert_eq!((&claims["scope"], &claims["sub"]), (&json!("como/read"), &json!(id)));
    assert!(claims.get("username").is_none());
    let all = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let (_, answer) = token(&cloud, None, &all).await;
    let claims = verify(&cloud, &members, answer["access_token"].as_str().unwrap(), None).await;
    assert_eq!(claims["scope"], json!("como/read como/write"));
    // A program is nobody's member.
    let (code, _) = cloud.error(SERVICE, "GetUser", json!({ "AccessToken": answer["access_token"] })).await;
    assert_eq!(code, "NotAuthorizedException");
    for (basic, form, error) in [
        (Some((id, "wrong")), form, "invalid_client"),
        (Some(("nobody", secret)), form, "invalid_client"),
        (Some((id, secret)), "grant_type=client_credentials&scope=como%2Fdelete", "invalid_scope"),
        (Some((id, secret)), "grant_type=authorization_code", "unsupported_grant_type"),
        (Some((id, secret)), "", "invalid_request"),
        (None, &format!("{form}&client_id={}", members.client), "unauthorized_client"),
        (None, &format!("grant_type=refresh_token&refresh_token=x&client_id={}", members.client), "invalid_grant"),
    ] {
        let (status, answer) = token(&cloud, basic, form).await;
        assert_eq!((status, answer["error"].as_str()), (400, Some(error)), "{form}");
    }
}

#[tokio::test]
async fn a_client_of_browsers_has_a_page_to_come_back_to_and_scopes_that_there_are() {
    let cloud = Cloud::new().await;
    let (members, _) = pool(&cloud, REGION, false).await;
    let mut properties = json!({
        "UserPoolId": members.id, "AllowedOAuthFlows": ["code"], "AllowedOAuthFlowsUserPoolClient": true,
        "AllowedOAuthScopes": ["openid", "como/read"],
    });
    let message = refused(cloud.try_create("AWS::Cognito::UserPoolClient", "Staff", properties.clone()).await);
    assert!(message.contains("CallbackURLs"), "{message}");
    properties["CallbackURLs"] = json!(["https://como.example/"]);
    let message = refused(cloud.try_create("AWS::Cognito::UserPoolClient", "Staff", properties.clone()).await);
    assert!(message.contains("como/read"), "{message}");
    let server = json!({
        "UserPoolId": members.id, "Identifier": "como", "Name": "como",
        "Scopes": [{ "ScopeName": "read", "ScopeDescription": "r" }],
    });
    cloud.create("AWS::Cognito::UserPoolResourceServer", "Server", server).await;
    let client = cloud.create("AWS::Cognito::UserPoolClient", "Staff", properties.clone()).await.physical_id;
    let asked = json!({ "UserPoolId": members.id, "ClientId": client });
    let shown = cloud.ok(SERVICE, "DescribeUserPoolClient", asked).await["UserPoolClient"].clone();
    for name in ["AllowedOAuthFlows", "AllowedOAuthFlowsUserPoolClient", "AllowedOAuthScopes", "CallbackURLs"] {
        assert_eq!(shown[name], properties[name], "{name}");
    }
}
