//! Webhooks: signed, repeated, late and out of order.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use como_doubles::stripe::Stripe;
use serde_json::{Value, json};

use crate::client::{OfStripe, ask, spawn};

/// `Stripe-Signature` and body of everything that came in.
type Inbox = Arc<Mutex<Vec<(String, String)>>>;

async fn inbox() -> (Inbox, String) {
    async fn take(State(inbox): State<Inbox>, headers: HeaderMap, body: Bytes) {
        let signature = headers["stripe-signature"].to_str().unwrap().to_owned();
        inbox.lock().unwrap().push((signature, String::from_utf8(body.to_vec()).unwrap()));
    }
    let inbox = Inbox::default();
    let address = spawn(Router::new().route("/hook", post(take)).with_state(inbox.clone())).await;
    (inbox, format!("http://{address}/hook"))
}

fn kinds(inbox: &Inbox) -> Vec<String> {
    let events = inbox.lock().unwrap();
    let kind = |body: &str| serde_json::from_str::<Value>(body).unwrap()["type"].as_str().unwrap().to_owned();
    events.iter().map(|(_, body)| kind(body)).collect()
}

#[tokio::test]
async fn held_events_are_delivered_signed_with_every_secret_in_the_order_that_was_asked_for() {
    let stripe = OfStripe::start().await;
    let (inbox, url) = inbox().await;
    let secrets = ["whsec_old".to_owned(), "whsec_new".to_owned()];
    assert!(stripe.double.set_webhooks(json!({ "held": true, "endpoints": [{ "url": url, "secrets": secrets }] })));
    stripe.authorised("k1", "4242424242424242").await;
    assert!(inbox.lock().unwrap().is_empty());
    let made = [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "checkout.session.completed",
    ];
    let deliver = |what: &'static str, manner: Value| {
        ask(stripe.http.post(format!("{}/_double/webhooks/{what}", stripe.origin)).json(&manner))
    };
    let (_, deliveries) = deliver("deliver", json!({ "order": "reversed", "copies": 2 })).await;
    let deliveries = deliveries.unwrap();
    assert!(deliveries.as_array().unwrap().iter().all(|delivery| delivery["status"] == 200), "{deliveries}");
    let mut expected: Vec<&str> = made.into_iter().rev().collect();
    expected.extend(expected.clone());
    assert_eq!(kinds(&inbox), expected);

    let (signature, body) = inbox.lock().unwrap()[0].clone();
    let signed_at: i64 = signature.split(',').next().unwrap().strip_prefix("t=").unwrap().parse().unwrap();
    assert_eq!(signature, Stripe::sign(signed_at, &body, &secrets));
    assert_eq!(signature.matches("v1=").count(), 2);

    inbox.lock().unwrap().clear();
    let event = stripe.double.ledger()["events"][3]["id"].clone();
    deliver("redeliver", json!({ "event": event, "signed_ago_s": 3_600 })).await;
    let (signature, again) = inbox.lock().unwrap()[0].clone();
    assert_eq!(again, body, "the same event, to the byte");
    let late: i64 = signature.split(',').next().unwrap().strip_prefix("t=").unwrap().parse().unwrap();
    assert!(late <= signed_at - 3_500);
}

#[tokio::test]
async fn events_are_told_at_once_where_nobody_holds_them() {
    let stripe = OfStripe::start().await;
    let (inbox, url) = inbox().await;
    stripe.double.set_webhooks(json!({ "endpoints": [{ "url": url, "secrets": ["whsec_x"] }] }));
    stripe.authorised("k1", "4242424242424242").await;
    // Bounded by the test runner, not by a clock of our own.
    while kinds(&inbox).len() < 4 {
        tokio::task::yield_now().await;
    }
    assert!(kinds(&inbox).contains(&"checkout.session.completed".to_owned()));
}
