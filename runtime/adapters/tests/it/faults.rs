//! Every fault of every partner, before the effect and after it: what the adapter says, and whether it is true.

use como_domain::payment::Payments;
use como_domain::points::{Items, PointAccounts, RedemptionRequest};
use como_domain::reservation::Reservations;
use como_doubles::members::MEI;
use serde_json::{Value, json};

use crate::world::{World, checkout, class, key, points};

/// The faults that can strike on either side of the effect, and what is known afterwards.
const FAULTS: [(&str, &str); 6] = [
    ("down", "unknown"),
    ("reset", "unknown"),
    ("malformed", "unknown"),
    ("truncated", "unknown"),
    ("slow", "unknown"),
    ("overloaded", "not sent"),
];

fn fault(mode: &str, when: &str, path: &str) -> Value {
    json!({ "mode": mode, "when": when, "path_contains": path, "delay_ms": 1_500, "count": 1 })
}

/// Only what is slow on purpose may be given up on.
async fn world(mode: &str) -> World {
    World::with(if mode == "slow" { json!({ "effect_timeout_ms": 500 }) } else { json!({}) }).await
}

/// Slow before the effect means that the effect comes all the same, once nobody waits for it.
fn effects(mode: &str, when: &str) -> usize {
    usize::from(when == "after" || mode == "slow")
}

fn length(document: &Value) -> usize {
    document.as_array().unwrap().len()
}

/// Waits until the double has done what it is going to do.
async fn settled(calls: impl Fn() -> Vec<String>, path: &str) {
    while !calls().iter().any(|call| call.contains(path)) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn reserving_a_table() {
    for (mode, expected) in FAULTS {
        for when in ["before", "after"] {
            let world = world(mode).await;
            let request = world.table().await;
            world.sevenrooms_double.set_faults(fault(mode, when, "/book"));
            let said = class(&world.sevenrooms.reserve(&key("k1"), &request).await);
            assert_eq!(said, expected, "{mode} {when}");
            settled(|| world.sevenrooms_double.calls(), "/book").await;
            let found = world.sevenrooms.reservations_of(&key("k1"), &request.venue_id, request.date).await.unwrap();
            assert_eq!(found.value.len(), effects(mode, when), "{mode} {when}");
        }
    }
}

#[tokio::test]
async fn taking_points_and_redeeming() {
    for (mode, expected) in FAULTS {
        for when in ["before", "after"] {
            let world = world(mode).await;
            let token = world.sign_in(&MEI).await;
            let request = RedemptionRequest {
                member_number: MEI.member_number.try_into().unwrap(),
                item: "ITM-2001".try_into().unwrap(),
                quantity: 2,
                date: "2026-12-01".parse().unwrap(),
                payment: None,
            };
            world.memberson_double.set_faults(fault(mode, when, "/redeem-point"));
            let said = class(&world.memberson.take_points(&key("k1"), &points(100), &token).await);
            assert_eq!(said, expected, "{mode} {when}");
            settled(|| world.memberson_double.calls(), "/redeem-point").await;
            world.memberson_double.set_faults(fault(mode, when, "/reward/redeem"));
            let said = class(&world.memberson.redeem_item(&key("k2"), &request).await);
            assert_eq!(said, expected, "{mode} {when}");
            settled(|| world.memberson_double.calls(), "/reward/redeem").await;
            for text in ["k1", "k2"] {
                let found = world.memberson.receipts_of(&key(text), &request.member_number).await.unwrap().value;
                assert_eq!(found.len(), effects(mode, when), "{mode} {when} {text}");
            }
        }
    }
}

#[tokio::test]
async fn opening_a_checkout_capturing_and_refunding() {
    for (mode, expected) in FAULTS {
        for when in ["before", "after"] {
            let world = world(mode).await;
            let payment = world.authorised("saga-1").await;
            world.stripe_double.set_faults(fault(mode, when, "/capture"));
            let said = class(&world.stripe.capture(&key("c1"), &payment).await);
            assert_eq!(said, expected, "{mode} {when}");
            settled(|| world.stripe_double.calls(), "/capture").await;
            let captured = world.stripe_double.ledger()["charges"][0]["captured"] == true;
            assert_eq!(usize::from(captured), effects(mode, when), "{mode} {when}");
            // The same key asks for the same capture, whether it was made or not.
            assert_eq!(class(&world.stripe.capture(&key("c1"), &payment).await), "done", "{mode} {when}");

            world.stripe_double.set_faults(fault(mode, when, "/checkout/sessions"));
            let said = class(&world.stripe.open_checkout(&key("o1"), &checkout("saga-2")).await);
            assert_eq!(said, expected, "{mode} {when}");
            world.stripe_double.set_faults(json!({ "mode": "none" }));
            assert_eq!(class(&world.stripe.open_checkout(&key("o2"), &checkout("saga-3")).await), "done");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_reached_was_not_sent_and_a_partner_in_trouble_is_left_alone() {
    // A port that was free a moment ago.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let world = World::with(json!({ "base_url": nobody, "breaker_failures": 3 })).await;
    for _ in 0..3 {
        assert_eq!(class(&world.stripe.open_checkout(&key("k1"), &checkout("saga-1")).await), "not sent");
    }
    let paused = world.stripe.open_checkout(&key("k1"), &checkout("saga-1")).await.unwrap_err();
    assert_eq!(format!("{:?}", paused).matches("Paused").count(), 1, "{paused:?}");
}

#[tokio::test]
async fn the_wait_that_a_partner_asks_for_is_handed_on() {
    let world = World::start().await;
    let request = world.table().await;
    world.sevenrooms_double.set_faults(json!({ "mode": "overloaded", "retry_after_s": 7, "path_contains": "/book" }));
    let error = world.sevenrooms.reserve(&key("k1"), &request).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(std::time::Duration::from_secs(7)));
    assert_eq!(length(&world.sevenrooms_double.ledger()["reservations"]), 0);
}
