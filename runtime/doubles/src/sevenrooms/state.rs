//! What SevenRooms keeps.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) behaviour: Behaviour,
    /// In order of their making.
    pub(super) reservations: Vec<Reservation>,
}

/// Where nobody outside SevenRooms knows how it behaves, and what a test wants scarce.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Behaviour {
    /// How many parties one time takes.
    pub(super) tables_per_slot: usize,
    /// Whether a reservation can be cancelled over the API.
    pub(super) cancel: bool,
    /// Which field of the answer names a new reservation, since clients differ: `reservation_id`, `id`, …
    pub(super) id_field: String,
    /// How many reservations a page of the list has at most.
    pub(super) page: usize,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Reservation {
    pub(super) id: String,
    pub(super) reference_code: String,
    pub(super) venue_id: String,
    pub(super) date: Date,
    pub(super) time: Time,
    pub(super) party_size: u8,
    pub(super) status: Status,
    pub(super) external_id: Option<String>,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) shift: String,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Status {
    Booked,
    Canceled,
}

impl State {
    pub(super) fn seeded() -> Self {
        let behaviour =
            Behaviour { tables_per_slot: 2, cancel: true, id_field: "reservation_id".to_owned(), page: 400 };
        Self { behaviour, reservations: Vec::new() }
    }

    /// Whether one more party finds a table at that time.
    pub(super) fn has_room(&self, venue_id: &str, date: Date, time: Time) -> bool {
        let standing = self.reservations.iter().filter(|reservation| {
            reservation.status == Status::Booked
                && reservation.venue_id == venue_id
                && (reservation.date, reservation.time) == (date, time)
        });
        standing.count() < self.behaviour.tables_per_slot
    }
}

impl Reservation {
    pub(super) fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "reference_code": self.reference_code,
            "external_id": self.external_id,
            "venue_id": self.venue_id,
            "date": self.date.to_string(),
            "arrival_time": self.time.strftime("%H:%M:%S").to_string(),
            "real_datetime_of_slot": format!("{} {}", self.date, self.time.strftime("%H:%M:%S")),
            "max_guests": self.party_size,
            "status": self.status,
            "status_simple": if self.status == Status::Booked { "Booked" } else { "Canceled" },
            "shift_persistent_id": format!("{}-{}", self.venue_id, self.shift),
            "created": self.created.to_string(),
            "updated": self.updated.to_string(),
            "deleted": Value::Null,
        })
    }
}
