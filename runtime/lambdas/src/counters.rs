//! The ports of the token refresh, over Secrets Manager and the partners.

use crate::refresh::{SecretStore, TokenCounter};
use crate::rollout::PortError;
use async_trait::async_trait;
use como_adapters::clock::SystemClock;
use como_adapters::http::HttpClient;
use como_adapters::secrets_manager::SecretsManager;
use como_adapters::service_token;
use como_adapters::settings::ConfigurationSource;
use como_contract::secret::Secret;
use secrecy::SecretString;
use std::error::Error;
use std::sync::Arc;

/// The secrets of one environment, in Secrets Manager.
pub(crate) struct EnvironmentSecrets {
    pub(crate) manager: SecretsManager,
    pub(crate) environment: String,
}

#[async_trait]
impl SecretStore for EnvironmentSecrets {
    async fn get(&self, secret: Secret) -> Result<Option<SecretString>, PortError> {
        let value = self.manager.value(&secret.name(&self.environment)).await;
        value.map_err(|error| failed(format!("read {}", secret.label()), error))
    }

    async fn put(&self, secret: Secret, value: &SecretString) -> Result<(), PortError> {
        let put = self.manager.put(&secret.name(&self.environment), value).await;
        put.map_err(|error| failed(format!("write {}", secret.label()), error))
    }
}

/// The partners, where the configuration table says that they are.
pub(crate) struct Partners<S> {
    pub(crate) source: S,
    pub(crate) http: HttpClient,
}

#[async_trait]
impl<S: ConfigurationSource> TokenCounter for Partners<S> {
    async fn buy(&self, token: Secret, credentials: &SecretString) -> Result<SecretString, PortError> {
        let clock = Arc::new(SystemClock::start());
        // The table is asked each time: an address may have been changed since the last invocation.
        let bought = service_token::buy(token, credentials, &self.source, self.http.clone(), clock).await;
        bought.map(|token| token.to_secret()).map_err(|error| failed(format!("buy {}", token.label()), error))
    }
}

fn failed(doing: String, source: impl Error + Send + Sync + 'static) -> PortError {
    PortError { doing, source: Box::new(source) }
}
