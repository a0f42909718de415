//! Faults that a test or a person switches on: `POST /_double/faults {"mode": "down"}`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::ledger::Ledger;

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Faults {
    pub(crate) mode: Mode,
    /// Only calls whose path starts so are hit; all when it is empty.
    #[serde(default)]
    pub(crate) path_prefix: String,
    /// For `slow`.
    #[serde(default)]
    pub(crate) delay_ms: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    #[default]
    None,
    /// 503 before anything happens.
    Down,
    /// Answers rightly, after `delay_ms`.
    Slow,
    /// 429 with `Retry-After: 1`.
    Overloaded,
    /// 200 with half a JSON document.
    Malformed,
}

impl Mode {
    const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Down => "down",
            Self::Slow => "slow",
            Self::Overloaded => "overloaded",
            Self::Malformed => "malformed",
        }
    }
}

/// What both doubles have in common: a ledger, faults, and tokens that can be made to expire.
#[derive(Debug, Default)]
pub(crate) struct Controls {
    pub(crate) ledger: Ledger,
    faults: Mutex<Faults>,
    tokens: Mutex<Vec<String>>,
}

impl Controls {
    pub(crate) fn set_faults(&self, faults: Faults) {
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    /// Every token issued so far stops working, as after the partner's own expiry.
    pub(crate) fn expire_tokens(&self) {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(crate) fn issue_token(&self, token: &str) {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).push(token.to_owned());
    }

    pub(crate) fn knows_token(&self, token: &str) -> bool {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|known| known == token)
    }

    fn fault_for(&self, path: &str) -> Faults {
        let faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if path.starts_with(&faults.path_prefix) { faults } else { Faults::default() }
    }
}

/// Puts the partner's routes behind the faults and the ledger, and adds the switches beside them.
pub(crate) fn with_controls(partner: Router, controls: Arc<Controls>) -> Router {
    let switches = Router::new()
        .route("/_double/ledger", get(read_ledger))
        .route("/_double/faults", post(set_faults))
        .route("/_double/expire-tokens", post(expire_tokens))
        .with_state(Arc::clone(&controls));
    partner.layer(axum::middleware::from_fn_with_state(controls, hit_and_record)).merge(switches)
}

async fn hit_and_record(State(controls): State<Arc<Controls>>, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    let faults = controls.fault_for(&path);
    let response = match faults.mode {
        Mode::None => next.run(request).await,
        Mode::Down => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Mode::Slow => {
            tokio::time::sleep(Duration::from_millis(faults.delay_ms)).await;
            next.run(request).await
        }
        Mode::Overloaded => (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "1")]).into_response(),
        Mode::Malformed => ([(header::CONTENT_TYPE, "application/json")], "{\"data\": {\"res").into_response(),
    };
    controls.ledger.record(&method, &path, response.status().as_u16(), faults.mode.name());
    response
}

async fn read_ledger(State(controls): State<Arc<Controls>>) -> Json<serde_json::Value> {
    Json(json!({ "entries": controls.ledger.entries() }))
}

async fn set_faults(State(controls): State<Arc<Controls>>, Json(faults): Json<Faults>) -> Json<Faults> {
    controls.set_faults(faults.clone());
    Json(faults)
}

async fn expire_tokens(State(controls): State<Arc<Controls>>) -> StatusCode {
    controls.expire_tokens();
    StatusCode::NO_CONTENT
}
