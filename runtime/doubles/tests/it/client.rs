//! Doubles on loopback and a client that speaks to them as the partners' clients do.

use std::net::SocketAddr;

use axum::Router;
use como_doubles::members::TestMember;
use como_doubles::memberson::{Memberson, memberson_router};
use como_doubles::seeds::STRIPE_KEY;
use como_doubles::sevenrooms::{SevenRooms, sevenrooms_router};
use como_doubles::stripe::{Stripe, stripe_router};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

pub(crate) const SVC_AUTH: &str = "Y29tby1taWRkbGV3YXJl,cmVoZWFyc2FsLXNlcnZpY2UtcGFzc3dvcmQ=";

pub(crate) async fn spawn(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, router).into_future());
    address
}

/// Status and document; `None` when the double hung up or the document is none.
pub(crate) async fn ask(request: RequestBuilder) -> (u16, Option<Value>) {
    match request.send().await {
        Ok(response) => (response.status().as_u16(), response.json().await.ok()),
        Err(_) => (0, None),
    }
}

pub(crate) fn client() -> Client {
    Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

pub(crate) struct OfMemberson {
    pub(crate) double: Memberson,
    pub(crate) http: Client,
    pub(crate) origin: String,
    token: String,
}

impl OfMemberson {
    pub(crate) async fn start(double: Memberson) -> Self {
        let origin = format!("http://{}", spawn(memberson_router(double.clone())).await);
        let http = client();
        let body = json!({ "UserName": "como-api", "Password": "rehearsal-user-password" });
        let request = http.post(format!("{origin}/api/user/authenticate")).header("SvcAuth", SVC_AUTH).json(&body);
        let token = ask(request).await.1.unwrap().as_str().unwrap().to_owned();
        Self { double, http, origin, token }
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.with_token(self.http.post(format!("{}{path}", self.origin)).json(body))
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Option<Value>) {
        ask(self.with_token(self.http.get(format!("{}{path}", self.origin)))).await
    }

    fn with_token(&self, request: RequestBuilder) -> RequestBuilder {
        request.header("SvcAuth", SVC_AUTH).header("Token", &self.token)
    }

    pub(crate) async fn sign_in(&self, member: &TestMember) -> String {
        let path = format!("/api/profile/{}/signin", member.customer_number);
        let (_, reply) = ask(self.post(&path, &json!({ "Password": member.password }))).await;
        reply.unwrap()["Token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn redeem(&self, member: &TestMember, token: &str, receipt: &str, points: u32) -> (u16, Value) {
        let body = json!({
            "MemberNo": member.member_number, "PointType": "C21 Points", "Amount": points, "ReceiptNo": receipt,
            "TransactionDate": "2026-12-01T10:00:00", "Location": "APP", "RedemptionCode": "COMO", "Description": "test",
        });
        let request = self.post("/api/transaction/redeem-point", &body).header("ProfileToken", token);
        let (status, reply) = ask(request).await;
        (status, reply.unwrap_or(Value::Null))
    }
}

pub(crate) struct OfSevenRooms {
    pub(crate) double: SevenRooms,
    pub(crate) http: Client,
    pub(crate) origin: String,
    pub(crate) token: String,
}

impl OfSevenRooms {
    pub(crate) async fn start(double: SevenRooms) -> Self {
        let origin = format!("http://{}/2_4", spawn(sevenrooms_router(double.clone())).await);
        let http = client();
        let form = [("client_id", "rehearsal-client"), ("client_secret", "rehearsal-client-secret")];
        let reply = ask(http.post(format!("{origin}/auth")).form(&form)).await.1.unwrap();
        let token = reply["data"]["token"].as_str().unwrap().to_owned();
        Self { double, http, origin, token }
    }

    pub(crate) fn book(&self, venue: &str, date: &str, time: &str, external_id: &str) -> RequestBuilder {
        let form = [
            ("date", date),
            ("time", time),
            ("party_size", "2"),
            ("first_name", "Mei"),
            ("last_name", "Tan"),
            ("email", "mei.tan@example.com"),
            ("external_id", external_id),
        ];
        self.http.put(format!("{}/venues/{venue}/book", self.origin)).header("authorization", &self.token).form(&form)
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}{path}", self.origin)).header("authorization", &self.token);
        ask(request).await.1.unwrap()
    }

    /// The times of a day that can be booked for two.
    pub(crate) async fn free(&self, venue: &str, date: &str) -> Vec<String> {
        let reply = self.get(&format!("/venues/{venue}/availability?date={date}&party_size=2")).await;
        let shifts = reply["data"]["availability"].as_array().unwrap().clone();
        let times = shifts.iter().flat_map(|shift| shift["times"].as_array().unwrap().clone());
        times.map(|time| time["time"].as_str().unwrap().to_owned()).collect()
    }
}

/// A day on which every venue is open.
pub(crate) fn soon() -> String {
    (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(9 * 24)).strftime("%F").to_string()
}

pub(crate) struct OfStripe {
    pub(crate) double: Stripe,
    pub(crate) http: Client,
    pub(crate) origin: String,
}

impl OfStripe {
    pub(crate) async fn start() -> Self {
        let double = Stripe::seeded();
        let origin = format!("http://{}", spawn(stripe_router(double.clone())).await);
        Self { double, http: client(), origin }
    }

    pub(crate) fn post(&self, path: &str, key: &str, form: &[(&str, &str)]) -> RequestBuilder {
        let request = self.http.post(format!("{}/v1{path}", self.origin)).bearer_auth(STRIPE_KEY).form(form);
        if key.is_empty() { request } else { request.header("Idempotency-Key", key) }
    }

    pub(crate) async fn do_post(&self, path: &str, key: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let (status, reply) = ask(self.post(path, key, form)).await;
        (status, reply.unwrap_or(Value::Null))
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        ask(self.http.get(format!("{}/v1{path}", self.origin)).bearer_auth(STRIPE_KEY)).await.1.unwrap()
    }

    /// A session for SGD 288, captured by hand.
    pub(crate) async fn session(&self, key: &str) -> Value {
        self.do_post("/checkout/sessions", key, &SESSION).await.1
    }

    /// What the member does: status, `Location`, text.
    pub(crate) async fn pay(&self, session: &Value, number: &str) -> (u16, String, String) {
        let page = session["url"].as_str().unwrap();
        self.send_form(page, &[("number", number)]).await
    }

    pub(crate) async fn send_form(&self, url: &str, form: &[(&str, &str)]) -> (u16, String, String) {
        let response = self.http.post(url).form(form).send().await.unwrap();
        let location = response.headers().get("location").map_or("", |value| value.to_str().unwrap()).to_owned();
        (response.status().as_u16(), location, response.text().await.unwrap())
    }

    /// A payment that was authorised on the page.
    pub(crate) async fn authorised(&self, key: &str, number: &str) -> String {
        let session = self.session(key).await;
        assert_eq!(self.pay(&session, number).await.0, 303);
        let session = self.get(&format!("/checkout/sessions/{}", session["id"].as_str().unwrap())).await;
        session["payment_intent"].as_str().unwrap().to_owned()
    }
}

pub(crate) const SESSION: [(&str, &str); 10] = [
    ("mode", "payment"),
    ("line_items[0][price_data][currency]", "sgd"),
    ("line_items[0][price_data][unit_amount]", "14400"),
    ("line_items[0][price_data][product_data][name]", "Massage <90 minutes>"),
    ("line_items[0][quantity]", "2"),
    ("success_url", "https://site.example.com/paid?session={CHECKOUT_SESSION_ID}"),
    ("cancel_url", "https://site.example.com/cancelled"),
    ("client_reference_id", "saga-1"),
    ("payment_intent_data[capture_method]", "manual"),
    ("payment_intent_data[metadata][saga]", "saga-1"),
];
