//! The token, venues, availability, the list of reservations.

use axum::extract::{Path, Query, State as Extracted};
use axum::http::{HeaderMap, StatusCode};
use axum::{Form, Json};
use jiff::SignedDuration;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::seeds::{CLIENT_ID, CLIENT_SECRET};
use crate::sevenrooms::SevenRooms;
use crate::sevenrooms::availability::{availability, singapore_today};
use crate::sevenrooms::refusal::{Answer, Refusal};
use crate::sevenrooms::state::Reservation;
use crate::venues::{self, VENUE_GROUP_ID, Venue};

const TOKEN_HOURS: i64 = 12;
/// SevenRooms' own limit of a page.
const LARGEST_PAGE: usize = 400;

#[derive(Deserialize)]
pub(super) struct Credentials {
    client_id: String,
    client_secret: String,
}

pub(super) async fn authenticate(
    Extracted(double): Extracted<SevenRooms>,
    Form(credentials): Form<Credentials>,
) -> Answer {
    if credentials.client_id != CLIENT_ID || credentials.client_secret != CLIENT_SECRET {
        return Err(Refusal(StatusCode::UNAUTHORIZED, "Invalid client credentials"));
    }
    let token = format!("{0}{0}{1}{1}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    double.controls.issue_token(&token);
    let expiry = double.controls.clock.now() + SignedDuration::from_hours(TOKEN_HOURS);
    Ok(Json(json!({
        "status": 200,
        "msg": "Successfully authenticated",
        "data": { "token": token, "token_expiration_datetime": expiry.to_string() },
    })))
}

#[derive(Deserialize)]
pub(super) struct VenueQuery {
    venue_group_id: String,
}

pub(super) async fn list_venues(
    Extracted(double): Extracted<SevenRooms>,
    headers: HeaderMap,
    Query(query): Query<VenueQuery>,
) -> Answer {
    double.check_token(&headers)?;
    if query.venue_group_id != VENUE_GROUP_ID {
        return Err(Refusal::absent("Venue group not found"));
    }
    let results: Vec<Value> = venues::ALL.iter().map(describe).collect();
    Ok(Json(json!({ "status": 200, "data": { "results": results, "total": results.len() } })))
}

#[derive(Deserialize)]
pub(super) struct AvailabilityQuery {
    date: String,
    party_size: u8,
}

pub(super) async fn list_availability(
    Extracted(double): Extracted<SevenRooms>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Query(query): Query<AvailabilityQuery>,
) -> Answer {
    double.check_token(&headers)?;
    let venue = find(&id)?;
    let date: Date = query.date.parse().map_err(|_| Refusal::bad("Invalid date"))?;
    let today = singapore_today(double.controls.clock.now());
    let has_room = |time| double.store.read(|state| state.has_room(venue.id, date, time));
    let shifts = availability(venue, date, today, query.party_size, has_room);
    Ok(Json(json!({ "status": 200, "data": { "availability": shifts } })))
}

#[derive(Deserialize)]
pub(super) struct ReservationQuery {
    venue_id: Option<String>,
    venue_group_id: Option<String>,
    from_date: Option<Date>,
    to_date: Option<Date>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// Cancelled ones too. The cursor says where the next page begins; an empty page ends the list.
pub(super) async fn list_reservations(
    Extracted(double): Extracted<SevenRooms>,
    headers: HeaderMap,
    Query(query): Query<ReservationQuery>,
) -> Answer {
    double.check_token(&headers)?;
    if query.venue_id.is_none() && query.venue_group_id.as_deref() != Some(VENUE_GROUP_ID) {
        return Err(Refusal::bad("venue_id or venue_group_id is required"));
    }
    let first = match query.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
        Some(cursor) => cursor.parse::<usize>().map_err(|_| Refusal::bad("Invalid cursor"))?,
        None => 0,
    };
    double.store.read(|state| {
        let is_meant = |reservation: &&Reservation| {
            query.venue_id.as_ref().is_none_or(|id| *id == reservation.venue_id)
                && query.from_date.is_none_or(|from| from <= reservation.date)
                && query.to_date.is_none_or(|to| reservation.date <= to)
        };
        let page = query.limit.unwrap_or(LARGEST_PAGE).min(LARGEST_PAGE).min(state.behaviour.page).max(1);
        let found: Vec<&Reservation> = state.reservations.iter().filter(is_meant).skip(first).take(page).collect();
        let cursor = if found.is_empty() { Value::Null } else { json!((first + found.len()).to_string()) };
        let results: Vec<Value> = found.into_iter().map(Reservation::shown).collect();
        Ok(Json(json!({ "status": 200, "data": { "results": results, "cursor": cursor, "limit": page } })))
    })
}

pub(super) fn find(id: &str) -> Result<&'static Venue, Refusal> {
    venues::ALL.iter().find(|venue| venue.id == id).ok_or(Refusal::absent("Venue not found"))
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
