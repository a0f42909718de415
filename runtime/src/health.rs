//! Liveness and readiness; the load balancer asks, the public cannot.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use como_adapters::settings::Configuration;
use como_contract::route::{LIVENESS_PATH, READINESS_PATH};
use serde_json::{Value, json};

pub(crate) fn routes(configuration: Arc<Configuration>) -> Router {
    Router::new()
        .route(LIVENESS_PATH, get(async || Json(json!({ "status": "alive" }))))
        .route(READINESS_PATH, get(ready))
        .with_state(configuration)
}

/// Own needs only: with a partner down the service still answers, degraded, and replacing the task would not help.
async fn ready(State(configuration): State<Arc<Configuration>>) -> (StatusCode, Json<Value>) {
    match configuration.is_loaded() {
        true => (StatusCode::OK, Json(json!({ "status": "ready" }))),
        false => (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "waiting", "for": ["configuration"] }))),
    }
}
