//! Use cases 3 and 5: quote, confirm, follow, cancel.

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Method, Request, StatusCode};
use como_domain::saga::call::Step;
use como_domain::saga::event::{Outcome, Refusal};
use como_domain::sagas::News;
use como_doubles::members::{ARJUN, MEI};
use serde_json::{Value, json};

use crate::world::{Answer, World, access_token, staff_token};

pub(crate) fn request(method: Method, path: &str, token: &str, key: Option<&str>, body: &Value) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    request = request.header(AUTHORIZATION, format!("Bearer {token}")).header(CONTENT_TYPE, "application/json");
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    request.body(Body::from(if body.is_null() { String::new() } else { body.to_string() })).unwrap()
}

impl World {
    pub(crate) async fn post(&self, path: &str, key: Option<&str>, body: Value) -> Answer {
        self.order(request(Method::POST, path, &access_token(MEI.customer_number), key, &body)).await
    }

    pub(crate) async fn read(&self, path: &str, token: &str) -> Answer {
        self.order(request(Method::GET, path, token, None, &Value::Null)).await
    }

    async fn own(&self, path: &str) -> Answer {
        self.read(path, &access_token(MEI.customer_number)).await
    }

    pub(crate) async fn item_quote(&self, item: &str, pay_with: &str) -> Answer {
        let body = json!({ "item_id": item, "quantity": 1, "pay_with": pay_with });
        self.post("/v1/redemptions/quotes", None, body).await
    }

    pub(crate) async fn redeem(&self, pay_with: &str, key: &str) -> Answer {
        let quote = self.item_quote("ITM-2001", pay_with).await.json()["quote"].clone();
        self.post("/v1/redemptions", Some(key), json!({ "quote": quote })).await
    }

    async fn slot(&self) -> (String, String) {
        let at = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(9 * 24);
        let date = jiff::tz::TimeZone::UTC.to_datetime(at).date().to_string();
        let path = format!("/v1/experiences/EXP-1003?date={date}&party_size=2");
        let slots = self.experiences_get(&path).await.json()["availability"]["value"]["slots"].clone();
        let free = slots.as_array().unwrap().iter().find(|slot| slot["kind"] == "book").unwrap().clone();
        (date, free["time"].as_str().unwrap().to_owned())
    }

    async fn booking_quote(&self, date: &str, time: &str, pay_with: &str) -> Answer {
        let body =
            json!({ "experience_id": "EXP-1003", "date": date, "time": time, "tickets": 2, "pay_with": pay_with });
        self.post("/v1/bookings/quotes", None, body).await
    }
}

