//! What happens around every request: an id, a deadline, a caught panic, one log line, the rendered problem.

use std::any::Any;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, Response as HttpResponse};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::{Instrument, info, info_span};
use uuid::Uuid;

use crate::problem::{Code, Problem};

const REQUEST_ID: &str = "x-request-id";

/// The gateway gives up after 29 s; a caller should hear from us before.
const DEADLINE: Duration = Duration::from_secs(25);

/// The outermost layer.
pub(crate) async fn observe(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let request_id = request_id(&request);
    let method = request.method().clone();
    // The template, not the path: an identifier belongs to somebody.
    let route = request.extensions().get::<MatchedPath>().map_or("(none)", MatchedPath::as_str).to_owned();
    let span = info_span!("request", request.id = request_id);
    let mut response = next.run(request).instrument(span.clone()).await;
    let problem = response.extensions_mut().remove::<Problem>();
    let code = problem.as_ref().map(|problem| problem.code.text());
    if let Some(problem) = problem {
        let status_headers = std::mem::take(response.headers_mut());
        response = problem.render(&request_id);
        // Only `Allow` comes from elsewhere: the router knows the methods of a path.
        if let Some(allow) = status_headers.get(axum::http::header::ALLOW) {
            response.headers_mut().insert(axum::http::header::ALLOW, allow.clone());
        }
    }
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let status = response.status().as_u16();
    if !is_health_check(&route) {
        span.in_scope(|| {
            info!(
                http.method = method.as_str(),
                http.route = route,
                http.status = status,
                problem.code = code,
                request.duration_ms = started.elapsed().as_millis(),
                "answered {method} {route} with {status}",
            );
        });
    }
    response
}

pub(crate) async fn deadline(request: Request, next: Next) -> Response {
    match tokio::time::timeout(DEADLINE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::of(Code::RequestTimedOut).into_response(),
    }
}

/// The payload is left alone: it may quote a value. The panic hook has logged the place.
pub(crate) fn panicked(_payload: Box<dyn Any + Send + 'static>) -> HttpResponse<Body> {
    Problem::of(Code::Internal).into_response()
}

pub(crate) async fn unknown_route() -> Problem {
    Problem::of(Code::RouteUnknown)
}

pub(crate) async fn unknown_method() -> Problem {
    Problem::of(Code::RouteMethod)
}

/// The caller's id when it is a harmless one, so that one id can be followed through several systems.
fn request_id(request: &Request) -> String {
    let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let is_harmless = |text: &&str| {
        (8..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    given.filter(is_harmless).map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

fn is_health_check(route: &str) -> bool {
    route == como_contract::route::LIVENESS_PATH || route == como_contract::route::READINESS_PATH
}
