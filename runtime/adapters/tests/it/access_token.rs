//! Tokens of two pools on loopback: genuine ones are read, all others are refused for a reason.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use como_adapters::access_token::{CognitoTokens, Issuer};
use como_adapters::http;
use como_domain::access::{AccessTokenError, AccessTokens, TokenFault};
use como_domain::clock::Clock;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::world::origin;

const NOW: i64 = 1_790_000_000;
const CLIENT: &str = "client-of-the-app";

/// A clock that the test moves.
#[derive(Default)]
struct Moved(Mutex<Duration>);

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(NOW).unwrap() + *self.0.lock().unwrap()
    }

    fn monotonic(&self) -> Duration {
        *self.0.lock().unwrap()
    }
}

struct Key {
    id: &'static str,
    signing: EncodingKey,
    published: Value,
}

impl Key {
    fn generate(id: &'static str) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            STANDARD.encode(pair.as_der().unwrap().as_ref())
        );
        let public = pair.public_key();
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let published = json!({
            "alg": "RS256", "kty": "RSA", "use": "sig", "kid": id,
            "n": part(public.modulus().big_endian_without_leading_zero()),
            "e": part(public.exponent().big_endian_without_leading_zero()),
        });
        Self { id, signing: EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap(), published }
    }

    fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.id.to_owned());
        jsonwebtoken::encode(&header, claims, &self.signing).unwrap()
    }
}

/// A pool's `jwks.json`, which can be changed, counted and taken down.
#[derive(Clone, Default)]
struct Published {
    keys: Arc<Mutex<Vec<Value>>>,
    asked: Arc<AtomicUsize>,
    down: Arc<AtomicBool>,
}

impl Published {
    async fn serve(&self) -> String {
        let published = self.clone();
        let answer = move || {
            published.asked.fetch_add(1, Ordering::SeqCst);
            let keys = published.keys.lock().unwrap().clone();
            let answer = match published.down.load(Ordering::SeqCst) {
                true => StatusCode::SERVICE_UNAVAILABLE.into_response(),
                false => axum::Json(json!({ "keys": keys })).into_response(),
            };
            std::future::ready(answer)
        };
        origin(Router::new().route("/{pool}/.well-known/jwks.json", get(answer))).await
    }
}

struct World {
    singapore: Published,
    tokens: CognitoTokens,
    clock: Arc<Moved>,
}

async fn world(singapore_keys: &[&Key], sydney_keys: &[&Key]) -> World {
    let (singapore, sydney) = (Published::default(), Published::default());
    *singapore.keys.lock().unwrap() = singapore_keys.iter().map(|key| key.published.clone()).collect();
    *sydney.keys.lock().unwrap() = sydney_keys.iter().map(|key| key.published.clone()).collect();
    let (there, here) = (sydney.serve().await, singapore.serve().await);
    let issuers = vec![
        Issuer::of_pool("ap-southeast-1", "ap-southeast-1_Sing", CLIENT, Some(&here)),
        Issuer::of_pool("ap-southeast-2", "ap-southeast-2_Sydn", "client-in-sydney", Some(&there)),
    ];
    let clock = Arc::new(Moved::default());
    let tokens = CognitoTokens::new(http::client().unwrap(), clock.clone(), issuers);
    World { singapore, tokens, clock }
}

fn claims() -> Value {
    json!({
        "iss": "https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_Sing", "sub": "x", "username": "C1000001",
        "token_use": "access", "client_id": CLIENT, "scope": "aws.cognito.signin.user.admin openid", "exp": NOW + 3_600,
        "cognito:groups": ["ops"],
    })
}

fn with(change: impl FnOnce(&mut Value)) -> Value {
    let mut claims = claims();
    change(&mut claims);
    claims
}

#[expect(clippy::panic, reason = "a failed test may panic")]
async fn fault(tokens: &CognitoTokens, token: &str) -> Option<TokenFault> {
    match tokens.verify(token).await {
        Ok(_) => None,
        Err(AccessTokenError::Invalid(fault)) => Some(fault),
        Err(AccessTokenError::KeysUnavailable(cause)) => panic!("the keys were there: {cause}"),
    }
}

