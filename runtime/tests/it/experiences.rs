//! Use case 2.

use axum::http::StatusCode;
use jiff::{Timestamp, ToSpan};
use serde_json::json;

use crate::world::{World, get};

#[tokio::test]
async fn the_curated_list_is_shown() {
    let world = World::start().await;
    let answer = world.experiences_get("/v1/experiences").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let body = answer.json();
    let list = body["experiences"].as_array().unwrap();
    assert_eq!(list.len(), 8);
    assert_eq!(list[0]["id"], "EXP-1001");
    assert_eq!(list[0]["price"], json!({ "points": 9_600, "money": { "minor": 28_800, "currency": "SGD" } }));
}

#[tokio::test]
async fn details_come_from_both_partners() {
    let world = World::start().await;
    let tomorrow = (Timestamp::now() + 32.hours()).strftime("%F").to_string();
    let path = format!("/v1/experiences/EXP-1003?date={tomorrow}&party_size=2");
    let answer = world.experiences_get(&path).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let body = answer.json();
    assert_eq!(body["experience"]["value"]["brand"], "COMO Dempsey");
    assert_eq!(body["venue"]["value"]["name"], "Candlenut");
    let availability = &body["availability"]["value"];
    assert_eq!((&availability["date"], &availability["party_size"]), (&json!(tomorrow), &json!(2)));
    let slots = availability["slots"].as_array().unwrap();
    assert!(!slots.is_empty() && slots.iter().all(|slot| slot["kind"] == "book"), "{}", answer.text);
}

#[tokio::test]
async fn an_experience_without_a_venue_says_so() {
    let world = World::start().await;
    let body = world.experiences_get("/v1/experiences/EXP-1008").await.json();
    let expected = json!({ "status": "unavailable", "reason": "not_applicable" });
    assert_eq!((&body["venue"], &body["availability"]), (&expected, &expected));
    assert!(world.sevenrooms.calls().is_empty());
}

#[tokio::test]
async fn an_unknown_experience_is_not_found() {
    let world = World::start().await;
    for id in ["EXP-9999", "..%2f..%2fadmin", "%20"] {
        let answer = world.experiences_get(&format!("/v1/experiences/{id}")).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::NOT_FOUND, json!("experience.unknown")), "{id}");
    }
}

#[tokio::test]
async fn every_mistake_of_the_query_is_named() {
    let world = World::start().await;
    let answer = world.experiences_get("/v1/experiences/EXP-1001?date=tomorrow&party_size=21").await;
    assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, json!("request.invalid")));
    let body = answer.json();
    let fields: Vec<&str> =
        body["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["query.date", "query.party_size"]);
}

#[tokio::test]
async fn members_only() {
    let world = World::start().await;
    for path in ["/v1/experiences", "/v1/experiences/EXP-1001"] {
        let answer = world.experiences(get(path, None)).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, json!("auth.token_missing")));
    }
}
