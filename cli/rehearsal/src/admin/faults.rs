//! Faults, over the administration.
//!
//! - `GET faults`: every fault, as [`FaultStatus`].
//! - `POST faults`: adds those of a [`Script`] (JSON); 400 with a text that says what is wrong with it.
//! - `POST faults/clear` `{"id": 3}` (all without a number): takes them back.
//! - `POST step` `{"step": "freeze"}`: a step of a drill has been reached.
//!
//! All answer the list of what there is then.

use super::{Admin, is_from_a_web_page};
use crate::faults::{FaultError, FaultStatus, Script};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

type Answer = Result<Json<Vec<FaultStatus>>, (StatusCode, String)>;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Clearing {
    pub id: Option<u64>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub step: String,
}

pub(crate) async fn list(State(admin): State<Arc<Admin>>) -> Json<Vec<FaultStatus>> {
    Json(admin.faults.list())
}

pub(crate) async fn add(State(admin): State<Arc<Admin>>, headers: HeaderMap, Json(script): Json<Script>) -> Answer {
    answer(&admin, &headers, || admin.faults.add(script).map(|_| ()))
}

pub(crate) async fn clear(State(admin): State<Arc<Admin>>, headers: HeaderMap, Json(which): Json<Clearing>) -> Answer {
    answer(&admin, &headers, || admin.faults.clear(which.id))
}

pub(crate) async fn step(State(admin): State<Arc<Admin>>, headers: HeaderMap, Json(step): Json<Step>) -> Answer {
    answer(&admin, &headers, || {
        admin.faults.announce(&step.step);
        Ok(())
    })
}

fn answer(admin: &Admin, headers: &HeaderMap, act: impl FnOnce() -> Result<(), FaultError>) -> Answer {
    if is_from_a_web_page(headers) {
        return Err((StatusCode::FORBIDDEN, String::new()));
    }
    act().map_err(|error| match &error {
        FaultError::Keep(_) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        FaultError::Problems(_) | FaultError::Unknown(_) => (StatusCode::BAD_REQUEST, error.to_string()),
    })?;
    Ok(Json(admin.faults.list()))
}
