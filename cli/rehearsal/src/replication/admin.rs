//! Regions and links over `/_rehearsal/`.
//!
//! - `GET regions`: [`RegionsReport`].
//! - `POST regions`: a [`ClockChange`], for example `{"ahead_ms": {"ap-southeast-1": -3000}, "seed": 7}`. What kills a
//!   region is a fault.
//! - `POST links`: a [`LinkChange`], for example `{"from": "ap-southeast-1", "to": "ap-southeast-2", "both_ways": true,
//!   "cut": true}`; `"cut": false` heals it.

use super::regions::{ClockChange, LinkChange, RegionsState};
use crate::admin::{Admin, is_from_a_web_page};
use crate::services::StoreError;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionsReport {
    #[serde(flatten)]
    pub state: RegionsState,
    /// `<from> <to>` to the number of writes that have not arrived, of whatever replicates.
    pub waiting: BTreeMap<String, usize>,
}

pub(crate) async fn regions(State(admin): State<Arc<Admin>>) -> Json<RegionsReport> {
    let waiting = admin.hosted.status().await.waiting;
    Json(RegionsReport { state: admin.regions.state(), waiting })
}

pub(crate) async fn change_clocks(
    State(admin): State<Arc<Admin>>,
    headers: HeaderMap,
    Json(change): Json<ClockChange>,
) -> StatusCode {
    if is_from_a_web_page(&headers) {
        return StatusCode::FORBIDDEN;
    }
    outcome(admin.regions.change_clocks(&change))
}

pub(crate) async fn change_link(
    State(admin): State<Arc<Admin>>,
    headers: HeaderMap,
    Json(change): Json<LinkChange>,
) -> StatusCode {
    if is_from_a_web_page(&headers) {
        return StatusCode::FORBIDDEN;
    }
    outcome(admin.regions.change_link(&change))
}

fn outcome(result: Result<(), StoreError>) -> StatusCode {
    match result {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "could not keep what became of a region");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}
