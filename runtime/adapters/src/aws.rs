//! The AWS clients of a task: standard credentials, `AWS_ENDPOINT_URL` honoured, short time limits.

use std::sync::Arc;
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use como_domain::clock::Clock;
use como_domain::identity::Cause;
use secrecy::SecretString;

use crate::cognito::CognitoPool;
use crate::dynamo::{
    ConfigurationTable, JournalTable, LeaseTable, ManualActionsTable, OpenActions, RequestsTable, SessionsTable,
    WebhookEventsTable,
};
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
        Self::from_config(&Self::loader(region).load().await)
    }

    /// To somebody who plays AWS at this address and asks nobody who they are.
    pub async fn connect_to(endpoint: &str, region: &str) -> Self {
        let anybody = Credentials::new("local", "local", None, None, "como");
        let loader = Self::loader(region).endpoint_url(endpoint).credentials_provider(anybody);
        Self::from_config(&loader.load().await)
    }

    fn loader(region: &str) -> ConfigLoader {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(OPERATION_TIMEOUT)
            .build();
        let loader = aws_config::defaults(BehaviorVersion::latest());
        loader.region(Region::new(region.to_owned())).timeout_config(timeouts)
    }

    #[must_use]
    pub fn from_config(config: &SdkConfig) -> Self {
        Self {
            config: config.clone(),
            dynamodb: aws_sdk_dynamodb::Client::new(config),
            cognito: aws_sdk_cognitoidentityprovider::Client::new(config),
        }
    }

    #[must_use]
    pub fn configuration_table(&self, environment: &str) -> ConfigurationTable {
        ConfigurationTable::of_environment(self.dynamodb.clone(), environment)
    }

    #[must_use]
    pub fn sessions_table(&self, environment: &str, cipher: ProfileTokenCipher) -> SessionsTable {
        SessionsTable::of_environment(self.dynamodb.clone(), environment, cipher)
    }

    #[must_use]
    pub fn journal(&self, environment: &str) -> JournalTable {
        JournalTable::of_environment(self.dynamodb.clone(), environment)
    }

    #[must_use]
    pub fn requests(&self, environment: &str, clock: Arc<dyn Clock>) -> RequestsTable {
        RequestsTable::of_environment(self.dynamodb.clone(), environment, clock)
    }

    #[must_use]
    pub fn webhook_events(&self, environment: &str, clock: Arc<dyn Clock>) -> WebhookEventsTable {
        WebhookEventsTable::of_environment(self.dynamodb.clone(), environment, clock)
    }

    #[must_use]
    pub fn manual_actions(&self, environment: &str) -> ManualActionsTable {
        ManualActionsTable::of_environment(self.dynamodb.clone(), environment)
    }

    /// This region's vote.
    #[must_use]
    pub fn lease_table(&self, environment: &str) -> LeaseTable {
        LeaseTable::of_environment(self.dynamodb.clone(), environment)
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

pub(crate) fn has_code<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>, code: &str) -> bool {
    error.as_service_error().and_then(ProvideErrorMetadata::code) == Some(code)
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
