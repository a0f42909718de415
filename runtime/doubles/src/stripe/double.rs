//! The double as a whole: its routes, its switches, its books.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State as Extracted;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::controls::{Controls, Operated, merged, unprocessable, with_controls};
use crate::store::Store;
use crate::stripe::idempotency::InFlight;
use crate::stripe::state::{Manner, State, WebhookSettings};
use crate::stripe::webhooks::{Delivery, signature};
use crate::stripe::{api, page};

/// Shared by the router and the test that looks over its shoulder.
#[derive(Debug, Clone)]
pub struct Stripe {
    pub(super) controls: Arc<Controls>,
    pub(super) store: Arc<Store<State>>,
    pub(super) in_flight: InFlight,
    pub(super) http: reqwest::Client,
    deliveries: Arc<Mutex<Vec<Delivery>>>,
}

impl Stripe {
    #[must_use]
    pub fn seeded() -> Self {
        Self::with(Store::in_memory(State::seeded()))
    }

    /// Goes on where an earlier process ended.
    ///
    /// # Errors
    /// When the directory cannot be read, or holds something else.
    pub fn in_directory(directory: &Path) -> io::Result<Self> {
        Ok(Self::with(Store::in_directory(directory, "stripe", State::seeded())?))
    }

    fn with(store: Store<State>) -> Self {
        // Endpoints are on this machine: nothing to look up, no proxy on the way.
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap_or_default();
        Self {
            controls: Arc::default(),
            store: Arc::new(store),
            in_flight: InFlight::default(),
            http,
            deliveries: Arc::default(),
        }
    }

    /// Method and path of every call so far.
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        self.controls.calls()
    }

    /// As `POST /_double/faults` with this document; an unknown one changes nothing and returns `false`.
    pub fn set_faults(&self, rules: Value) -> bool {
        self.controls.set_faults(rules)
    }

    /// As `POST /_double/behaviour`.
    pub fn set_behaviour(&self, changes: Value) -> bool {
        self.change_behaviour(changes)
    }

    /// As `POST /_double/clock`.
    pub fn advance(&self, seconds: i64) {
        self.controls.clock.advance(seconds);
        self.tick();
    }

    /// As `POST /_double/webhooks`.
    pub fn set_webhooks(&self, settings: Value) -> bool {
        let Ok(settings) = serde_json::from_value::<WebhookSettings>(settings) else { return false };
        self.store.change(|state| state.webhooks = settings);
        true
    }

    /// As `books` in `GET /_double/ledger`.
    #[must_use]
    pub fn ledger(&self) -> Value {
        self.books()
    }

    /// What `Stripe-Signature` says of this body, signed at this second of 1970.
    #[must_use]
    pub fn sign(signed_at: i64, body: &str, secrets: &[String]) -> String {
        signature(signed_at, body, secrets)
    }

    pub(super) fn note_delivery(&self, delivery: Delivery) {
        self.deliveries.lock().unwrap_or_else(PoisonError::into_inner).push(delivery);
    }
}

impl Operated for Stripe {
    fn controls(&self) -> &Arc<Controls> {
        &self.controls
    }

    fn books(&self) -> Value {
        let deliveries = self.deliveries.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.store.read(|state| {
            json!({
                "sessions": state.sessions.values().map(|session| state.session(session)).collect::<Vec<_>>(),
                "payment_intents": state.intents.values().map(|intent| state.intent(intent)).collect::<Vec<_>>(),
                "charges": state.charges.values().map(|charge| state.charge(charge)).collect::<Vec<_>>(),
                "refunds": state.refunds.values().map(|refund| state.refund(refund)).collect::<Vec<_>>(),
                "events": state.events.values().map(|event| state.event(event)).collect::<Vec<_>>(),
                "undelivered": state.unsent,
                "deliveries": deliveries,
            })
        })
    }

    fn behaviour(&self) -> Value {
        self.store.read(|state| json!(state.behaviour))
    }

    fn change_behaviour(&self, changes: Value) -> bool {
        self.store.change(|state| match merged(&state.behaviour, changes) {
            Some(behaviour) => {
                state.behaviour = behaviour;
                true
            }
            None => false,
        })
    }

    fn reset(&self) {
        // Whoever listens goes on listening.
        self.store.change(|state| {
            let webhooks = state.webhooks.clone();
            *state = State { webhooks, ..State::seeded() };
        });
        self.deliveries.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn tick(&self) {
        let now = self.controls.clock.now();
        self.store.change(|state| state.pass_time(now));
        self.send_events();
    }
}

pub fn stripe_router(double: Stripe) -> Router {
    let partner = Router::new()
        .route("/v1/{*path}", any(api::api))
        .route("/c/pay/{id}", get(page::show).post(page::pay))
        .route("/c/pay/{id}/bank", post(page::answer_bank))
        .route("/c/authenticate/{id}", post(page::authenticate))
        .with_state(double.clone());
    let more = Router::new()
        .route("/_double/webhooks", get(read_webhooks).post(set_webhooks))
        .route("/_double/webhooks/deliver", post(deliver))
        .route("/_double/webhooks/redeliver", post(redeliver))
        .with_state(double.clone());
    with_controls(partner, &double, more)
}

async fn read_webhooks(Extracted(double): Extracted<Stripe>) -> Json<Value> {
    Json(double.store.read(|state| json!(state.webhooks)))
}

async fn set_webhooks(Extracted(double): Extracted<Stripe>, Json(settings): Json<Value>) -> Response {
    match double.set_webhooks(settings) {
        true => {
            double.send_events();
            read_webhooks(Extracted(double)).await.into_response()
        }
        false => unprocessable("no such setting of webhooks; see docs/partners.md"),
    }
}

/// Everything that waits, now, in the given manner; the answer says how each delivery went.
async fn deliver(Extracted(double): Extracted<Stripe>, Json(manner): Json<Manner>) -> Json<Value> {
    let events = double.store.change(|state| std::mem::take(&mut state.unsent));
    Json(json!(double.deliver(events, manner).await))
}

#[derive(Deserialize)]
struct Redelivery {
    /// All of them when it is missing.
    event: Option<String>,
    #[serde(flatten)]
    manner: Manner,
}

/// What was delivered before, once more.
async fn redeliver(Extracted(double): Extracted<Stripe>, Json(wanted): Json<Redelivery>) -> Json<Value> {
    let events = double.store.read(|state| match wanted.event {
        Some(event) => vec![event],
        None => state.events.keys().cloned().collect(),
    });
    Json(json!(double.deliver(events, wanted.manner).await))
}
