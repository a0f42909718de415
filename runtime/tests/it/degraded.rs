//! A partner in trouble: what is known is shown, what is not is marked, and nothing is made up.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::world::World;

const PATH: &str = "/v1/experiences/EXP-1004";

fn unavailable(reason: &str) -> Value {
    json!({ "status": "unavailable", "reason": reason })
}

#[tokio::test]
async fn each_way_of_failing_at_sevenrooms_is_named_and_the_rest_is_shown() {
    for (fault, reason) in [
        (json!({ "mode": "down" }), "partner_failed"),
        (json!({ "mode": "overloaded" }), "partner_overloaded"),
        (json!({ "mode": "malformed" }), "partner_answer_unexpected"),
        (json!({ "mode": "slow", "delay_ms": 5_000 }), "partner_timed_out"),
    ] {
        let world = World::start().await;
        assert!(world.sevenrooms.set_faults(fault));
        let answer = world.experiences_get(PATH).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let body = answer.json();
        assert_eq!(body["experience"]["status"], "known");
        assert_eq!(body["venue"], unavailable(reason));
        assert_eq!(body["availability"], unavailable(reason));
    }
}

#[tokio::test]
async fn one_section_of_a_partner_can_fail_alone() {
    let world = World::start().await;
    world.sevenrooms.set_faults(json!({ "mode": "down", "path_prefix": "/2_4/venues/" }));
    let body = world.experiences_get(PATH).await.json();
    assert_eq!(body["venue"]["value"]["name"], "COMO Cuisine");
    assert_eq!(body["availability"], unavailable("partner_failed"));
}

#[tokio::test]
async fn with_memberson_down_a_venue_seen_before_is_still_shown() {
    let world = World::start().await;
    assert_eq!(world.experiences_get(PATH).await.status, StatusCode::OK);
    world.memberson.set_faults(json!({ "mode": "down" }));
    let answer = world.experiences_get(PATH).await;
    assert_eq!(answer.status, StatusCode::OK);
    let body = answer.json();
    assert_eq!(body["experience"], unavailable("partner_failed"));
    assert_eq!(body["venue"]["status"], "known");
    assert_eq!(body["availability"]["status"], "known");
}

#[tokio::test]
async fn nothing_known_is_a_503() {
    let world = World::start().await;
    world.memberson.set_faults(json!({ "mode": "down" }));
    world.sevenrooms.set_faults(json!({ "mode": "down" }));
    for path in [PATH, "/v1/experiences"] {
        let answer = world.experiences_get(path).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::SERVICE_UNAVAILABLE, json!("partner.unavailable")));
    }
}

#[tokio::test]
async fn after_repeated_failures_the_partner_is_left_alone() {
    let world = World::start().await;
    assert_eq!(world.experiences_get(PATH).await.status, StatusCode::OK);
    world.sevenrooms.set_faults(json!({ "mode": "down" }));
    // Two sections each: the fifth failure opens the breaker.
    for _ in 0..3 {
        world.experiences_get(PATH).await;
    }
    let calls = world.sevenrooms.calls().len();
    let body = world.experiences_get(PATH).await.json();
    assert_eq!(body["availability"], unavailable("partner_paused"));
    assert_eq!(world.sevenrooms.calls().len(), calls);
}

#[tokio::test]
async fn an_expired_sevenrooms_token_is_renewed_once() {
    let world = World::start().await;
    world.experiences_get(PATH).await;
    world.sevenrooms.expire_tokens();
    let body = world.experiences_get(PATH).await.json();
    assert_eq!((&body["venue"]["status"], &body["availability"]["status"]), (&json!("known"), &json!("known")));
    let renewals = world.sevenrooms.calls().iter().filter(|call| call.ends_with("/auth")).count();
    assert_eq!(renewals, 2, "two sections with one rejected token renew it once");
}
