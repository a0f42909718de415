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
