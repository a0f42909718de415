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
    #[serde(rename_all = "PascalCase")]
    CustomerNumber { customer_number: &'a str },
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
    pub(super) member_no: Option<String>,
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
    /// Of an item.
    pub(super) quantity_available: Option<u32>,
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

/// Some searches answer with one profile, some with a list.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

impl<T> OneOrMany<T> {
    pub(super) fn into_iter(self) -> std::vec::IntoIter<T> {
        match self {
            Self::Many(all) => all.into_iter(),
            Self::One(one) => vec![one].into_iter(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FullProfile {
    pub(super) customer_number: String,
    pub(super) name: Option<String>,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) email_address: Option<SecretString>,
    pub(super) mobile_number: Option<SecretString>,
    pub(super) mobile_number_country_code: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PointsRequest<'a> {
    pub(super) member_no: &'a str,
    pub(super) point_type: &'a str,
    pub(super) transaction_date: String,
    pub(super) location: &'a str,
    pub(super) amount: serde_json::Number,
    pub(super) redemption_code: &'a str,
    pub(super) description: &'a str,
    pub(super) receipt_no: &'a str,
    /// Of a reversal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) original_receipt_no: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Receipt {
    pub(super) receipt_no: Option<String>,
    pub(super) transaction_no: Option<String>,
    pub(super) transaction_date: Option<String>,
    #[serde(rename = "Type")]
    pub(super) kind: Option<String>,
    #[serde(alias = "Amount")]
    pub(super) points: Option<Decimal>,
    pub(super) redemption_number: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RedeemItemRequest<'a> {
    pub(super) member_number: &'a str,
    pub(super) reward_number: &'a str,
    pub(super) date: String,
    pub(super) location_code: &'a str,
    pub(super) receipt_number: &'a str,
    pub(super) quantity: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payment: Option<RedeemPayment<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RedeemPayment<'a> {
    pub(super) purchase_transaction_id: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RedeemItemReply {
    #[serde(alias = "RedemptionNo")]
    pub(super) redemption_number: String,
    #[serde(default)]
    pub(super) vouchers: Vec<Voucher>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Voucher {
    pub(super) voucher_number: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CancelRedemptionRequest<'a> {
    pub(super) receipt_number: &'a str,
}