fn statuses(order: &Value) -> Vec<&str> {
    order["history"].as_array().unwrap().iter().map(|step| step["status"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_booking_with_points_is_quoted_confirmed_and_followed() {
    let world = World::start().await;
    let (date, time) = world.slot().await;
    let quote = world.booking_quote(&date, &time, "points").await;
    assert_eq!(quote.status, StatusCode::OK, "{}", quote.text);
    let quote = quote.json();
    assert_eq!((&quote["price"], &quote["balance"]), (&json!({ "points": 9_200 }), &json!(12_500)));
    assert_eq!(quote["availability_checked"], true);
    let confirmed = world.post("/v1/bookings", Some("key-1"), json!({ "quote": quote["quote"] })).await;
    assert_eq!(confirmed.status, StatusCode::ACCEPTED, "{}", confirmed.text);
    let order = confirmed.json();
    assert_eq!(order["status"], "confirmed");
    assert_eq!(statuses(&order), ["in_progress", "confirmed"]);
    assert_eq!(order["reservation"], "R1");
    let location = confirmed.headers["location"].to_str().unwrap().to_owned();
    let read = world.own(&location).await;
    assert_eq!(read.json(), order);
    let theirs = world.read(&location, &access_token(ARJUN.customer_number)).await;
    assert_eq!((theirs.status, theirs.code()), (StatusCode::NOT_FOUND, json!("booking.unknown")));
    let other_kind = world.own(&location.replace("bookings", "redemptions")).await;
    assert_eq!(other_kind.code(), "redemption.unknown");

    let cancelled = world.post(&format!("{location}/cancel"), Some("key-2"), Value::Null).await.json();
    assert_eq!(statuses(&cancelled), ["in_progress", "confirmed", "giving_back", "given_back"]);
    assert_eq!(cancelled["reason"], "cancelled_by_member");
    assert_eq!(
        cancelled["compensations"][0],
        json!({ "of": "points", "amount": { "points": 9_200 }, "progress": "done" })
    );
}

#[tokio::test]
async fn a_slot_that_is_not_offered_is_refused_and_an_unreachable_venue_is_not() {
    let world = World::start().await;
    let (date, time) = world.slot().await;
    assert_eq!(world.booking_quote(&date, "04:07", "card").await.code(), "slot.unavailable");
    assert_eq!(world.booking_quote("2020-01-01", &time, "card").await.code(), "slot.unavailable");
    world.sevenrooms.set_faults(json!({ "mode": "down" }));
    let quote = world.booking_quote(&date, &time, "card").await;
    assert_eq!(
        (quote.status, &quote.json()["availability_checked"]),
        (StatusCode::OK, &json!(false)),
        "{}",
        quote.text
    );
    assert_eq!(quote.json()["price"]["money"], json!({ "minor": 27_600, "currency": "SGD" }));
    world.memberson.set_faults(json!({ "mode": "down" }));
    assert_eq!(world.booking_quote(&date, &time, "card").await.code(), "partner.unavailable");
    let answer = world
        .post(
            "/v1/bookings/quotes",
            None,
            json!({ "experience_id": "/", "date": "x", "time": "y", "tickets": 0, "pay_with": "card" }),
        )
        .await;
    let errors = answer.json()["errors"].clone();
    let fields: Vec<&str> = errors.as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["experience_id", "date", "time", "tickets"]);
}

#[tokio::test]
async fn too_few_points_offer_the_card() {
    let world = World::start().await;
    let body = json!({ "item_id": "ITM-2002", "quantity": 2, "pay_with": "points" });
    let quote = world.post("/v1/redemptions/quotes", None, body).await.json();
    assert_eq!((&quote["is_enough"], quote.get("quote")), (&json!(false), None));
    assert_eq!(quote["by_card"]["money"]["minor"], 69_000);
}

#[tokio::test]
async fn by_card_the_page_comes_with_the_confirmation() {
    let world = World::start().await;
    let order = world.redeem("card", "key-1").await.json();
    assert_eq!(
        (&order["status"], &order["payment_url"]),
        (&json!("awaiting_payment"), &json!("https://pay.example/cs_1"))
    );
}

#[tokio::test]
async fn one_key_has_one_effect_and_one_reply() {
    let world = World::start().await;
    let quote = json!({ "quote": world.item_quote("ITM-2001", "points").await.json()["quote"] });
    assert_eq!(world.post("/v1/redemptions", None, quote.clone()).await.code(), "idempotency.key_missing");
    assert_eq!(world.post("/v1/redemptions", Some("a b"), quote.clone()).await.code(), "idempotency.key_invalid");
    let first = world.post("/v1/redemptions", Some("key-1"), quote.clone()).await;
    assert!(!first.headers.contains_key("idempotency-replayed"));
    let again = world.post("/v1/redemptions", Some("key-1"), quote.clone()).await;
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_eq!(
        (&again.headers["location"], &again.headers["idempotency-replayed"]),
        (&first.headers["location"], "true".parse().as_ref().unwrap())
    );
    let other = world.post("/v1/redemptions", Some("key-1"), json!({ "quote": "another" })).await;
    assert_eq!((other.status, other.code()), (StatusCode::UNPROCESSABLE_ENTITY, json!("idempotency.other_body")));
    assert_eq!(world.sagas.accepted(), 1);
    let forged = world.post("/v1/redemptions", Some("key-2"), json!({ "quote": "a.b" })).await;
    assert_eq!((forged.status, forged.code()), (StatusCode::BAD_REQUEST, json!("quote.invalid")));
    let booking = world.post("/v1/bookings", Some("key-3"), quote).await;
    assert_eq!(booking.code(), "quote.invalid", "a quote of the other kind");
}

#[tokio::test]
async fn a_request_that_failed_for_our_reason_may_begin_again() {
    let world = World::start().await;
    let quote = json!({ "quote": world.item_quote("ITM-2001", "points").await.json()["quote"] });
    world.sagas.is_elsewhere.store(true, std::sync::atomic::Ordering::SeqCst);
    let refused = world.post("/v1/redemptions", Some("key-1"), quote.clone()).await;
    assert_eq!(
        (refused.code(), &refused.headers["retry-after"]),
        (json!("region.not_serving"), "5".parse().as_ref().unwrap())
    );
    world.sagas.is_elsewhere.store(false, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(world.post("/v1/redemptions", Some("key-1"), quote).await.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_long_poll_waits_only_for_what_the_caller_does_not_know() {
    let world = World::start().await;
    let order = world.redeem("card", "key-1").await;
    let path = order.headers["location"].to_str().unwrap().to_owned();
    let first = world.own(&path).await;
    let tag = first.headers["etag"].clone();
    let token = access_token(MEI.customer_number);
    let poll = async |path: String| {
        let mut request = request(Method::GET, &path, &token, None, &Value::Null);
        request.headers_mut().insert("if-none-match", tag.clone());
        world.order(request).await
    };
    assert_eq!(poll(format!("{path}?wait=7")).await.status, StatusCode::NOT_MODIFIED);
    assert_eq!(world.sagas.waited.lock().unwrap().last(), Some(&std::time::Duration::from_secs(7)));
    assert_eq!(poll(format!("{path}?wait=21")).await.status, StatusCode::BAD_REQUEST);
    world.post(&format!("{path}/cancel"), Some("key-2"), Value::Null).await;
    let waits = world.sagas.waited.lock().unwrap().len();
    let changed = poll(format!("{path}?wait=7")).await;
    assert_eq!((changed.status, world.sagas.waited.lock().unwrap().len()), (StatusCode::OK, waits));
    assert_ne!(changed.headers["etag"], tag);
}

#[tokio::test]
async fn history_comes_in_pages() {
    let world = World::start().await;
    for number in 0..3 {
        world.redeem("card", &format!("key-{number}")).await;
    }
    let first = world.own("/v1/redemptions?limit=2").await.json();
    assert_eq!(first["orders"].as_array().unwrap().len(), 2);
    let next = format!("/v1/redemptions?limit=2&cursor={}", first["next_cursor"].as_str().unwrap());
    let second = world.own(&next).await.json();
    assert_eq!((second["orders"].as_array().unwrap().len(), second.get("next_cursor")), (1, None));
    assert_eq!(world.own("/v1/redemptions?cursor=nonsense").await.code(), "request.invalid");
    assert_eq!(world.own("/v1/redemptions?limit=21").await.code(), "request.invalid");
    assert_eq!(world.own("/v1/bookings").await.json()["orders"], json!([]));
}

#[tokio::test]
async fn a_missing_sign_in_is_asked_for_and_made_good() {
    let world = World::start().await;
    world.sagas.will(Step::Deduct, Outcome::Refused(Refusal::SignInNeeded));
    let order = world.redeem("points", "key-1").await;
    assert_eq!(order.json()["status"], "needs_sign_in", "{}", order.text);
    let path = format!("{}/sign-in", order.headers["location"].to_str().unwrap());
    assert_eq!(world.post(&path, Some("key-2"), Value::Null).await.code(), "sign_in.needed");
    world.login(MEI.email, MEI.password).await;
    let done = world.post(&path, Some("key-2"), Value::Null).await;
    assert_eq!(done.json()["status"], "confirmed", "{}", done.text);
}

#[tokio::test]
async fn operators_settle_what_nobody_else_can() {
    let world = World::start().await;
    let order = world.redeem("points", "key-1").await;
    let path = order.headers["location"].to_str().unwrap().to_owned();
    world.sagas.will(Step::ReversePoints, Outcome::Refused(Refusal::NotOffered));
    let cancelled = world.post(&format!("{path}/cancel"), Some("key-2"), Value::Null).await.json();
    assert_eq!(
        (&cancelled["status"], &cancelled["open_actions"][0]["kind"]),
        (&json!("with_operator"), &json!("credit-points"))
    );
    let list = "/v1/bookings/manual-actions";
    assert_eq!(world.own(list).await.code(), "auth.forbidden");
    let only_scope = staff_token("como/manual-actions.settle", &[]);
    assert_eq!(world.read(list, &only_scope).await.code(), "auth.forbidden");
    let staff = staff_token("como/manual-actions.settle", &["staff"]);
    let actions = world.read(list, &staff).await.json();
    let id = actions["actions"][0]["id"].as_str().unwrap().to_owned();
    let settle = async |id: &str, key| {
        let path = format!("{list}/{id}/settle");
        world.order(request(Method::POST, &path, &staff, Some(key), &Value::Null)).await
    };
    assert_eq!(settle("nothing", "key-3").await.code(), "manual_action.unknown");
    let settled = settle(&id, "key-4").await;
    assert_eq!(settled.json()["order"]["status"], "given_back", "{}", settled.text);
    assert!(matches!(world.sagas.told.lock().unwrap().last(), Some(News::Settled(_))));
    assert_eq!(settle(&id, "key-5").await.code(), "manual_action.unknown");
    let order_id = cancelled["id"].as_str().unwrap();
    let redrive = format!("/v1/bookings/operations/{order_id}/redrive");
    let redriven = world.order(request(Method::POST, &redrive, &staff, Some("key-6"), &Value::Null)).await;
    assert_eq!(redriven.json()["member_id"], MEI.customer_number);
}

#[tokio::test]
async fn items_are_shown_beside_the_balance_and_degrade_by_section() {
    let world = World::start().await;
    let items = world.own("/v1/items").await.json();
    assert_eq!(items["items"].as_array().unwrap().len(), 4);
    let item = world.own("/v1/items/ITM-2001").await.json();
    assert_eq!((&item["item"]["value"]["left"], &item["points"]["value"]["balance"]), (&json!(40), &json!(12_500)));
    assert_eq!(world.own("/v1/items/ITM-9999").await.code(), "item.unknown");
    let points = world.accounts_get("/v1/accounts/me/points", MEI.customer_number).await.json();
    assert_eq!(points["points"]["value"]["balance"], 12_500);
    world.memberson.set_faults(json!({ "mode": "down" }));
    assert_eq!(world.own("/v1/items/ITM-2001").await.code(), "partner.unavailable");
    let points = world.accounts_get("/v1/accounts/me/points", MEI.customer_number).await.json();
    assert_eq!(points["points"], json!({ "status": "unavailable", "reason": "partner_failed" }));
}
