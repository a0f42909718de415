//! A partner's service token: kept until shortly before it expires, renewed once when the partner rejects it.
//!
//! A new task may begin with one that the token refresh has put into a secret.

use como_domain::partner::PartnerError;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;

/// A token is not used in its last minute, when it could expire on the way.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

#[derive(Debug, Clone)]
pub struct ServiceToken {
    pub(crate) secret: SecretString,
    pub(crate) expires_at: Timestamp,
}

/// As a secret holds it.
#[derive(Deserialize)]
struct Kept {
    token: SecretString,
    expires_at: Timestamp,
}

impl ServiceToken {
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// What a secret holds of it: JSON `{"token","expires_at"}`.
    #[must_use]
    pub fn to_secret(&self) -> SecretString {
        let document = json!({ "token": self.secret.expose_secret(), "expires_at": self.expires_at.to_string() });
        document.to_string().into()
    }

    /// `None` of the random characters that the secret begins with.
    #[must_use]
    pub fn of_secret(text: &SecretString) -> Option<Self> {
        let Kept { token, expires_at } = serde_json::from_str(text.expose_secret()).ok()?;
        Some(Self { secret: token, expires_at })
    }
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
    /// Begins with a token that somebody else has bought.
    pub(crate) fn holding(token: Option<ServiceToken>) -> Self {
        Self { current: Mutex::new(token.map(|token| Issued { token, generation: 0 })) }
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_holds_a_token_and_its_end_or_none() {
        let token = ServiceToken { secret: "svc-1".into(), expires_at: "2026-12-01T06:00:00Z".parse().unwrap() };
        let read = ServiceToken::of_secret(&token.to_secret()).unwrap();
        assert_eq!((read.secret.expose_secret(), read.expires_at), ("svc-1", token.expires_at));
        for other in ["", "a8Fq0random", "{}", r#"{"token": "svc-1"}"#, r#"{"token": 1, "expires_at": "never"}"#] {
            assert!(ServiceToken::of_secret(&other.into()).is_none(), "{other}");
        }
    }
}
