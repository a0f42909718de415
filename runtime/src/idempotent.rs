//! One request, one effect, one reply: what every POST that has an effect goes through.
//!
//! Under the caller's `Idempotency-Key` the first request reserves a record, does its work, and leaves its reply there; a
//! repetition gets that reply again, marked by a header. Problems are not kept: either they come out the same again, or they
//! were ours, and the repetition should begin at once.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use como_domain::clock::Clock;
use como_domain::idempotency::{IdempotencyRecord, Reservation};
use como_domain::identifier::MemberId;
use como_domain::requests::{Reply, Requests, RequestsError};
use como_domain::saga_id::{BodyHash, IdempotencyKey, SagaId};
use secrecy::SecretString;
use serde::Serialize;
use tracing::warn;

use crate::problem::{Code, Problem};
use crate::report;

pub(crate) const KEY_HEADER: &str = "idempotency-key";
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Longer than any request may take, so that nobody takes over from one who is still at it.
const HOLD: Duration = Duration::from_secs(40);
/// Whoever overtakes us between read and write is then seen; more than a few in a row are a client's fault.
const MOST_ROUNDS: usize = 4;

/// What names requests and where their replies are kept.
#[derive(Clone)]
pub struct Idempotency {
    pub requests: Arc<dyn Requests>,
    pub clock: Arc<dyn Clock>,
    /// Keys the names of requests, which are those of sagas too.
    pub saga_key: SecretString,
}

/// A request with its name.
pub(crate) struct Keyed {
    pub(crate) id: SagaId,
    pub(crate) body: BodyHash,
}

impl Idempotency {
    /// `route`: the path that was called, so that one key may be used at two addresses. `body`: the parsed request, written
    /// one way only.
    pub(crate) fn name(
        &self,
        headers: &HeaderMap,
        caller: &MemberId,
        route: &str,
        body: &impl Serialize,
    ) -> Result<Keyed, Problem> {
        let key = key(headers)?;
        let id = SagaId::derive(&self.saga_key, caller, route, &key).map_err(|_| Problem::of(Code::Internal))?;
        let body = serde_json::to_vec(body).map_err(|_| Problem::of(Code::Internal))?;
        Ok(Keyed { id, body: BodyHash::of(&body) })
    }

    /// Answers `request` once; `work` may run again only after it failed or its task died, and finds then what it did.
    pub(crate) async fn once<W>(&self, request: &Keyed, work: impl FnOnce() -> W + Send) -> Result<Response, Problem>
    where
        W: Future<Output = Result<Reply, Problem>> + Send,
    {
        for _ in 0..MOST_ROUNDS {
            let existing = self.requests.read(&request.id).await.map_err(|error| unavailable(&error))?;
            let now = self.clock.now();
            let (record, token) = match IdempotencyRecord::reserve(existing.as_ref(), &request.body, now, HOLD) {
                Reservation::Proceed { record, token } => (record, token),
                Reservation::InFlight { retry_after } => return Err(in_flight(retry_after)),
                Reservation::Replay { reply } => return Ok(respond(reply, true)),
                Reservation::OtherBody => return Err(Problem::of(Code::OtherBody)),
            };
            let written = self.requests.write(&request.id, &record, existing.as_ref()).await;
            if !written.map_err(|error| unavailable(&error))? {
                continue;
            }
            let result = work().await;
            let settled = match &result {
                Ok(reply) => record.answer(token, reply.clone()),
                Err(_) => record.give_up(token),
            };
            if let Ok(settled) = settled {
                match self.requests.write(&request.id, &settled, Some(&record)).await {
                    Ok(true) => {}
                    // The effect is the same saga's, so both replies are true.
                    Ok(false) => warn!("a request was taken over while it was being answered"),
                    // The reply is given all the same; a repetition after the hold finds the saga.
                    Err(error) => report::own_failure(&error),
                }
            }
            return result.map(|reply| respond(reply, false));
        }
        Err(in_flight(Duration::from_secs(1)))
    }
}

/// A reply that can be kept.
pub(crate) fn reply(status: StatusCode, location: Option<String>, body: &impl Serialize) -> Result<Reply, Problem> {
    let body = serde_json::to_string(body).map_err(|_| Problem::of(Code::Internal))?;
    Ok(Reply { status: status.as_u16(), content_type: "application/json".to_owned(), location, body })
}

fn key(headers: &HeaderMap) -> Result<IdempotencyKey, Problem> {
    let mut given = headers.get_all(KEY_HEADER).iter();
    match (given.next(), given.next()) {
        (None, _) => Err(Problem::of(Code::KeyMissing)),
        (Some(value), None) => {
            let key = value.to_str().ok().and_then(|text| IdempotencyKey::try_from(text).ok());
            key.ok_or(Problem::of(Code::KeyInvalid))
        }
        (Some(_), Some(_)) => Err(Problem::of(Code::KeyInvalid)),
    }
}

fn in_flight(retry_after: Duration) -> Problem {
    Problem::retry_after(Code::InFlight, retry_after.as_secs().clamp(1, HOLD.as_secs()))
}

fn unavailable(error: &RequestsError) -> Problem {
    report::own_failure(error);
    Problem::retry_after(Code::JournalUnavailable, 2)
}

fn respond(reply: Reply, is_replayed: bool) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    let mut response = (status, reply.body).into_response();
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&reply.content_type) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    if let Some(location) = reply.location.and_then(|text| HeaderValue::from_str(&text).ok()) {
        headers.insert(header::LOCATION, location);
    }
    if is_replayed {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}
