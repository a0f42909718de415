//! Reservations: made, and cancelled. There is no idempotency: what is asked for twice is there twice.

use axum::extract::{Path, State as Extracted};
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Form, Json};
use jiff::civil::{Date, Time};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::ledger::KeyNote;
use crate::sevenrooms::SevenRooms;
use crate::sevenrooms::availability::{Offered, offered, singapore_today};
use crate::sevenrooms::reading::find;
use crate::sevenrooms::refusal::{Answer, Refusal};
use crate::sevenrooms::state::{Reservation, Status};

/// Of many more fields; the others are taken and not looked at.
#[derive(Deserialize)]
pub(super) struct Booking {
    date: String,
    time: String,
    party_size: u8,
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    phone: String,
    external_id: Option<String>,
}

pub(super) async fn book(
    Extracted(double): Extracted<SevenRooms>,
    Path(venue_id): Path<String>,
    Extension(key): Extension<KeyNote>,
    headers: HeaderMap,
    Form(booking): Form<Booking>,
) -> Answer {
    if let Some(external_id) = &booking.external_id {
        key.write(external_id);
    }
    double.check_token(&headers)?;
    let venue = find(&venue_id)?;
    let date: Date = booking.date.parse().map_err(|_| Refusal::bad("Invalid date"))?;
    let time = clock_time(&booking.time).ok_or(Refusal::bad("Invalid time"))?;
    if booking.first_name.trim().is_empty() || booking.last_name.trim().is_empty() {
        return Err(Refusal::bad("first_name and last_name are required"));
    }
    if booking.email.trim().is_empty() && booking.phone.trim().is_empty() {
        return Err(Refusal::bad("email or phone is required"));
    }
    let now = double.controls.clock.now();
    let shift = match offered(venue, date, singapore_today(now), time, booking.party_size) {
        Offered::InShift(shift) => shift,
        Offered::NoShift => return Err(Refusal::bad("No shift found for date and time")),
        Offered::OnRequest => return Err(Refusal::bad("Party size is not available to book")),
        Offered::Gone => return Err(Refusal(StatusCode::CONFLICT, "Slot is no longer available")),
    };
    let reservation = double.store.change(|state| {
        // Under the lock of the state: of any number of parties that want the last table, one gets it.
        if !state.has_room(venue.id, date, time) {
            return Err(Refusal(StatusCode::CONFLICT, "Slot is no longer available"));
        }
        let id = Uuid::new_v4().simple().to_string();
        let reservation = Reservation {
            reference_code: id[..8].to_uppercase(),
            id,
            venue_id: venue.id.to_owned(),
            date,
            time,
            party_size: booking.party_size,
            status: Status::Booked,
            external_id: booking.external_id.clone(),
            first_name: booking.first_name.clone(),
            last_name: booking.last_name.clone(),
            shift: shift.to_owned(),
            created: now,
            updated: now,
        };
        state.reservations.push(reservation.clone());
        Ok((reservation, state.behaviour.id_field.clone()))
    });
    let (reservation, id_field) = reservation?;
    let mut data = json!({ "reservation_reference_code": reservation.reference_code });
    data[id_field] = json!(reservation.id);
    Ok(Json(json!({ "status": 200, "msg": "Success", "data": data })))
}

pub(super) async fn cancel(
    Extracted(double): Extracted<SevenRooms>,
    Path(id): Path<String>,
    Extension(key): Extension<KeyNote>,
    headers: HeaderMap,
) -> Answer {
    key.write(&id);
    double.check_token(&headers)?;
    let now = double.controls.clock.now();
    double.store.change(|state| {
        if !state.behaviour.cancel {
            return Err(Refusal(StatusCode::FORBIDDEN, "Permission denied"));
        }
        let found = state.reservations.iter_mut().find(|reservation| reservation.id == id);
        let reservation = found.ok_or(Refusal::absent("Reservation not found"))?;
        if reservation.status == Status::Canceled {
            return Err(Refusal::bad("Reservation is already canceled"));
        }
        reservation.status = Status::Canceled;
        reservation.updated = now;
        Ok(Json(json!({ "status": 200, "msg": "Success", "data": reservation.shown() })))
    })
}

pub(super) async fn cancel_as_concierge(
    double: Extracted<SevenRooms>,
    Path((_concierge_id, id)): Path<(String, String)>,
    key: Extension<KeyNote>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    if !headers.contains_key("X-Concierge-Id") {
        return Err(Refusal(StatusCode::FORBIDDEN, "Permission denied"));
    }
    cancel(double, Path(id), key, headers).await
}

/// `18:30`, `18:30:00` or `6:30 PM`.
fn clock_time(text: &str) -> Option<Time> {
    let text = text.trim();
    text.parse().ok().or_else(|| Time::strptime("%I:%M %p", text).ok())
}
