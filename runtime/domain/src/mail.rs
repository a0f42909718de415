//! Mails to members.

use std::fmt;

use async_trait::async_trait;
use secrecy::SecretString;

use crate::identity::Cause;
use thiserror::Error;

#[async_trait]
pub trait Mailer: Send + Sync {
    /// The provider has no idempotency: after [`MailError::Unknown`] a repeat may arrive a second time.
    async fn send(&self, mail: &Mail) -> Result<MailReceipt, MailError>;
}

#[derive(Clone)]
pub struct Mail {
    pub to: SecretString,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// Comes back with bounces and complaints.
    pub reference: String,
}

/// Nothing of a person is shown.
impl fmt::Debug for Mail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Mail").field("reference", &self.reference).finish_non_exhaustive()
    }
}

/// The provider's name for what it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailReceipt(pub String);

#[derive(Debug, Error)]
pub enum MailError {
    /// The address, the sender or the content: repeating changes nothing.
    #[error("the mail was refused")]
    Refused(#[source] Cause),
    /// Throttled, not reachable, or no credentials: nothing was sent.
    #[error("the mail was not sent")]
    NotSent(#[source] Cause),
    #[error("nobody knows whether the mail was sent")]
    Unknown(#[source] Cause),
}
