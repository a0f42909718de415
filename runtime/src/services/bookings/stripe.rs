//! `POST /v1/webhooks/stripe`. An event is a reason to look at Stripe, never the truth: it may come late, twice and in any order.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use como_adapters::stripe::webhook::{SIGNATURE_HEADER, WebhookError, receive};
use como_domain::saga_id::SagaId;
use como_domain::sagas::{News, SagasError};
use tracing::{info, warn};

use crate::orders::saga_problem;
use crate::problem::{Code, Problem, ProblemDocument};
use crate::report;
use crate::services::bookings::BookingsPorts;

/// Stripe's own libraries' default.
const TOLERANCE: Duration = Duration::from_secs(300);

/// An event of Stripe's
#[utoipa::path(
    post,
    path = "/v1/webhooks/stripe",
    tag = "webhooks",
    params(("Stripe-Signature" = String, Header, description = "Over the raw body, at most 300 s old")),
    request_body(content = String, content_type = "application/json", description = "At most 64 KB"),
    responses(
        (status = 204, description = "Taken, or taken before"),
        (status = 400, description = "`webhook.signature` or `webhook.body`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 413, description = "`request.too_large`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "`journal.unavailable` or `region.not_serving`: deliver it again", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn receive_stripe(
    State(ports): State<BookingsPorts>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let signature = headers.get(SIGNATURE_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let now = ports.orders.clock.now();
    let event = receive(signature, &body, &ports.stripe_secrets, now, TOLERANCE).map_err(|error| {
        warn!("refused an event of Stripe's: {error}");
        Problem::of(match error {
            WebhookError::Malformed | WebhookError::Signature | WebhookError::TooOld => Code::WebhookSignature,
            WebhookError::Body => Code::WebhookBody,
        })
    })?;
    // The account may have events of others, which name no saga.
    let Some(saga) = event.reference.as_deref().and_then(saga_of) else {
        return Ok(StatusCode::NO_CONTENT);
    };
    let name = format!("stripe/{}", event.id);
    let is_new = ports.events.take(&name).await.map_err(|error| {
        report::own_failure(&error);
        Problem::retry_after(Code::JournalUnavailable, 5)
    })?;
    if !is_new {
        return Ok(StatusCode::NO_CONTENT);
    }
    match ports.orders.sagas.tell(&saga, News::LookAgain).await {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        // Another environment's, or one whose entries are not here yet: that one looks by itself before long.
        Err(SagasError::Absent { .. }) => {
            info!(saga.id = saga.as_str(), "an event names the saga {saga}, which is not here");
            Ok(StatusCode::NO_CONTENT)
        }
        Err(error) => {
            if let Err(error) = ports.events.give_back(&name).await {
                report::own_failure(&error);
            }
            Err(saga_problem(error))
        }
    }
}

/// References are `saga`, or `saga:step:attempt`.
pub(super) fn saga_of(reference: &str) -> Option<SagaId> {
    let saga = reference.split(':').next()?;
    SagaId::try_from(saga.to_owned()).ok()
}
