//! The document `partner/stripe`.

use std::time::Duration;

use como_contract::configuration;

use crate::settings::CallSettings;
use crate::settings::reader::{DocumentReader, SettingsError};

/// Nothing is required; an empty object will do.
///
/// | key | default |
/// |---|---|
/// | `base_url` | `https://api.stripe.com` |
/// | `api_version` | `2026-09-30.endive`: what the shapes of our requests and replies are written for |
/// | `list_pages` | 10 at most of 100 objects each, when one is looked for |
/// | `webhook_tolerance_s` | 300: how old an event's signature may be |
/// and those of [`CallSettings`].
#[derive(Debug, Clone)]
pub struct StripeSettings {
    pub call: CallSettings,
    pub base_url: String,
    pub api_version: String,
    pub list_pages: u64,
    pub webhook_tolerance: Duration,
}

impl StripeSettings {
    /// # Errors
    /// With every mistake of the document.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let mut reader = DocumentReader::new(configuration::STRIPE, text)?;
        let is_version = |text: &str| {
            (10..=40).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
        };
        let settings = Self {
            call: CallSettings::read(&mut reader),
            base_url: reader.base_url_or(configuration::BASE_URL, Some("https://api.stripe.com")),
            api_version: reader.text(
                "api_version",
                Some("2026-09-30.endive"),
                "a version such as 2026-09-30.endive",
                is_version,
            ),
            list_pages: reader.integer("list_pages", 10, 1..=100),
            webhook_tolerance: reader.seconds("webhook_tolerance_s", 300, 30..=3_600),
        };
        reader.finish(settings)
    }
}
