//! The document `partner/sevenrooms`.

use std::time::Duration;

use como_contract::configuration;
use jiff::tz::TimeZone;

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
    pub token_rejected_message: String,
    pub token_ttl: Duration,
    pub time_zone: TimeZone,
    pub venues_ttl: Duration,
}

impl SevenRoomsSettings {
    pub const VENUE_ID: &'static str = "{venue_id}";

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
