//! The partners' credentials as Secrets Manager holds them: JSON documents, see `como_contract::secret::Secret`.

use como_contract::secret::Secret;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

#[derive(Debug, Clone, Deserialize)]
pub struct MembersonCredentials {
    pub service_user: String,
    pub service_password: SecretString,
    pub user_name: String,
    pub password: SecretString,
}

#[derive(Debug, Clone, Deserialize)]
pub struct SevenRoomsCredentials {
    pub client_id: String,
    pub client_secret: SecretString,
}

/// The parser's own message is left out: it may quote the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the value of {} is not a JSON object with the text keys {keys}", secret.variable())]
pub struct CredentialsError {
    pub secret: Secret,
    pub keys: &'static str,
}

impl TryFrom<&SecretString> for MembersonCredentials {
    type Error = CredentialsError;

    fn try_from(text: &SecretString) -> Result<Self, CredentialsError> {
        parse(text, Secret::MembersonCredentials, "service_user, service_password, user_name, password")
    }
}

impl TryFrom<&SecretString> for SevenRoomsCredentials {
    type Error = CredentialsError;

    fn try_from(text: &SecretString) -> Result<Self, CredentialsError> {
        parse(text, Secret::SevenRoomsCredentials, "client_id, client_secret")
    }
}

fn parse<T: DeserializeOwned>(text: &SecretString, secret: Secret, keys: &'static str) -> Result<T, CredentialsError> {
    serde_json::from_str(text.expose_secret()).map_err(|_| CredentialsError { secret, keys })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_variable_and_keys_but_no_value() {
        let error =
            SevenRoomsCredentials::try_from(&SecretString::from(r#"{"client_id": "hush", "client_secret": 7}"#));
        let shown = format!("{:?} {}", error, error.as_ref().unwrap_err());
        assert!(shown.contains("SEVENROOMS_CREDENTIALS") && shown.contains("client_secret"), "{shown}");
        assert!(!shown.contains("hush"), "{shown}");
    }
}
