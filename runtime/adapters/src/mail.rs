//! The domain's `Mailer`, kept by SES.

use std::time::Duration;

use async_trait::async_trait;
use como_domain::mail::{Mail, MailError, MailReceipt, Mailer};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::signed::{Service, SignedCall, SignedClient, SignedError};

const TIMEOUT: Duration = Duration::from_secs(10);
const UTF_8: &str = "UTF-8";

pub struct SesMailer {
    client: SignedClient,
    sender: String,
    configuration_set: Option<String>,
}

impl SesMailer {
    #[must_use]
    pub fn new(client: SignedClient, sender: String, configuration_set: Option<String>) -> Self {
        Self { client, sender, configuration_set }
    }
}

#[async_trait]
impl Mailer for SesMailer {
    async fn send(&self, mail: &Mail) -> Result<MailReceipt, MailError> {
        let part = |text: &str| json!({ "Data": text, "Charset": UTF_8 });
        let mut body = json!({
            "FromEmailAddress": self.sender,
            "Destination": { "ToAddresses": [mail.to.expose_secret()] },
            "Content": {
                "Simple": {
                    "Subject": part(&mail.subject),
                    "Body": { "Text": part(&mail.text), "Html": part(&mail.html) },
                },
            },
            "EmailTags": [{ "Name": "reference", "Value": tag(&mail.reference) }],
        });
        if let Some(name) = &self.configuration_set {
            body["ConfigurationSetName"] = json!(name);
        }
        let headers = [("content-type", "application/json".to_owned())];
        let path = "/v2/email/outbound-emails";
        let call = SignedCall { service: Service::Ses, path, headers: &headers, body: &body, timeout: TIMEOUT };
        match self.client.post(call).await {
            Ok(reply) => Ok(MailReceipt(reply["MessageId"].as_str().unwrap_or_default().to_owned())),
            Err(error @ SignedError::Refused { .. }) => Err(MailError::Refused(error.into())),
            Err(error @ (SignedError::NotSent(_) | SignedError::Throttled { .. })) => {
                Err(MailError::NotSent(error.into()))
            }
            Err(error @ (SignedError::Failed { .. } | SignedError::NoAnswer(_))) => {
                Err(MailError::Unknown(error.into()))
            }
        }
    }
}

/// SES takes letters, digits, `_` and `-`, 256 at most.
fn tag(reference: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '-' };
    reference.chars().take(256).map(plain).collect()
}
