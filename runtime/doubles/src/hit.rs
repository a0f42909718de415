//! One call through the faults: the partner's part is done on its own, so that it does not end with a caller who hangs up.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use crate::controls::Controls;
use crate::faults::{Mode, Rule, When};
use crate::ledger::{Entry, KeyNote};

/// Answers are a few kilobytes.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// A fault that strikes within the partner's own bookkeeping: left to the double, which finds it in the request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Inner {
    FailStored { when: When, status: u16 },
    SlowInFlight { delay: Duration },
}

pub(crate) async fn hit_and_record(State(controls): State<Arc<Controls>>, request: Request, next: Next) -> Response {
    // A dropped handle does not end its task: the effect of a call goes on without its caller, as it does at a partner.
    let answering = tokio::spawn(answer(controls, request, next));
    answering.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

async fn answer(controls: Arc<Controls>, mut request: Request, next: Next) -> Response {
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    let key = KeyNote::default();
    request.extensions_mut().insert(key.clone());
    let rule = controls.faults.strike(&method, &path);
    let fault = rule.as_ref().map_or(Mode::None, |rule| rule.mode);
    let (response, served) = struck(rule, request, next).await;
    controls.ledger.record(Entry {
        sequence: 0,
        at: controls.clock.now(),
        method,
        path,
        status: if response.extensions().get::<HungUp>().is_some() { 0 } else { response.status().as_u16() },
        fault: fault.name(),
        served,
        key: key.read(),
    });
    response
}

/// The answer, and whether the double was asked at all.
async fn struck(rule: Option<Rule>, mut request: Request, next: Next) -> (Response, bool) {
    let Some(rule) = rule else { return (next.run(request).await, true) };
    let pause = tokio::time::sleep(Duration::from_millis(rule.delay_ms));
    match (rule.mode, rule.when) {
        (Mode::Slow, When::Before) => {
            pause.await;
            (next.run(request).await, true)
        }
        (Mode::Slow, When::After) => {
            let response = next.run(request).await;
            pause.await;
            (response, true)
        }
        (Mode::FailStored, when) => {
            request.extensions_mut().insert(Inner::FailStored { when, status: rule.status.max(500) });
            (next.run(request).await, true)
        }
        (Mode::SlowInFlight, _) => {
            request.extensions_mut().insert(Inner::SlowInFlight { delay: Duration::from_millis(rule.delay_ms) });
            (next.run(request).await, true)
        }
        (_, When::Before) => (instead(&rule, None).await, false),
        (_, When::After) => {
            let response = next.run(request).await;
            (instead(&rule, Some(response)).await, true)
        }
    }
}

#[derive(Clone, Copy)]
struct HungUp;

/// What the caller gets in place of the answer.
async fn instead(rule: &Rule, answer: Option<Response>) -> Response {
    match rule.mode {
        Mode::Down => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Mode::Fail => StatusCode::from_u16(rule.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE).into_response(),
        Mode::Overloaded => {
            let wait = HeaderValue::from(rule.retry_after_s);
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, wait)]).into_response()
        }
        Mode::Malformed => {
            let whole = text_of(answer).await;
            let half = whole.slice(..whole.len() / 2);
            ([(header::CONTENT_TYPE, "application/json")], half).into_response()
        }
        Mode::Truncated => {
            let whole = text_of(answer).await;
            let half = whole.slice(..whole.len() / 2);
            let length = HeaderValue::from(whole.len());
            let body = Body::from_stream(stream::unfold(Some(half), cut_off));
            (
                [
                    (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
                    (header::CONTENT_LENGTH, length),
                ],
                body,
            )
                .into_response()
        }
        // The server has written nothing when a body fails at its first piece, and closes the connection.
        Mode::Reset => {
            let body = Body::from_stream(stream::once(async { Err::<Bytes, _>(lost()) }));
            let mut response = body.into_response();
            response.extensions_mut().insert(HungUp);
            response
        }
        Mode::None | Mode::Slow | Mode::FailStored | Mode::SlowInFlight => {
            answer.unwrap_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())
        }
    }
}

/// The piece, then a moment in which it is written, then the end of the connection.
async fn cut_off(piece: Option<Bytes>) -> Option<(io::Result<Bytes>, Option<Bytes>)> {
    match piece {
        Some(piece) => Some((Ok(piece), None)),
        None => {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Some((Err(lost()), None))
        }
    }
}

fn lost() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "a fault on cue")
}

async fn text_of(answer: Option<Response>) -> Bytes {
    let stand_in = Bytes::from_static(b"{\"data\": {\"results\": []}}");
    match answer {
        Some(answer) => to_bytes(answer.into_body(), MAX_ANSWER_BYTES).await.unwrap_or(stand_in),
        None => stand_in,
    }
}
