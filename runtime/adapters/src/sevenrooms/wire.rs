//! SevenRooms' JSON, read tolerantly.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
pub(super) struct AuthenticateForm<'a> {
    pub(super) client_id: &'a str,
    pub(super) client_secret: &'a str,
}

#[derive(Deserialize)]
pub(super) struct Envelope<T> {
    pub(super) data: T,
}

#[derive(Deserialize)]
pub(super) struct ErrorReply {
    pub(super) msg: Option<String>,
    pub(super) code: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct Token {
    pub(super) token: SecretString,
    pub(super) token_expiration_datetime: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Venues {
    pub(super) results: Vec<Venue>,
}

#[derive(Deserialize)]
pub(super) struct Venue {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) timezone: Option<String>,
    pub(super) address: Option<String>,
    pub(super) phone_number: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Availability {
    pub(super) availability: Vec<Shift>,
}

#[derive(Deserialize)]
pub(super) struct Shift {
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) times: Vec<Time>,
}

#[derive(Deserialize)]
pub(super) struct Time {
    pub(super) time: Option<String>,
    pub(super) time_iso: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
}

#[derive(Serialize)]
pub(super) struct BookForm<'a> {
    pub(super) date: String,
    pub(super) time: String,
    pub(super) party_size: u8,
    pub(super) first_name: &'a str,
    pub(super) last_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) phone: Option<&'a str>,
    pub(super) external_id: &'a str,
    /// The confirmation is ours to send.
    pub(super) send_client_email: bool,
    pub(super) send_client_sms: bool,
}

/// Clients differ in which of these they read.
#[derive(Deserialize)]
pub(super) struct Booked {
    reservation_id: Option<String>,
    id: Option<String>,
    reservation_reference_code: Option<String>,
    reference_code: Option<String>,
}

impl Booked {
    /// The id that a cancellation needs, or whatever else names the reservation.
    pub(super) fn id(&self) -> Option<&str> {
        let ids = [&self.reservation_id, &self.id, &self.reservation_reference_code, &self.reference_code];
        ids.into_iter().flatten().map(String::as_str).find(|id| !id.is_empty())
    }

    pub(super) fn reference_code(&self) -> Option<&str> {
        self.reservation_reference_code.as_deref().or(self.reference_code.as_deref())
    }
}

#[derive(Deserialize)]
pub(super) struct Reservations {
    pub(super) results: Vec<Reservation>,
    pub(super) cursor: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Reservation {
    pub(super) id: String,
    pub(super) reference_code: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) status: Option<String>,
}
