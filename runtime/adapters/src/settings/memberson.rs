//! The document `partner/memberson`.

use std::time::Duration;

use como_contract::configuration;
use jiff::tz::TimeZone;

use crate::settings::CallSettings;
use crate::settings::reader::{DocumentReader, SettingsError};

/// Only `base_url` is required. Defaults marked (U) are not confirmed by any public source.
///
/// | key | default |
/// |---|---|
/// | `authenticate_path` | `/api/user/authenticate` |
/// | `search_path` | `/api/profile/search-simple` |
/// | `sign_in_path` | `/api/profile/{customer_number}/signin` |
/// | `summary_path` | `/api/profile/{customer_number}/summary` |
/// | `rewards_path` | `/MockRewardApi/rewards` (U) |
/// | `reward_path` | `/MockRewardApi/reward/{reward_number}` |
/// | `home_country_code` | `65` |
/// | `point_type` | `C21 Points` |
/// | `time_zone` | `Asia/Singapore`, for times without an offset (U) |
/// | `service_token_ttl_s` | 21600 (U); the token itself names no expiry |
/// | `profile_token_ttl_s` | 1800 (U), when a sign-in names no expiry |
/// | `catalogue_ttl_s` | 60 |
/// and those of [`CallSettings`].
#[derive(Debug, Clone)]
pub struct MembersonSettings {
    pub call: CallSettings,
    pub base_url: String,
    pub authenticate_path: String,
    pub search_path: String,
    pub sign_in_path: String,
    pub summary_path: String,
    pub rewards_path: String,
    pub reward_path: String,
    pub home_country_code: String,
    pub point_type: String,
    pub time_zone: TimeZone,
    pub service_token_ttl: Duration,
    pub profile_token_ttl: Duration,
    pub catalogue_ttl: Duration,
}

impl MembersonSettings {
    pub const CUSTOMER_NUMBER: &'static str = "{customer_number}";
    pub const REWARD_NUMBER: &'static str = "{reward_number}";

    /// # Errors
    /// With every mistake of the document.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let mut reader = DocumentReader::new(configuration::MEMBERSON, text)?;
        let time_zone = time_zone(&mut reader);
        let settings = Self {
            call: CallSettings::read(&mut reader),
            base_url: reader.base_url(configuration::BASE_URL),
            authenticate_path: reader.path("authenticate_path", "/api/user/authenticate", &[]),
            search_path: reader.path("search_path", "/api/profile/search-simple", &[]),
            sign_in_path: reader.path(
                "sign_in_path",
                "/api/profile/{customer_number}/signin",
                &[Self::CUSTOMER_NUMBER],
            ),
            summary_path: reader.path(
                "summary_path",
                "/api/profile/{customer_number}/summary",
                &[Self::CUSTOMER_NUMBER],
            ),
            rewards_path: reader.path("rewards_path", "/MockRewardApi/rewards", &[]),
            reward_path: reader.path("reward_path", "/MockRewardApi/reward/{reward_number}", &[Self::REWARD_NUMBER]),
            home_country_code: reader.text("home_country_code", Some("65"), "1 to 3 digits", |text| {
                (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
            }),
            point_type: reader.text("point_type", Some("C21 Points"), "a name", |text| !text.trim().is_empty()),
            time_zone,
            service_token_ttl: reader.seconds("service_token_ttl_s", 21_600, 60..=86_400),
            profile_token_ttl: reader.seconds("profile_token_ttl_s", 1_800, 60..=86_400),
            catalogue_ttl: reader.seconds("catalogue_ttl_s", 60, 0..=3_600),
        };
        reader.finish(settings)
    }
}

pub(super) fn time_zone(reader: &mut DocumentReader) -> TimeZone {
    let name =
        reader.text("time_zone", Some("Asia/Singapore"), "an IANA time zone", |name| TimeZone::get(name).is_ok());
    TimeZone::get(&name).unwrap_or(TimeZone::UTC)
}
