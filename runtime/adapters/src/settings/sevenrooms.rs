//! The document `partner/sevenrooms`.

use std::time::Duration;

use como_contract::configuration;
use jiff::tz::TimeZone;
use reqwest::Method;

use crate::settings::CallSettings;
use crate::settings::memberson::time_zone;
use crate::settings::reader::{DocumentReader, SettingsError};

/// Only `base_url` and `venue_group_id` are required. Defaults marked (U) are not confirmed by any public source.
///
/// | key | default |
/// |---|---|
/// | `authenticate_path` | `/auth` |
/// | `venues_path` | `/venues` |
/// | `availability_path` | `/venues/{venue_id}/availability` |
/// | `book_path` | `/venues/{venue_id}/book`, with PUT |
/// | `reservations_path` | `/reservations` |
/// | `reservations_pages` | 20 at most of 400 reservations each, when one is looked for |
/// | `cancel_method`, `cancel_path` | `DELETE`, `/reservations/{reservation_id}` (U); a `cancel_path` of `null` means that there is none |
/// | `cancelled_message` | `already cancel` (U): what it says of a reservation that was cancelled before |
/// | `concierge_id` | none; sent as `X-Concierge-Id` with effects |
/// | `slot_taken_status` | 409 |
/// | `no_slot_message` | `No shift found` |
/// | `token_rejected_message` | `Token is not valid`; a 401 counts as well |
/// | `token_ttl_s` | 2700, when the reply names no expiry |
/// | `time_zone` | `Asia/Singapore`, in which "today" is meant |
/// | `venues_ttl_s` | 300 |
/// and those of [`CallSettings`].
#[derive(Debug, Clone)]
pub struct SevenRoomsSettings {
    pub call: CallSettings,
    pub base_url: String,
    pub venue_group_id: String,
    pub authenticate_path: String,
    pub venues_path: String,
    pub availability_path: String,
    pub book_path: String,
    pub reservations_path: String,
    pub reservations_pages: u64,
    pub cancel_method: Method,
    pub cancel_path: Option<String>,
    pub cancelled_message: String,
    pub concierge_id: Option<String>,
    pub slot_taken_status: u16,
    pub no_slot_message: String,
    pub token_rejected_message: String,
    pub token_ttl: Duration,
    pub time_zone: TimeZone,
    pub venues_ttl: Duration,
}

impl SevenRoomsSettings {
    pub const VENUE_ID: &'static str = "{venue_id}";
    pub const RESERVATION_ID: &'static str = "{reservation_id}";

    /// # Errors
    /// With every mistake of the document.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let mut reader = DocumentReader::new(configuration::SEVENROOMS, text)?;
        let time_zone = time_zone(&mut reader);
        let is_named = |text: &str| !text.trim().is_empty();
        let settings = Self {
            call: CallSettings::read(&mut reader),
            base_url: reader.base_url(configuration::BASE_URL),
            venue_group_id: reader.text(configuration::VENUE_GROUP_ID, None, "the id of COMO's venue group", is_named),
            authenticate_path: reader.path("authenticate_path", "/auth", &[]),
            venues_path: reader.path("venues_path", "/venues", &[]),
            availability_path: reader.path("availability_path", "/venues/{venue_id}/availability", &[Self::VENUE_ID]),
            book_path: reader.path("book_path", "/venues/{venue_id}/book", &[Self::VENUE_ID]),
            reservations_path: reader.path("reservations_path", "/reservations", &[]),
            reservations_pages: reader.integer("reservations_pages", 20, 1..=100),
            cancel_method: cancel_method(&mut reader),
            cancel_path: reader.optional_path(
                "cancel_path",
                Some("/reservations/{reservation_id}"),
                &[Self::RESERVATION_ID],
            ),
            cancelled_message: reader.text("cancelled_message", Some("already cancel"), "the partner's text", is_named),
            concierge_id: reader.optional_text("concierge_id", "an id in letters and digits", |text| {
                !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
            }),
            slot_taken_status: u16::try_from(reader.integer("slot_taken_status", 409, 400..=499)).unwrap_or(409),
            no_slot_message: reader.text("no_slot_message", Some("No shift found"), "the partner's text", is_named),
            token_rejected_message: reader.text(
                "token_rejected_message",
                Some("Token is not valid"),
                "the partner's text",
                is_named,
            ),
            token_ttl: reader.seconds("token_ttl_s", 2_700, 60..=86_400),
            time_zone,
            venues_ttl: reader.seconds("venues_ttl_s", 300, 0..=3_600),
        };
        reader.finish(settings)
    }
}

fn cancel_method(reader: &mut DocumentReader) -> Method {
    const ACCEPTED: [Method; 3] = [Method::DELETE, Method::POST, Method::PUT];
    let is_accepted = |name: &str| ACCEPTED.iter().any(|method| method.as_str() == name);
    let name = reader.text("cancel_method", Some("DELETE"), "DELETE, POST or PUT", is_accepted);
    ACCEPTED.into_iter().find(|method| method.as_str() == name).unwrap_or(Method::DELETE)
}
