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
/// | `profile_search_path` | `/api/profile/search`, asked by `CustomerNumber` (U) |
/// | `redeem_points_path` | `/api/transaction/redeem-point` |
/// | `points_reversal_path` | none: points cannot be given back over the API (U) |
/// | `receipts_path` | `/api/member/{member_number}/receipts` |
/// | `items_path` | `/MockRewardApi/member/{member_number}/rewards` |
/// | `redeem_item_path` | `/MockRewardApi/reward/redeem` |
/// | `redemption_cancel_path` | none: a redemption cannot be cancelled over the API (U); has `{redemption_number}` |
/// | `location_code` | `COMO-APP` (U) |
/// | `redemption_code` | `COMO-APP` (U) |
/// | `too_few_points_code`, `sold_out_code` | 2101, 2201 (U): the `ErrorCode` of each |
/// | `reversal_receipt_type`, `cancelled_receipt_type` | `REVERSE`, `REWARD_CANCEL` (U): the `Type` of such receipts |
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
    pub profile_search_path: String,
    pub redeem_points_path: String,
    pub points_reversal_path: Option<String>,
    pub receipts_path: String,
    pub items_path: String,
    pub redeem_item_path: String,
    pub redemption_cancel_path: Option<String>,
    pub location_code: String,
    pub redemption_code: String,
    pub too_few_points_code: i64,
    pub sold_out_code: i64,
    pub reversal_receipt_type: String,
    pub cancelled_receipt_type: String,
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
    pub const MEMBER_NUMBER: &'static str = "{member_number}";
    pub const REDEMPTION_NUMBER: &'static str = "{redemption_number}";

    /// # Errors
    /// With every mistake of the document.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let mut reader = DocumentReader::new(configuration::MEMBERSON, text)?;
        let time_zone = time_zone(&mut reader);
        let is_name = |text: &str| !text.trim().is_empty();
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
            profile_search_path: reader.path("profile_search_path", "/api/profile/search", &[]),
            redeem_points_path: reader.path("redeem_points_path", "/api/transaction/redeem-point", &[]),
            points_reversal_path: reader.optional_path("points_reversal_path", None, &[]),
            receipts_path: reader.path("receipts_path", "/api/member/{member_number}/receipts", &[Self::MEMBER_NUMBER]),
            items_path: reader.path(
                "items_path",
                "/MockRewardApi/member/{member_number}/rewards",
                &[Self::MEMBER_NUMBER],
            ),
            redeem_item_path: reader.path("redeem_item_path", "/MockRewardApi/reward/redeem", &[]),
            redemption_cancel_path: reader.optional_path("redemption_cancel_path", None, &[Self::REDEMPTION_NUMBER]),
            location_code: reader.text("location_code", Some("COMO-APP"), "a code of Memberson's", is_name),
            redemption_code: reader.text("redemption_code", Some("COMO-APP"), "a code of Memberson's", is_name),
            too_few_points_code: error_code(&mut reader, "too_few_points_code", 2_101),
            sold_out_code: error_code(&mut reader, "sold_out_code", 2_201),
            reversal_receipt_type: reader.text("reversal_receipt_type", Some("REVERSE"), "a type of receipt", is_name),
            cancelled_receipt_type: reader.text(
                "cancelled_receipt_type",
                Some("REWARD_CANCEL"),
                "a type of receipt",
                is_name,
            ),
            home_country_code: reader.text("home_country_code", Some("65"), "1 to 3 digits", |text| {
                (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
            }),
            point_type: reader.text("point_type", Some("C21 Points"), "a name", is_name),
            time_zone,
            service_token_ttl: reader.seconds("service_token_ttl_s", 21_600, 60..=86_400),
            profile_token_ttl: reader.seconds("profile_token_ttl_s", 1_800, 60..=86_400),
            catalogue_ttl: reader.seconds("catalogue_ttl_s", 60, 0..=3_600),
        };
        reader.finish(settings)
    }
}

/// The range fits.
fn error_code(reader: &mut DocumentReader, key: &str, default: u64) -> i64 {
    i64::try_from(reader.integer(key, default, 1..=1_000_000)).unwrap_or(i64::MAX)
}

pub(super) fn time_zone(reader: &mut DocumentReader) -> TimeZone {
    let name =
        reader.text("time_zone", Some("Asia/Singapore"), "an IANA time zone", |name| TimeZone::get(name).is_ok());
    TimeZone::get(&name).unwrap_or(TimeZone::UTC)
}
