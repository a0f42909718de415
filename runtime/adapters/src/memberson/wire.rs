//! Memberson's JSON, read tolerantly: unknown fields are ignored, most known ones may be missing.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AuthenticateRequest<'a> {
    pub(super) user_name: &'a str,
    pub(super) password: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase", untagged)]
pub(super) enum SearchRequest<'a> {
    #[serde(rename_all = "PascalCase")]
    Email { email_address: &'a str },
    #[serde(rename_all = "PascalCase")]
    Mobile { mobile_number: &'a str, mobile_number_country_code: &'a str },
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FoundProfile {
    pub(super) customer_number: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SignInRequest<'a> {
    pub(super) password: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SignInReply {
    pub(super) token: SecretString,
    /// One of two names, by client.
    #[serde(alias = "TokenExpiryDate")]
    pub(super) expiry_date: Option<String>,
    pub(super) need_password_change: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ErrorReply {
    pub(super) error_code: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SummaryReply {
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) membership_summaries: Vec<MembershipSummary>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MembershipSummary {
    pub(super) tier: Option<String>,
    pub(super) status: Option<String>,
    pub(super) expiry_date: Option<String>,
    #[serde(default)]
    pub(super) account_summaries: Vec<AccountSummary>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AccountSummary {
    #[serde(rename = "Type")]
    pub(super) point_type: Option<String>,
    pub(super) balance: Option<Decimal>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Reward {
    #[serde(alias = "RewardNo")]
    pub(super) reward_number: String,
    pub(super) name: String,
    pub(super) short_description: Option<String>,
    pub(super) description: Option<String>,
    pub(super) category: Option<String>,
    pub(super) brand: Option<String>,
    pub(super) reward_pricing: Option<RewardPricing>,
    pub(super) duration_minutes: Option<u32>,
    pub(super) terms_and_conditions: Option<String>,
    #[serde(rename = "VenueID", alias = "VenueId")]
    pub(super) venue_id: Option<String>,
    #[serde(default)]
    pub(super) media: Vec<Media>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RewardPricing {
    pub(super) points: Option<Decimal>,
    pub(super) amount: Option<Decimal>,
    pub(super) currency: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Media {
    pub(super) url: Option<String>,
}

/// A number in JSON, or the same as text.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Decimal {
    Number(serde_json::Number),
    Text(String),
}

impl Decimal {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.trim().to_owned(),
        }
    }
}
