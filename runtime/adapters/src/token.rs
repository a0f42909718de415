//! A partner's service token: kept until shortly before it expires, renewed once when the partner rejects it.

use como_domain::partner::PartnerError;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use tokio::sync::Mutex;

/// A token is not used in its last minute, when it could expire on the way.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

#[derive(Debug, Clone)]
pub(crate) struct ServiceToken {
    pub(crate) secret: SecretString,
    pub(crate) expires_at: Timestamp,
}

/// Which token a caller used, so that ten callers with one rejected token renew it once.
#[derive(Debug, Clone)]
pub(crate) struct Issued {
    pub(crate) token: ServiceToken,
    generation: u64,
}

#[derive(Debug, Default)]
pub(crate) struct TokenCell {
    // Held while authenticating: the others wait for that answer instead of asking for their own.
    current: Mutex<Option<Issued>>,
}

impl TokenCell {
    /// The token to use; `rejected` is the one with which the partner has just refused a call.
    pub(crate) async fn get(
        &self,
        now: Timestamp,
        rejected: Option<&Issued>,
        authenticate: impl Future<Output = Result<ServiceToken, PartnerError>> + Send,
    ) -> Result<Issued, PartnerError> {
        let mut current = self.current.lock().await;
        let rejected = rejected.map(|issued| issued.generation);
        if let Some(issued) = current.as_ref()
            && rejected != Some(issued.generation)
            && now + MARGIN < issued.token.expires_at
        {
            return Ok(issued.clone());
        }
        let generation = current.as_ref().map_or(0, |issued| issued.generation + 1);
        let issued = Issued { token: authenticate.await?, generation };
        *current = Some(issued.clone());
        Ok(issued)
    }
}
