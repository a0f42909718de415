//! Credentials, and answers that do not change by themselves.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use como_contract::secret::Secret;
use como_doubles::members::MEI;
use como_doubles::memberson::{Memberson, memberson_router};
use como_doubles::seeds;
use como_doubles::sevenrooms::{SevenRooms, sevenrooms_router};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

const SVC_AUTH: &str = "Y29tby1taWRkbGV3YXJl,cmVoZWFyc2FsLXNlcnZpY2UtcGFzc3dvcmQ=";

async fn ask(router: &Router, request: Request<Body>) -> (u16, Value) {
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

fn post(path: &str, headers: &[(&str, &str)], body: Value) -> Request<Body> {
    let request = Request::post(path).header("content-type", "application/json");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(Body::from(body.to_string())).unwrap()
}

fn get(path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let request = headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
    request.body(Body::empty()).unwrap()
}

async fn service_token(router: &Router) -> String {
    let secret = seeds::credentials(Secret::MembersonCredentials).unwrap();
    let body = json!({ "UserName": secret["user_name"], "Password": secret["password"] });
    let (status, token) = ask(router, post("/api/user/authenticate", &[("SvcAuth", SVC_AUTH)], body)).await;
    assert_eq!(status, 200);
    token.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn memberson_checks_all_its_credentials() {
    let state = Memberson::seeded();
    let router = memberson_router(state.clone());
    let by_email = json!({ "EmailAddress": MEI.email });
    let search = "/api/profile/search-simple";
    let (status, body) = ask(&router, post(search, &[("Token", "x")], by_email.clone())).await;
    assert_eq!((status, &body["ErrorCode"]), (401, &json!(9000)));
    let (status, body) = ask(&router, post(search, &[("SvcAuth", SVC_AUTH), ("Token", "x")], by_email.clone())).await;
    assert_eq!((status, &body["ErrorCode"]), (401, &json!(2)));

    let token = service_token(&router).await;
    let both = [("SvcAuth", SVC_AUTH), ("Token", token.as_str())];
    let (status, body) = ask(&router, post(search, &both, by_email.clone())).await;
    assert_eq!((status, &body[0]["CustomerNumber"]), (200, &json!(MEI.customer_number)));
    let sign_in = format!("/api/profile/{}/signin", MEI.customer_number);
    let (status, body) = ask(&router, post(&sign_in, &both, json!({ "Password": "guess" }))).await;
    assert_eq!((status, &body["ErrorCode"]), (400, &json!(1001)));

    state.expire_tokens();
    assert_eq!(ask(&router, post(search, &both, by_email)).await.0, 401);
}

#[tokio::test]
async fn sevenrooms_takes_the_raw_token_only_and_its_slots_do_not_change() {
    let router = sevenrooms_router(SevenRooms::seeded());
    let secret = seeds::credentials(Secret::SevenRoomsCredentials).unwrap();
    let text = |key: &str| secret[key].as_str().unwrap().to_owned();
    let form = format!("client_id={}&client_secret={}", text("client_id"), text("client_secret"));
    let request = Request::post("/2_4/auth").header("content-type", "application/x-www-form-urlencoded");
    let (status, body) = ask(&router, request.body(Body::from(form)).unwrap()).await;
    assert_eq!(status, 200);
    let token = body["data"]["token"].as_str().unwrap();
    assert_eq!(token.len(), 128);

    let tomorrow = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(32)).strftime("%F").to_string();
    let path = format!("/2_4/venues/venue-candlenut/availability?date={tomorrow}&party_size=2");
    let bearer = format!("Bearer {token}");
    assert_eq!(ask(&router, get(&path, &[("authorization", &bearer)])).await.0, 401);
    let first = ask(&router, get(&path, &[("authorization", token)])).await;
    assert_eq!(first.0, 200);
    assert_eq!(first, ask(&router, get(&path, &[("authorization", token)])).await);
    let past = "/2_4/venues/venue-candlenut/availability?date=2020-01-01&party_size=2";
    assert_eq!(ask(&router, get(past, &[("authorization", token)])).await.1["data"]["availability"], json!([]));
}

#[tokio::test]
async fn faults_are_switched_from_outside_and_the_ledger_has_every_call() {
    let router = memberson_router(Memberson::seeded());
    assert_eq!(ask(&router, post("/_double/faults", &[], json!({ "mode": "down" }))).await.0, 200);
    assert_eq!(ask(&router, get("/MockRewardApi/rewards", &[])).await.0, 503);
    assert_eq!(ask(&router, post("/_double/faults", &[], json!({ "mode": "none" }))).await.0, 200);
    assert_eq!(ask(&router, get("/MockRewardApi/rewards", &[])).await.0, 401);
    let (_, ledger) = ask(&router, get("/_double/ledger", &[])).await;
    let seen: Vec<(u64, &str)> = ledger["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["status"].as_u64().unwrap(), entry["fault"].as_str().unwrap()))
        .collect();
    assert_eq!(seen, [(503, "down"), (401, "none")]);
    assert_eq!(ask(&router, post("/_double/faults", &[], json!({ "mode": "gremlins" }))).await.0, 422);
}
