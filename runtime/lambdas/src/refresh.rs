//! Keeps a token of each partner at hand, so that a new task need not sign in.
//!
//! A token is bought anew each time, whatever is left of the old one: partners say how long a token is good for, or do not,
//! and one that is too fresh costs a call. Tasks that run renew theirs by themselves and notice nothing.

use crate::rollout::PortError;
use async_trait::async_trait;
use como_contract::secret::{REFRESHED_TOKENS, Secret};
use secrecy::SecretString;
use serde::Serialize;
use thiserror::Error;
use tracing::info;

/// A partner's counter: tokens for credentials.
#[async_trait]
pub trait TokenCounter: Send + Sync {
    /// What the secret `token` shall hold, bought with what the secret `credentials` holds.
    async fn buy(&self, token: Secret, credentials: &SecretString) -> Result<SecretString, PortError>;
}

/// The secrets of an environment.
#[async_trait]
pub trait SecretStore: Send + Sync {
    /// `None` while nobody has put a value in.
    async fn get(&self, secret: Secret) -> Result<Option<SecretString>, PortError>;

    async fn put(&self, secret: Secret, value: &SecretString) -> Result<(), PortError>;
}

#[derive(Debug, Error)]
#[error("cannot renew every token: {}", failures.join("; "))]
pub struct RefreshError {
    /// For each token that was not renewed, why; the others were.
    pub failures: Vec<String>,
}

#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Refreshed {
    /// Labels of the secrets that hold a new token.
    pub renewed: Vec<&'static str>,
}

/// Renews the token of every partner.
///
/// # Errors
/// Names every token that could not be renewed; one failure keeps no other back.
pub async fn refresh(counter: &dyn TokenCounter, secrets: &dyn SecretStore) -> Result<Refreshed, RefreshError> {
    let (mut refreshed, mut failures) = (Refreshed::default(), Vec::new());
    for (credentials, token) in REFRESHED_TOKENS {
        match renew(counter, secrets, credentials, token).await {
            Ok(()) => {
                info!(secret.label = token.label(), "renewed {}", token.label());
                refreshed.renewed.push(token.label());
            }
            Err(error) => failures.push(format!("{error}: {}", error.source)),
        }
    }
    if failures.is_empty() { Ok(refreshed) } else { Err(RefreshError { failures }) }
}

async fn renew(
    counter: &dyn TokenCounter,
    secrets: &dyn SecretStore,
    credentials: Secret,
    token: Secret,
) -> Result<(), PortError> {
    let found = secrets.get(credentials).await?.ok_or_else(|| PortError {
        doing: format!("buy {}", token.label()),
        source: format!("nobody has put {} in yet", credentials.label()).into(),
    })?;
    let bought = counter.buy(token, &found).await?;
    secrets.put(token, &bought).await
}
