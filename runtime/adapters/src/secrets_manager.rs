//! Secrets Manager, for those few who read and write secrets themselves; tasks are given theirs by ECS.

use std::time::Duration;

use como_domain::identity::Cause;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use thiserror::Error;

use crate::signed::{Service, SignedCall, SignedClient, SignedError};

const TIMEOUT: Duration = Duration::from_secs(10);

pub struct SecretsManager {
    client: SignedClient,
}

#[derive(Debug, Error)]
#[error("cannot {operation} the secret {name}")]
pub struct SecretError {
    pub operation: &'static str,
    pub name: String,
    #[source]
    pub source: Cause,
}

impl SecretsManager {
    #[must_use]
    pub fn new(client: SignedClient) -> Self {
        Self { client }
    }

    /// `None` when there is no such secret, or no value in it yet.
    ///
    /// # Errors
    /// When Secrets Manager cannot be asked, or refuses.
    pub async fn value(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        match self.call("GetSecretValue", &json!({ "SecretId": name })).await {
            Ok(reply) => Ok(reply["SecretString"].as_str().map(SecretString::from)),
            Err(SignedError::Refused { code, .. }) if code == "ResourceNotFoundException" => Ok(None),
            Err(error) => Err(SecretError { operation: "read", name: name.to_owned(), source: error.into() }),
        }
    }

    /// Puts a new value in; the one before stays the previous version.
    ///
    /// # Errors
    /// When Secrets Manager cannot be asked, or refuses.
    pub async fn put(&self, name: &str, value: &SecretString) -> Result<(), SecretError> {
        let body = json!({ "SecretId": name, "SecretString": value.expose_secret() });
        let put = self.call("PutSecretValue", &body).await;
        put.map(drop).map_err(|error| SecretError { operation: "write", name: name.to_owned(), source: error.into() })
    }

    async fn call(&self, target: &str, body: &Value) -> Result<Value, SignedError> {
        let headers = [
            ("content-type", "application/x-amz-json-1.1".to_owned()),
            ("x-amz-target", format!("secretsmanager.{target}")),
        ];
        let service = Service::SecretsManager;
        self.client.post(SignedCall { service, path: "/", headers: &headers, body, timeout: TIMEOUT }).await
    }
}
