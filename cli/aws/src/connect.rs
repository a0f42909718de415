//! From options to clients.

use crate::signed;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(90);
/// The SDK bridges a blip, unseen; the engine waits longer, and tells.
const ATTEMPTS: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Which cloud, and as whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectOptions {
    /// A profile of `~/.aws/config`; without one the environment decides.
    pub profile: Option<String>,
    /// Where calls go that belong to no region of the assembly.
    pub region: String,
    /// Another cloud than AWS. `AWS_ENDPOINT_URL` works without this.
    pub endpoint: Option<Endpoint>,
}

/// A cloud that believes any credentials: the rehearsal's. Nobody's real ones are looked for, let alone sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    pub url: String,
}

/// AWS, or what answers in its place.
pub struct AwsCloud {
    config: SdkConfig,
    http: Option<reqwest::Client>,
    clients: Mutex<BTreeMap<String, Clients>>,
}

impl fmt::Debug for AwsCloud {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = self.config.endpoint_url();
        formatter.debug_struct("AwsCloud").field("endpoint", &endpoint).finish_non_exhaustive()
    }
}

/// The clients of one region.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    pub(crate) cloudformation: aws_sdk_cloudformation::Client,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) ecs: aws_sdk_ecs::Client,
    pub(crate) sts: aws_sdk_sts::Client,
}

/// Reads the configuration of the machine; makes no call to the cloud yet.
pub async fn connect(options: ConnectOptions) -> AwsCloud {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build();
    let retries = RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(FIRST_PAUSE)
        .with_max_backoff(LONGEST_PAUSE);
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(options.region))
        .retry_config(retries)
        .timeout_config(timeouts);
    if let Some(profile) = options.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(endpoint) = options.endpoint {
        let credentials = Credentials::new("rehearsal", "rehearsal", None, None, "como-rehearsal");
        // A machine set up for FIPS or dual-stack endpoints rehearses all the same; with an endpoint of one's own the SDK
        // refuses either.
        loader =
            loader.credentials_provider(credentials).endpoint_url(endpoint.url).use_fips(false).use_dual_stack(false);
    }
    let config = loader.load().await;
    AwsCloud { http: signed::client(&config), config, clients: Mutex::new(BTreeMap::new()) }
}

impl AwsCloud {
    /// The region of calls that belong to no region of the assembly.
    #[must_use]
    pub fn region(&self) -> &str {
        self.config.region().map(Region::as_ref).unwrap_or_default()
    }

    pub(crate) const fn config(&self) -> &SdkConfig {
        &self.config
    }

    pub(crate) const fn http(&self) -> Option<&reqwest::Client> {
        self.http.as_ref()
    }

    pub(crate) fn clients(&self, region: &str) -> Clients {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(clients) = clients.get(region) {
            return clients.clone();
        }
        let config = self.config.to_builder().region(Region::new(region.to_owned())).build();
        let made = Clients {
            cloudformation: aws_sdk_cloudformation::Client::new(&config),
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            ecs: aws_sdk_ecs::Client::new(&config),
            sts: aws_sdk_sts::Client::new(&config),
        };
        clients.insert(region.to_owned(), made.clone());
        made
    }
}
