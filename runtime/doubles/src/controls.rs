//! What all doubles have in common: a ledger, faults, a clock, and service tokens that can be made to expire; and the paths
//! below `/_double/` on which tests and people reach them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::faults::{Faults, Rules};
use crate::hit::hit_and_record;
use crate::ledger::{Entry, Ledger};

#[derive(Debug, Default)]
pub(crate) struct Controls {
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) ledger: Ledger,
    tokens: Mutex<BTreeSet<String>>,
}

impl Controls {
    /// Every service token issued so far stops working, as after the partner's own expiry.
    pub(crate) fn expire_tokens(&self) {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(crate) fn issue_token(&self, token: &str) {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).insert(token.to_owned());
    }

    pub(crate) fn knows_token(&self, token: &str) -> bool {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).contains(token)
    }

    /// Method and path of every call so far.
    pub(crate) fn calls(&self) -> Vec<String> {
        let call = |entry: &Entry| format!("{} {}", entry.method, entry.path);
        self.ledger.entries().iter().map(call).collect()
    }

    /// As `POST /_double/faults` with this document; an unknown one changes nothing and returns `false`.
    pub(crate) fn set_faults(&self, rules: Value) -> bool {
        serde_json::from_value::<Rules>(rules).map(|rules| self.faults.set(rules)).is_ok()
    }
}

/// A double as its operators see it.
pub(crate) trait Operated: Clone + Send + Sync + 'static {
    fn controls(&self) -> &Arc<Controls>;

    /// What has happened at the partner: the books that invariants are judged by.
    fn books(&self) -> Value;

    /// How the partner behaves where nobody outside knows.
    fn behaviour(&self) -> Value;

    /// Takes over the named settings and leaves the others; an unknown one changes nothing and returns `false`.
    fn change_behaviour(&self, changes: Value) -> bool;

    /// Back to the seeds.
    fn reset(&self);

    /// Time has moved: whatever has a deadline looks at it.
    fn tick(&self) {}
}

/// Puts the partner's routes behind the faults and the ledger, and adds the switches beside them.
pub(crate) fn with_controls<D: Operated>(partner: Router, double: &D, more: Router) -> Router {
    let switches = Router::new()
        .route("/_double/ledger", get(read_ledger::<D>))
        .route("/_double/faults", get(read_faults::<D>).post(set_faults::<D>).delete(clear_faults::<D>))
        .route("/_double/expire-tokens", post(expire_tokens::<D>))
        .route("/_double/clock", post(advance::<D>))
        .route("/_double/behaviour", get(read_behaviour::<D>).post(change_behaviour::<D>))
        .route("/_double/reset", post(reset::<D>))
        .with_state(double.clone());
    let controls = Arc::clone(double.controls());
    partner.layer(axum::middleware::from_fn_with_state(controls, hit_and_record)).merge(switches).merge(more)
}

async fn read_ledger<D: Operated>(State(double): State<D>) -> Json<Value> {
    double.tick();
    Json(json!({ "entries": double.controls().ledger.entries(), "books": double.books() }))
}

async fn read_faults<D: Operated>(State(double): State<D>) -> Json<Value> {
    Json(json!(double.controls().faults.armed()))
}

async fn set_faults<D: Operated>(State(double): State<D>, Json(rules): Json<Value>) -> Response {
    match double.controls().set_faults(rules) {
        true => Json(json!(double.controls().faults.armed())).into_response(),
        false => unprocessable("no such fault; see docs/partners.md"),
    }
}

async fn clear_faults<D: Operated>(State(double): State<D>) -> StatusCode {
    double.controls().faults.set(Rules::Several(Vec::new()));
    StatusCode::NO_CONTENT
}

async fn expire_tokens<D: Operated>(State(double): State<D>) -> StatusCode {
    double.controls().expire_tokens();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_s: i64,
}

async fn advance<D: Operated>(State(double): State<D>, Json(by): Json<Advance>) -> Json<Value> {
    double.controls().clock.advance(by.advance_s);
    double.tick();
    Json(json!({ "now": double.controls().clock.now() }))
}

async fn read_behaviour<D: Operated>(State(double): State<D>) -> Json<Value> {
    Json(double.behaviour())
}

async fn change_behaviour<D: Operated>(State(double): State<D>, Json(changes): Json<Value>) -> Response {
    match double.change_behaviour(changes) {
        true => Json(double.behaviour()).into_response(),
        false => unprocessable("no such behaviour; see docs/partners.md"),
    }
}

async fn reset<D: Operated>(State(double): State<D>) -> StatusCode {
    double.reset();
    let controls = double.controls();
    controls.ledger.clear();
    controls.expire_tokens();
    controls.faults.set(Rules::Several(Vec::new()));
    StatusCode::NO_CONTENT
}

pub(crate) fn unprocessable(message: &str) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "message": message }))).into_response()
}

/// `changes` over `current`, key by key; `None` when a key or a value is none of `T`'s.
pub(crate) fn merged<T: serde::Serialize + serde::de::DeserializeOwned>(current: &T, changes: Value) -> Option<T> {
    let mut document = serde_json::to_value(current).ok()?;
    let (Value::Object(fields), Value::Object(changes)) = (&mut document, changes) else { return None };
    for (key, value) in changes {
        *fields.get_mut(&key)? = value;
    }
    serde_json::from_value(document).ok()
}
