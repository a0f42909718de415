//! `/v1/…`: credentials, parameters, idempotency, then the operation.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Request, State as Extracted};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::faults::When;
use crate::hit::Inner;
use crate::ledger::KeyNote;
use crate::seeds::STRIPE_KEY;
use crate::stripe::Stripe;
use crate::stripe::error::ApiError;
use crate::stripe::form::Params;
use crate::stripe::idempotency::Admitted;
use crate::stripe::intents::Asked;
use crate::stripe::render::API_VERSION;
use crate::stripe::state::{State, new_id};

const MAX_BODY_BYTES: usize = 256 * 1024;
const MAX_KEY_LENGTH: usize = 255;

/// A reply, and whether it is one that was given before.
struct Reply {
    status: u16,
    body: Value,
    is_replayed: bool,
}

pub(super) async fn api(Extracted(double): Extracted<Stripe>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let key = text(&parts.headers, "idempotency-key").map(str::to_owned);
    if let (Some(note), Some(key)) = (parts.extensions.get::<KeyNote>(), &key) {
        note.write(key);
    }
    let inner = parts.extensions.get::<Inner>().copied();
    let path = parts.uri.path();
    let result = match check_key(&parts.headers) {
        Err(error) => Err(error),
        Ok(()) if parts.method == Method::POST => {
            let origin = origin(&parts.headers);
            double.post(path, &body, key.as_deref(), &origin, inner).await
        }
        Ok(()) => double.get(&parts.method, path, parts.uri.query().unwrap_or_default()),
    };
    double.send_events();
    let reply =
        result.unwrap_or_else(|error| Reply { status: error.status, body: error.document(), is_replayed: false });
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(reply.body)).into_response();
    let headers = response.headers_mut();
    let mut put = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    put("request-id", &new_id("req"));
    put("stripe-version", text(&parts.headers, "stripe-version").unwrap_or(API_VERSION));
    if let Some(key) = &key {
        put("idempotency-key", key);
    }
    if reply.is_replayed {
        put("idempotent-replayed", "true");
    }
    response
}

impl Stripe {
    async fn post(
        &self,
        path: &str,
        body: &Bytes,
        key: Option<&str>,
        origin: &str,
        inner: Option<Inner>,
    ) -> Result<Reply, ApiError> {
        let params = Params::parse(body);
        let fingerprint = format!("POST {path} {}", params.fingerprint());
        if key.is_some_and(|key| MAX_KEY_LENGTH < key.len()) {
            return Err(ApiError::invalid(
                "Idempotency-Key",
                "parameter_invalid",
                "Idempotency keys are 255 characters",
            ));
        }
        let now = self.controls.clock.now();
        let admitted = self.store.change(|state| {
            state.pass_time(now);
            key.map(|key| self.in_flight.admit(state, key, &fingerprint)).transpose()
        })?;
        let flight = match admitted {
            Some(Admitted::Answered(reply)) => {
                return Ok(Reply { status: reply.status, body: reply.body, is_replayed: true });
            }
            Some(Admitted::Begun(flight)) => Some(flight),
            None => None,
        };
        if let Some(Inner::SlowInFlight { delay }) = inner {
            tokio::time::sleep(delay).await;
        }
        let now = self.controls.clock.now();
        let result = self.store.change(|state| {
            let asked = Asked { now, key: flight.as_ref().map(|flight| flight.key()), origin };
            let result = match inner {
                Some(Inner::FailStored { when: When::Before, status }) => Err(ApiError::internal(status)),
                Some(Inner::FailStored { when: When::After, status }) => {
                    perform(state, path, &params, asked).and(Err(ApiError::internal(status)))
                }
                Some(Inner::SlowInFlight { .. }) | None => perform(state, path, &params, asked),
            };
            if let Some(flight) = &flight {
                flight.keep(state, now, &fingerprint, &result);
            }
            result
        });
        result.map(|body| Reply { status: 200, body, is_replayed: false })
    }

    fn get(&self, method: &Method, path: &str, query: &str) -> Result<Reply, ApiError> {
        if method != Method::GET {
            return Err(ApiError::no_such_url(method.as_str(), path));
        }
        let params = Params::parse(query.as_bytes());
        let now = self.controls.clock.now();
        let body = self.store.change(|state| {
            state.pass_time(now);
            read(state, path, &params)
        })?;
        Ok(Reply { status: 200, body, is_replayed: false })
    }
}

fn perform(state: &mut State, path: &str, params: &Params, asked: Asked<'_>) -> Result<Value, ApiError> {
    let document = match segments(path).as_slice() {
        ["checkout", "sessions"] => state.create_session(params, asked)?,
        ["checkout", "sessions", id, "expire"] => state.expire_session(id, params, asked)?,
        ["payment_intents"] => state.create_intent(params, asked)?,
        ["payment_intents", id, "confirm"] => state.confirm_intent(id, params, asked)?,
        ["payment_intents", id, "capture"] => state.capture_intent(id, params, asked)?,
        ["payment_intents", id, "cancel"] => state.cancel_intent(id, params, asked)?,
        ["refunds"] => state.create_refund(params, asked)?,
        _ => return Err(ApiError::no_such_url("POST", path)),
    };
    Ok(state.expanded(document, &params.texts("expand")))
}

fn read(state: &State, path: &str, params: &Params) -> Result<Value, ApiError> {
    let document = match segments(path).as_slice() {
        ["checkout", "sessions"] => return state.list("checkout/sessions", params),
        [what @ ("payment_intents" | "refunds" | "charges" | "events")] => return state.list(what, params),
        ["checkout", "sessions", id] => state.shown_session(id)?,
        ["payment_intents", id] => state.shown_intent(id)?,
        ["refunds", id] => state.shown_refund(id)?,
        ["charges", id] => {
            let charge = state.charges.get(*id).ok_or_else(|| ApiError::no_such("charge", id))?;
            state.charge(charge)
        }
        ["events", id] => {
            let event = state.events.get(*id).ok_or_else(|| ApiError::no_such("event", id))?;
            state.event(event)
        }
        _ => return Err(ApiError::no_such_url("GET", path)),
    };
    Ok(state.expanded(document, &params.texts("expand")))
}

/// Behind `/v1/`.
fn segments(path: &str) -> Vec<&str> {
    path.trim_matches('/').split('/').skip(1).collect()
}

/// As a bearer token, or as the user name of basic authentication.
fn check_key(headers: &HeaderMap) -> Result<(), ApiError> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let given = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Some(token.trim().to_owned()),
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("basic") => {
            let decoded = STANDARD.decode(token.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            decoded.and_then(|pair| pair.split_once(':').map(|(user, _)| user.to_owned()))
        }
        _ => None,
    };
    if given.as_deref() == Some(STRIPE_KEY) { Ok(()) } else { Err(ApiError::unauthorised()) }
}

/// Where the caller reached the double, and so where its pages can be reached.
pub(super) fn origin(headers: &HeaderMap) -> String {
    format!("http://{}", text(headers, "host").unwrap_or("127.0.0.1"))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
