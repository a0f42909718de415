//! `POST /v1/webhooks/sevenrooms/{key}`. Nothing signs it, so its address is secret and what it says is only a reason to look.

use std::collections::BTreeSet;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use como_domain::saga_id::SagaId;
use como_domain::sagas::{News, SagasError};
use como_domain::seal::Seal;
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::orders::saga_problem;
use crate::problem::{Code, Problem, ProblemDocument};
use crate::services::bookings::BookingsPorts;
use crate::services::bookings::stripe::saga_of;

/// A batch is a handful; more is nobody whom we know.
const MOST_SAGAS: usize = 50;

/// Changes at SevenRooms
#[utoipa::path(
    post,
    path = "/v1/webhooks/sevenrooms/{key}",
    tag = "webhooks",
    params(("key" = String, Path, description = "Known to SevenRooms only")),
    request_body(content = String, content_type = "application/json", description = "At most 64 KB"),
    responses(
        (status = 204, description = "Taken"),
        (status = 400, description = "`webhook.body`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "`route.unknown`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 413, description = "`request.too_large`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "`journal.unavailable` or `region.not_serving`: deliver it again", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn receive_sevenrooms(
    State(ports): State<BookingsPorts>,
    Path(key): Path<String>,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let seal =
        Seal::new(&ports.sevenrooms_key, "como/sevenrooms-address/1").map_err(|_| Problem::of(Code::Internal))?;
    if !seal.are_same(key.as_bytes(), ports.sevenrooms_key.expose_secret().as_bytes()) {
        return Err(Problem::of(Code::RouteUnknown));
    }
    let changes: Value = serde_json::from_slice(&body).map_err(|_| Problem::of(Code::WebhookBody))?;
    for saga in named(&changes) {
        match ports.orders.sagas.tell(&saga, News::LookAgain).await {
            Ok(_) | Err(SagasError::Absent { .. }) => {}
            Err(error) => return Err(saga_problem(error)),
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The one example that is public is an array of `{entity: {…}}`; whatever has an external id of ours names a saga.
fn named(changes: &Value) -> BTreeSet<SagaId> {
    let list = match changes {
        Value::Array(list) => list.as_slice(),
        other => std::slice::from_ref(other),
    };
    let ids = list.iter().flat_map(|change| [&change["entity"]["external_id"], &change["external_id"]]);
    ids.filter_map(Value::as_str).filter_map(saga_of).take(MOST_SAGAS).collect()
}
