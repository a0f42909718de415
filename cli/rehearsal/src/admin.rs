//! What the supervisor answers under `/_rehearsal/`, beside AWS's protocols.
//!
//! - `GET status`: [`Status`].
//! - `POST stop`: ends the supervisor and everything that it started; the state stays.
//! - `POST speed` `{"speed": 60}`: for waits that begin later.
//! - `POST seeds`: adds [`Seeds`].
//! - `regions`, `links`: [`crate::replication::admin`].
//! - `POST delete-kept` `{"stacks": ["como-prod-data"]}` (every stack without a list): deletes what a deletion policy kept
//!   when these stacks went, deletion protection or not. AWS has no such call; somebody who rehearses has to be able to
//!   clear up. Answers [`KeptDeletion`].
//! - `GET faults`, `POST faults`, `POST faults/clear`, `POST step`: see [`faults`].

pub(crate) mod faults;

use crate::clock::Clock;
use crate::cloudformation::CloudFormation;
use crate::faults::Faults;
use crate::hosting::Hosted;
use crate::options::Seeds;
use crate::replication::regions::Regions;
use crate::seeding::Seeding;
use crate::status::{KeptDeletion, KeptRefusal, Status};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// What the administration of a supervisor reaches.
pub struct Admin {
    pub endpoint: String,
    pub account: String,
    pub started: Timestamp,
    pub clock: Arc<Clock>,
    pub cloudformation: Arc<CloudFormation>,
    pub hosted: Arc<dyn Hosted>,
    pub seeding: Arc<Seeding>,
    pub faults: Arc<Faults>,
    pub regions: Arc<Regions>,
    /// Set when the supervisor is to go.
    pub stop: CancellationToken,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Speed {
    pub speed: f64,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct KeptSelection {
    pub stacks: Option<Vec<String>>,
}

pub(crate) async fn status(State(admin): State<Arc<Admin>>) -> Json<Status> {
    let stacks = admin.cloudformation.stacks();
    let mut regions: Vec<String> = stacks.iter().map(|stack| stack.region.clone()).collect();
    regions.sort();
    regions.dedup();
    let hosted = admin.hosted.status().await;
    Json(Status {
        pid: std::process::id(),
        endpoint: admin.endpoint.clone(),
        account: admin.account.clone(),
        started: admin.started,
        speed: admin.clock.speed(),
        simulated_seconds_waited: admin.clock.waited().as_secs_f64(),
        regions,
        stacks,
        kept: admin.cloudformation.kept(),
        tasks: hosted.tasks,
        endpoints: hosted.endpoints,
        seeded: admin.seeding.seeded(),
        faults: admin.faults.list(),
        outages: admin.faults.outages().watch().borrow().clone(),
        durations: admin.cloudformation.durations(),
        last_operations: admin.cloudformation.last_operations(),
    })
}

pub(crate) async fn stop(State(admin): State<Arc<Admin>>, headers: HeaderMap) -> StatusCode {
    if is_from_a_web_page(&headers) {
        return StatusCode::FORBIDDEN;
    }
    admin.stop.cancel();
    StatusCode::ACCEPTED
}

pub(crate) async fn speed(
    State(admin): State<Arc<Admin>>,
    headers: HeaderMap,
    Json(wanted): Json<Speed>,
) -> StatusCode {
    if is_from_a_web_page(&headers) {
        return StatusCode::FORBIDDEN;
    }
    admin.clock.set_speed(wanted.speed);
    StatusCode::NO_CONTENT
}

pub(crate) async fn seeds(State(admin): State<Arc<Admin>>, headers: HeaderMap, Json(seeds): Json<Seeds>) -> StatusCode {
    if is_from_a_web_page(&headers) {
        return StatusCode::FORBIDDEN;
    }
    admin.seeding.add(seeds);
    StatusCode::NO_CONTENT
}

pub(crate) async fn delete_kept(
    State(admin): State<Arc<Admin>>,
    headers: HeaderMap,
    Json(selection): Json<KeptSelection>,
) -> Result<Json<KeptDeletion>, StatusCode> {
    if is_from_a_web_page(&headers) {
        return Err(StatusCode::FORBIDDEN);
    }
    let (deleted, refused) = admin.cloudformation.delete_kept(selection.stacks.as_deref()).await;
    let refused =
        refused.into_iter().map(|(resource, error)| KeptRefusal { resource, reason: error.to_string() }).collect();
    Ok(Json(KeptDeletion { deleted, refused }))
}

/// A page in the user's browser may send requests to this machine; browsers always say where they come from.
pub(crate) fn is_from_a_web_page(headers: &HeaderMap) -> bool {
    headers.contains_key("origin")
}
