//! What every request gets: ids, problems, limits, health.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Request, StatusCode};
use serde_json::json;

use crate::world::{World, get};

async fn check(request: Request<Body>, status: StatusCode, code: &str) {
    let world = World::start().await;
    let answer = world.accounts(request).await;
    assert_eq!((answer.status, answer.code()), (status, json!(code)), "{}", answer.text);
    let body = answer.json();
    assert_eq!(body["request_id"], answer.headers["x-request-id"].to_str().unwrap());
    assert_eq!(body["type"], format!("urn:como:problem:{code}"));
    assert_eq!(body["status"], status.as_u16());
}

fn login(content_type: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post("/v1/accounts/login").header(CONTENT_TYPE, content_type).body(body.into()).unwrap()
}

#[tokio::test]
async fn every_error_is_a_problem_with_a_stable_code() {
    check(get("/v1/nothing", None), StatusCode::NOT_FOUND, "route.unknown").await;
    check(get("/v1/accounts/login", None), StatusCode::METHOD_NOT_ALLOWED, "route.method_not_allowed").await;
    check(login("text/plain", "{}"), StatusCode::UNSUPPORTED_MEDIA_TYPE, "request.media_type").await;
    check(login("application/json", "{"), StatusCode::BAD_REQUEST, "request.invalid").await;
    check(login("application/json", "{}"), StatusCode::BAD_REQUEST, "request.invalid").await;
    let nobody = r#"{"login": "nobody", "password": ""}"#;
    check(login("application/json", nobody), StatusCode::BAD_REQUEST, "request.invalid").await;
    let huge = format!(r#"{{"login": "{}"}}"#, "x".repeat(20_000));
    check(login("application/json", huge), StatusCode::PAYLOAD_TOO_LARGE, "request.too_large").await;
}

#[tokio::test]
async fn a_wrong_body_is_not_quoted_back() {
    let world = World::start().await;
    let body = r#"{"login": "mei.tan@example.com", "password": 4242424242}"#;
    let answer = world.accounts(login("application/json", body)).await;
    assert!(!answer.text.contains("4242") && !answer.text.contains("mei.tan"), "{}", answer.text);
}

#[tokio::test]
async fn a_callers_request_id_is_kept_when_it_is_harmless() {
    let world = World::start().await;
    for (given, is_kept) in [("mobile-app-0001", true), ("short", false), ("has space in it", false)] {
        let request = Request::get("/livez").header("x-request-id", given).body(Body::empty()).unwrap();
        let answer = world.accounts(request).await;
        assert_eq!(answer.headers["x-request-id"] == given, is_kept, "{given}");
    }
}

#[tokio::test]
async fn readiness_waits_for_the_configuration_and_for_nothing_else() {
    let world = World::start_unconfigured().await;
    assert_eq!(world.accounts(get("/livez", None)).await.status, StatusCode::OK);
    assert_eq!(world.accounts(get("/readyz", None)).await.status, StatusCode::SERVICE_UNAVAILABLE);
    let answer = world.experiences_get("/v1/experiences").await;
    assert_eq!(answer.json()["reason"], "partner_not_configured");

    world.memberson.set_faults(json!({ "mode": "down" }));
    world.configuration.refresh(world.table.as_ref()).await;
    assert_eq!(world.accounts(get("/readyz", None)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_bad_document_does_not_replace_a_good_one() {
    let world = World::start().await;
    let bad = r#"{"base_url": "ftp://nowhere", "colour": "green"}"#;
    world.table.rows.lock().unwrap().insert("partner/memberson".to_owned(), bad.to_owned());
    let refreshed = world.configuration.refresh(world.table.as_ref()).await;
    assert_eq!((refreshed.changed, refreshed.refused), (0, 1));
    assert_eq!(world.accounts(get("/readyz", None)).await.status, StatusCode::OK);
    assert_eq!(world.experiences_get("/v1/experiences").await.status, StatusCode::OK);
}