#[tokio::test]
async fn tokens_of_both_regions_are_read_and_every_other_is_refused_for_a_reason() {
    let (singapore, sydney, stranger) = (Key::generate("s1"), Key::generate("y1"), Key::generate("s1"));
    let world = world(&[&singapore], &[&sydney]).await;
    let verified = world.tokens.verify(&singapore.sign(&claims())).await.unwrap();
    assert_eq!(verified.member_id.as_str(), "C1000001");
    assert!(verified.scopes.contains("aws.cognito.signin.user.admin"));
    assert_eq!(verified.groups, BTreeSet::from(["ops".to_owned()]));
    let in_sydney = with(|claims| {
        claims["iss"] = json!("https://cognito-idp.ap-southeast-2.amazonaws.com/ap-southeast-2_Sydn");
        claims["client_id"] = json!("client-in-sydney");
        claims.as_object_mut().unwrap().shift_remove("cognito:groups");
    });
    assert!(world.tokens.verify(&sydney.sign(&in_sydney)).await.unwrap().groups.is_empty());

    let check = async |token: String, expected: TokenFault| {
        assert_eq!(fault(&world.tokens, &token).await, Some(expected), "{token}");
    };
    check(stranger.sign(&claims()), TokenFault::Signature).await;
    check(singapore.sign(&in_sydney), TokenFault::UnknownKey).await;
    check(singapore.sign(&with(|claims| claims["iss"] = json!("https://evil.example.com"))), TokenFault::Issuer).await;
    check(singapore.sign(&with(|claims| claims["exp"] = json!(NOW))), TokenFault::Expired).await;
    check(singapore.sign(&with(|claims| claims["nbf"] = json!(NOW + 9))), TokenFault::NotYetValid).await;
    check(singapore.sign(&with(|claims| claims["token_use"] = json!("id"))), TokenFault::NotForAccess).await;
    check(singapore.sign(&with(|claims| claims["client_id"] = json!("client-in-sydney"))), TokenFault::Client).await;
    check(singapore.sign(&with(|claims| claims["username"] = json!("../x"))), TokenFault::NoMember).await;
    check("a.b.c".to_owned(), TokenFault::Malformed).await;
    check(String::new(), TokenFault::Malformed).await;

    // The same claims without a signature, and under a key that everybody knows.
    let parts = |header: Value| {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.", part(&header), part(&claims()))
    };
    assert!(fault(&world.tokens, &parts(json!({ "alg": "none", "kid": "s1" }))).await.is_some());
    check(format!("{}c2ln", parts(json!({ "alg": "HS256", "kid": "s1" }))), TokenFault::Algorithm).await;
}

#[tokio::test]
async fn keys_are_kept_renewed_and_outlive_an_issuer_that_is_down() {
    let (first, second) = (Key::generate("s1"), Key::generate("s2"));
    let world = world(&[&first], &[]).await;
    let advance = |seconds| *world.clock.0.lock().unwrap() += Duration::from_secs(seconds);
    let asked = || world.singapore.asked.load(Ordering::SeqCst);
    let long = with(|claims| claims["exp"] = json!(NOW + 86_400));
    for _ in 0..3 {
        assert_eq!(fault(&world.tokens, &first.sign(&long)).await, None);
    }
    assert_eq!(asked(), 1);
    // A new key is looked for, but not with every token that names one.
    world.singapore.keys.lock().unwrap().push(second.published.clone());
    assert_eq!(fault(&world.tokens, &second.sign(&long)).await, Some(TokenFault::UnknownKey));
    assert_eq!(asked(), 1);
    advance(61);
    assert_eq!(fault(&world.tokens, &second.sign(&long)).await, None);
    assert_eq!(asked(), 2);
    world.singapore.down.store(true, Ordering::SeqCst);
    advance(3_601);
    assert_eq!(fault(&world.tokens, &first.sign(&long)).await, None, "what was fetched goes on being used");
    assert_eq!(asked(), 3);
}

#[tokio::test]
async fn without_any_keys_nobody_is_told_that_the_token_is_at_fault() {
    let key = Key::generate("s1");
    let world = world(&[&key], &[]).await;
    world.singapore.down.store(true, Ordering::SeqCst);
    let result = world.tokens.verify(&key.sign(&claims())).await;
    assert!(matches!(result, Err(AccessTokenError::KeysUnavailable(_))), "{result:?}");
    world.singapore.down.store(false, Ordering::SeqCst);
    assert_eq!(fault(&world.tokens, &key.sign(&claims())).await, None);
}
