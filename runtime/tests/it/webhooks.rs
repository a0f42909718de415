//! What partners tell: believed only when signed, taken once, and never more than a reason to look.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use como_domain::sagas::News;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use crate::orders;
use crate::world::{Answer, SEVENROOMS_KEY, STRIPE_SECRETS, World, access_token};

fn signed(body: &str, secret: &str, at: i64) -> Request<Body> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{at}.{body}").as_bytes());
    let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let request = Request::post("/v1/webhooks/stripe").header("Stripe-Signature", format!("t={at},v1={signature}"));
    request.body(Body::from(body.to_owned())).unwrap()
}

fn event(id: &str, saga: &str) -> String {
    let object = json!({ "object": "checkout.session", "id": "cs_1", "status": "complete",
        "client_reference_id": format!("{saga}:authorise:1"), "metadata": { "reference": format!("{saga}:authorise:1") } });
    json!({ "id": id, "object": "event", "type": "checkout.session.completed", "created": 1, "data": { "object": object } })
        .to_string()
}

async fn status(world: &World, path: &str) -> serde_json::Value {
    world.read(path, &access_token("C1000001")).await.json()["status"].clone()
}

#[tokio::test]
async fn a_payment_is_heard_of_once_whoever_of_the_secrets_signed_it() {
    let world = World::start().await;
    let order = world.redeem("card", "key-1").await.json();
    let saga = order["id"].as_str().unwrap();
    world.sagas.paid.lock().unwrap().insert(saga.to_owned().try_into().unwrap());
    let now = jiff::Timestamp::now().as_second();
    let body = event("evt_1", saga);
    for (secret, at, code) in
        [("whsec_wrong", now, "webhook.signature"), (STRIPE_SECRETS[0], now - 301, "webhook.signature")]
    {
        let answer = world.order(signed(&body, secret, at)).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, json!(code)));
    }
    assert_eq!(world.order(signed("{", STRIPE_SECRETS[0], now)).await.code(), "webhook.body");
    for secret in STRIPE_SECRETS {
        assert_eq!(world.order(signed(&body, secret, now)).await.status, StatusCode::NO_CONTENT);
    }
    let looked = world.sagas.told.lock().unwrap().iter().filter(|news| **news == News::LookAgain).count();
    assert_eq!(looked, 1, "the second delivery says nothing new");
    assert_eq!(status(&world, &format!("/v1/redemptions/{saga}")).await, "confirmed");
    let unknown = event("evt_2", "00000000000000000000000000000000");
    assert_eq!(world.order(signed(&unknown, STRIPE_SECRETS[0], now)).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn an_event_that_could_not_be_handled_is_new_again() {
    let world = World::start().await;
    let order = world.redeem("card", "key-1").await.json();
    let body = event("evt_1", order["id"].as_str().unwrap());
    let now = jiff::Timestamp::now().as_second();
    world.sagas.is_elsewhere.store(true, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(world.order(signed(&body, STRIPE_SECRETS[0], now)).await.code(), "region.not_serving");
    assert!(world.events.taken.lock().unwrap().is_empty());
}

#[tokio::test]
async fn events_have_a_limit_of_their_own() {
    let world = World::start().await;
    let now = jiff::Timestamp::now().as_second();
    let fits = format!("{{\"id\":\"evt_1\",\"type\":\"x\",\"data\":{{\"object\":\"{}\"}}}}", "x".repeat(40_000));
    assert_eq!(world.order(signed(&fits, STRIPE_SECRETS[0], now)).await.status, StatusCode::NO_CONTENT);
    let answer = world.order(signed(&"x".repeat(70_000), STRIPE_SECRETS[0], now)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn sevenrooms_is_heard_at_a_secret_address_only() {
    let world = World::start().await;
    let order = world.redeem("points", "key-1").await.json();
    let body = json!([{ "entity_type": "reservation", "entity": { "external_id": format!("{}:reserve:1", order["id"].as_str().unwrap()) } }]);
    let tell = async |key: &str| -> Answer {
        let path = format!("/v1/webhooks/sevenrooms/{key}");
        world.order(orders::request(axum::http::Method::POST, &path, "none", None, &body)).await
    };
    assert_eq!(tell("guess").await.code(), "route.unknown");
    assert!(world.sagas.told.lock().unwrap().is_empty());
    assert_eq!(tell(SEVENROOMS_KEY).await.status, StatusCode::NO_CONTENT);
    assert_eq!(*world.sagas.told.lock().unwrap(), [News::LookAgain]);
}
