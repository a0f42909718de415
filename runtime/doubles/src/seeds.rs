//! What a rehearsal puts into Secrets Manager and the configuration table so that the service finds the doubles.

use como_contract::configuration;
use como_contract::secret::Secret;
use serde_json::{Value, json};

use crate::venues::VENUE_GROUP_ID;

pub(crate) const SERVICE_USER: &str = "como-middleware";
pub(crate) const SERVICE_PASSWORD: &str = "rehearsal-service-password";
pub(crate) const USER_NAME: &str = "como-api";
pub(crate) const USER_PASSWORD: &str = "rehearsal-user-password";
pub(crate) const CLIENT_ID: &str = "rehearsal-client";
pub(crate) const CLIENT_SECRET: &str = "rehearsal-client-secret";

/// The only key that the Stripe double accepts.
pub const STRIPE_KEY: &str = "sk_test_rehearsal";
/// What the Stripe double signs events with in a rehearsal.
pub const STRIPE_WEBHOOK_SECRET: &str = "whsec_rehearsal";

/// The partners' secrets that the doubles accept, in the shape that [`Secret`] documents; `None` for all others.
#[must_use]
pub fn credentials(secret: Secret) -> Option<Value> {
    match secret {
        Secret::MembersonCredentials => Some(json!({
            "service_user": SERVICE_USER,
            "service_password": SERVICE_PASSWORD,
            "user_name": USER_NAME,
            "password": USER_PASSWORD,
        })),
        Secret::SevenRoomsCredentials => Some(json!({ "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET })),
        Secret::StripeKey => Some(json!(STRIPE_KEY)),
        Secret::StripeWebhookSecret => Some(json!(STRIPE_WEBHOOK_SECRET)),
        // The stack generates these; the token refresh puts tokens in later.
        Secret::MembersonToken
        | Secret::SevenRoomsToken
        | Secret::SevenRoomsWebhookKey
        | Secret::StripeWebhookSecretOther
        | Secret::SessionKey
        | Secret::SessionKeyBefore
        | Secret::MemberPasswordKey
        | Secret::SagaKey => None,
    }
}

/// The row of Stripe, which has an address of its own in production: name and document.
#[must_use]
pub fn stripe_configuration_row(origin: &str) -> (&'static str, Value) {
    (configuration::STRIPE, json!({ configuration::BASE_URL: origin }))
}

/// Rows of the configuration table: name and document. The arguments are origins such as `http://127.0.0.1:9001`, or
/// placeholders that are filled in later.
#[must_use]
pub fn configuration_rows(memberson_origin: &str, sevenrooms_origin: &str) -> Vec<(&'static str, Value)> {
    vec![
        (
            configuration::MEMBERSON,
            json!({
                configuration::BASE_URL: memberson_origin,
                // No public client cancels a redemption: the path is the double's.
                "redemption_cancel_path": "/MockRewardApi/reward/redeem/{redemption_number}/cancel",
            }),
        ),
        (
            configuration::SEVENROOMS,
            json!({
                configuration::BASE_URL: format!("{sevenrooms_origin}/2_4"),
                configuration::VENUE_GROUP_ID: VENUE_GROUP_ID,
            }),
        ),
    ]
}
