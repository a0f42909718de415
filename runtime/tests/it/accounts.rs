//! Use case 1.

use std::sync::atomic::Ordering;

use axum::http::StatusCode;
use como_doubles::members::{ARJUN, DANIEL, HANA, KEN, MEI, SOFIA};
use serde_json::json;

use crate::world::{World, get};

#[tokio::test]
async fn a_member_logs_in_by_email_or_mobile() {
    let world = World::start().await;
    for login in [MEI.email, "MEI.TAN@example.com", MEI.mobile, "+65 8100 0001"] {
        let answer = world.login(login, MEI.password).await;
        assert_eq!(answer.status, StatusCode::OK, "{login}: {}", answer.text);
        let body = answer.json();
        assert_eq!(body["token_type"], "Bearer");
        assert_eq!(body["expires_in_s"], 3600);
        let expected = json!({ "id": "C1000001", "name": MEI.name, "tier": "GOLD", "points": 12_500 });
        assert_eq!(body["member"], expected);
    }
    assert_eq!(world.sessions.kept.lock().unwrap().as_slice(), ["C1000001"; 4]);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_member_get_the_same_answer_and_change_nothing() {
    let world = World::start().await;
    let mut bodies = Vec::new();
    for login in [MEI.email, "nobody@example.com", "+65 9999 9999"] {
        let answer = world.login(login, "not-the-password").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        let mut body = answer.json();
        assert_eq!(body["code"], "login.wrong_credentials");
        body["request_id"] = json!("-");
        bodies.push(body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
    assert!(world.pool.signed_in.lock().unwrap().is_empty());
    assert!(world.sessions.kept.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_password_decides_between_two_members_with_one_mobile_number() {
    let world = World::start().await;
    for member in [HANA, KEN] {
        let answer = world.login(member.mobile, member.password).await;
        assert_eq!(answer.json()["member"]["id"], member.customer_number);
    }
}

#[tokio::test]
async fn a_password_that_must_be_changed_has_its_own_code() {
    let world = World::start().await;
    let answer = world.login(DANIEL.email, DANIEL.password).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::FORBIDDEN, json!("login.password_change_needed")));
    let answer = world.login(DANIEL.email, "guess").await;
    assert_eq!(answer.code(), "login.wrong_credentials");
    assert!(world.pool.signed_in.lock().unwrap().is_empty());
}

#[tokio::test]
async fn with_memberson_down_nobody_logs_in_and_nothing_changes() {
    let world = World::start().await;
    world.memberson.set_faults(json!({ "mode": "down" }));
    let answer = world.login(MEI.email, MEI.password).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::SERVICE_UNAVAILABLE, json!("partner.unavailable")));
    assert_eq!(answer.json()["partner"], "memberson");
    assert_eq!(answer.headers["retry-after"], "5");
    assert!(world.pool.signed_in.lock().unwrap().is_empty());

    world.memberson.set_faults(json!({ "mode": "none" }));
    assert_eq!(world.login(MEI.email, MEI.password).await.status, StatusCode::OK);
}

#[tokio::test]
async fn our_own_stores_being_down_have_their_own_codes() {
    let world = World::start().await;
    world.sessions.is_down.store(true, Ordering::SeqCst);
    let answer = world.login(MEI.email, MEI.password).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::SERVICE_UNAVAILABLE, json!("session.unavailable")));
    world.pool.is_down.store(true, Ordering::SeqCst);
    let answer = world.login(MEI.email, MEI.password).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::SERVICE_UNAVAILABLE, json!("identity.unavailable")));
    assert!(world.sessions.kept.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_login_does_not_need_the_summary() {
    let world = World::start().await;
    world.memberson.set_faults(json!({ "mode": "down", "path_prefix": "/api/profile/C1000001/summary" }));
    let answer = world.login(MEI.email, MEI.password).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["member"], json!({ "id": "C1000001" }));
}

#[tokio::test]
async fn an_expired_service_token_is_renewed_once_and_the_member_does_not_notice() {
    let world = World::start().await;
    assert_eq!(world.login(MEI.email, MEI.password).await.status, StatusCode::OK);
    world.memberson.expire_tokens();
    assert_eq!(world.login(MEI.email, MEI.password).await.status, StatusCode::OK);
    let renewals = world.memberson.calls().iter().filter(|call| call.ends_with("/api/user/authenticate")).count();
    assert_eq!(renewals, 2);
}

#[tokio::test]
async fn a_wrong_password_is_sent_to_memberson_once() {
    let world = World::start().await;
    world.login(MEI.email, "not-the-password").await;
    let attempts = world.memberson.calls().iter().filter(|call| call.ends_with("/signin")).count();
    assert_eq!(attempts, 1, "a second attempt would count towards a lock-out");
}

#[tokio::test]
async fn me_shows_profile_and_points() {
    let world = World::start().await;
    let body = world.accounts_get("/v1/accounts/me", ARJUN.customer_number).await.json();
    assert_eq!(body["profile"]["status"], "known");
    assert_eq!(body["profile"]["value"]["name"], ARJUN.name);
    assert_eq!(body["points"]["value"], json!({ "balance": 320 }));

    let body = world.accounts_get("/v1/accounts/me", SOFIA.customer_number).await.json();
    let expected = json!({ "tier": "GOLD", "status": "expired", "expires_on": "2025-03-31" });
    assert_eq!(body["profile"]["value"]["membership"], expected);
}

#[tokio::test]
async fn me_needs_a_token_and_a_known_member() {
    let world = World::start().await;
    let answer = world.accounts(get("/v1/accounts/me", None)).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, json!("auth.token_missing")));
    let answer = world.accounts_get("/v1/accounts/me", "C9999999").await;
    assert_eq!((answer.status, answer.code()), (StatusCode::NOT_FOUND, json!("member.unknown")));
}
