//! SevenRooms: form-encoded `/auth`, then the raw token in `Authorization`; replies `{status, msg, data}`.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::availability::{availability, singapore_today};
use crate::faults::{Controls, Faults, with_controls};
use crate::seeds::{CLIENT_ID, CLIENT_SECRET};
use crate::venues::{self, VENUE_GROUP_ID, Venue};

const TOKEN_HOURS: i64 = 12;

/// Shared by the router and the test that looks over its shoulder.
#[derive(Debug, Clone)]
pub struct SevenRooms {
    controls: Arc<Controls>,
}

impl SevenRooms {
    #[must_use]
    pub fn seeded() -> Self {
        Self { controls: Arc::new(Controls::default()) }
    }

    /// Method and path of every call so far.
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        self.controls.ledger.entries().iter().map(|entry| format!("{} {}", entry.method, entry.path)).collect()
    }

    pub fn expire_tokens(&self) {
        self.controls.expire_tokens();
    }

    /// As `POST /_double/faults` with this document; an unknown one changes nothing and returns `false`.
    pub fn set_faults(&self, faults: Value) -> bool {
        serde_json::from_value::<Faults>(faults).map(|faults| self.controls.set_faults(faults)).is_ok()
    }

    /// The raw token, without `Bearer`.
    fn authorise(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        match token {
            Some(token) if self.controls.knows_token(token) => Ok(()),
            _ => Err(Refusal(StatusCode::UNAUTHORIZED, "Token is not valid")),
        }
    }
}

pub fn sevenrooms_router(state: SevenRooms) -> Router {
    let controls = Arc::clone(&state.controls);
    let api = Router::new()
        .route("/auth", post(authenticate))
        .route("/venues", get(list_venues))
        .route("/venues/{id}/availability", get(list_availability))
        .with_state(state);
    with_controls(Router::new().nest("/2_4", api), controls)
}

struct Refusal(StatusCode, &'static str);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.0.as_u16();
        let body = json!({ "status": status, "code": status, "msg": self.1, "request_id": Uuid::new_v4() });
        (self.0, Json(body)).into_response()
    }
}

type Answer = Result<Json<Value>, Refusal>;

#[derive(Deserialize)]
struct Credentials {
    client_id: String,
    client_secret: String,
}

async fn authenticate(State(state): State<SevenRooms>, Form(credentials): Form<Credentials>) -> Answer {
    if credentials.client_id != CLIENT_ID || credentials.client_secret != CLIENT_SECRET {
        return Err(Refusal(StatusCode::UNAUTHORIZED, "Invalid client credentials"));
    }
    let token = format!("{0}{0}{1}{1}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    state.controls.issue_token(&token);
    let expiry = Timestamp::now() + SignedDuration::from_hours(TOKEN_HOURS);
    Ok(Json(json!({
        "status": 200,
        "msg": "Successfully authenticated",
        "data": { "token": token, "token_expiration_datetime": expiry.to_string() },
    })))
}

#[derive(Deserialize)]
struct VenueQuery {
    venue_group_id: String,
}

async fn list_venues(State(state): State<SevenRooms>, headers: HeaderMap, Query(query): Query<VenueQuery>) -> Answer {
    state.authorise(&headers)?;
    if query.venue_group_id != VENUE_GROUP_ID {
        return Err(Refusal(StatusCode::NOT_FOUND, "Venue group not found"));
    }
    let results: Vec<Value> = venues::ALL.iter().map(describe).collect();
    Ok(Json(json!({ "status": 200, "data": { "results": results, "total": results.len() } })))
}

#[derive(Deserialize)]
struct AvailabilityQuery {
    date: String,
    party_size: u8,
}

async fn list_availability(
    State(state): State<SevenRooms>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Query(query): Query<AvailabilityQuery>,
) -> Answer {
    state.authorise(&headers)?;
    let found = venues::ALL.iter().find(|venue| venue.id == id);
    let venue = found.ok_or(Refusal(StatusCode::NOT_FOUND, "Venue not found"))?;
    let date: Date = query.date.parse().map_err(|_| Refusal(StatusCode::BAD_REQUEST, "Invalid date"))?;
    let shifts = availability(venue, date, singapore_today(), query.party_size);
    Ok(Json(json!({ "status": 200, "data": { "availability": shifts } })))
}

fn describe(venue: &Venue) -> Value {
    json!({
        "id": venue.id,
        "name": venue.name,
        "venue_group_id": VENUE_GROUP_ID,
        "timezone": "Asia/Singapore",
        "address": venue.address,
        "phone_number": venue.phone_number,
        "currency_code": "SGD",
    })
}
