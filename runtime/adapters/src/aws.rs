//! The AWS clients of a task: standard credentials, `AWS_ENDPOINT_URL` honoured, short time limits.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use como_domain::identity::Cause;
use secrecy::SecretString;

use crate::cognito::CognitoPool;
use crate::dynamo::{ConfigurationTable, OpenActions, SessionsTable};
use crate::encryption::ProfileTokenCipher;
use crate::signed::SignedClient;

/// A member waits behind these calls; the SDK's own limits are minutes.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug, Clone)]
pub struct AwsClients {
    config: SdkConfig,
    dynamodb: aws_sdk_dynamodb::Client,
    cognito: aws_sdk_cognitoidentityprovider::Client,
}

#[derive(Debug, Clone)]
pub struct CognitoPoolIds {
    pub pool_id: String,
    pub client_id: String,
}

impl AwsClients {
    pub async fn connect(region: &str) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(OPERATION_TIMEOUT)
            .build();
        let loader = aws_config::defaults(BehaviorVersion::latest());
        let config = loader.region(Region::new(region.to_owned())).timeout_config(timeouts).load().await;
        Self::from_config(&config)
    }

    #[must_use]
    pub fn from_config(config: &SdkConfig) -> Self {
        Self {
            config: config.clone(),
            dynamodb: aws_sdk_dynamodb::Client::new(config),
            cognito: aws_sdk_cognitoidentityprovider::Client::new(config),
        }
    }

    /// Where AWS is when it is elsewhere: in a rehearsal.
    #[must_use]
    pub fn endpoint(&self) -> Option<&str> {
        self.config.endpoint_url()
    }

    #[must_use]
    pub fn configuration_table(&self, environment: &str) -> ConfigurationTable {
        ConfigurationTable::of_environment(self.dynamodb.clone(), environment)
    }

    #[must_use]
    pub fn sessions_table(&self, environment: &str, cipher: ProfileTokenCipher) -> SessionsTable {
        SessionsTable::of_environment(self.dynamodb.clone(), environment, cipher)
    }

    /// Calls of services that are not worth an SDK of their own.
    #[must_use]
    pub fn signed(&self, http: reqwest::Client) -> SignedClient {
        SignedClient::new(http, &self.config)
    }

    #[must_use]
    pub fn open_actions(&self, environment: &str) -> OpenActions {
        OpenActions::of_environment(self.dynamodb.clone(), environment)
    }

    #[must_use]
    pub fn cognito_pool(&self, ids: CognitoPoolIds, password_key: SecretString) -> CognitoPool {
        CognitoPool::new(self.cognito.clone(), ids.pool_id, ids.client_id, password_key)
    }
}

/// The service's error code, or why there was no answer. The text of a message may name a user or a key.
pub(crate) fn cause<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Cause {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    Cause::from(match (error, code) {
        (_, Some(code)) => code.to_owned(),
        (SdkError::TimeoutError(_), None) => "no answer in time".to_owned(),
        (SdkError::DispatchFailure(_), None) => "not reachable, or no credentials".to_owned(),
        _ => "an answer that cannot be understood".to_owned(),
    })
}
