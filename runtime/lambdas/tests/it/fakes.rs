//! The stacks of an environment and its wanted image, in memory.

use async_trait::async_trait;
use como_contract::secret::Secret;
use como_contract::service::Service;
use como_lambdas::image::Digest;
use como_lambdas::invocation::Ports;
use como_lambdas::refresh::{SecretStore, TokenCounter};
use como_lambdas::rollout::{PortError, ServiceStack, ServiceStacks, StackState, WantedImage};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::sync::Mutex;

pub(crate) fn digest(letter: char) -> Digest {
    Digest::try_from(format!("sha256:{}", letter.to_string().repeat(64))).unwrap()
}

#[derive(Default)]
pub(crate) struct FakeRow(pub(crate) Mutex<Option<Digest>>);

#[async_trait]
impl WantedImage for FakeRow {
    async fn get(&self) -> Result<Option<Digest>, PortError> {
        Ok(self.0.lock().unwrap().clone())
    }

    async fn set(&self, digest: &Digest) -> Result<(), PortError> {
        *self.0.lock().unwrap() = Some(digest.clone());
        Ok(())
    }
}

#[derive(Default)]
pub(crate) struct FakeStacks {
    pub(crate) stacks: Mutex<BTreeMap<Service, ServiceStack>>,
    pub(crate) failed: Mutex<BTreeMap<Service, Digest>>,
    pub(crate) rolled: Mutex<Vec<&'static str>>,
    pub(crate) unreadable: Option<Service>,
}

impl FakeStacks {
    /// All services, at one digest.
    pub(crate) fn all(digest: &Digest) -> Self {
        let stack = ServiceStack { digest: digest.to_string(), state: StackState::Settled };
        let stacks = Service::ALL.map(|service| (service, stack.clone()));
        Self { stacks: Mutex::new(BTreeMap::from(stacks)), ..Self::default() }
    }

    pub(crate) fn set(&self, service: Service, state: StackState) {
        self.stacks.lock().unwrap().get_mut(&service).unwrap().state = state;
    }
}

#[async_trait]
impl ServiceStacks for FakeStacks {
    async fn look(&self, service: Service) -> Result<Option<ServiceStack>, PortError> {
        if self.unreadable == Some(service) {
            return Err(PortError { doing: format!("read {}", service.name()), source: "Throttling".into() });
        }
        Ok(self.stacks.lock().unwrap().get(&service).cloned())
    }

    async fn failed_digest(&self, service: Service) -> Result<Option<String>, PortError> {
        Ok(self.failed.lock().unwrap().get(&service).map(ToString::to_string))
    }

    async fn roll(&self, service: Service, digest: &Digest) -> Result<(), PortError> {
        self.rolled.lock().unwrap().push(service.name());
        let stack = ServiceStack { digest: digest.to_string(), state: StackState::Busy };
        self.stacks.lock().unwrap().insert(service, stack);
        Ok(())
    }
}

/// Sells a token for any credentials, named after them; to one it does not.
#[derive(Default)]
pub(crate) struct FakeCounter {
    pub(crate) closed: Option<Secret>,
}

#[async_trait]
impl TokenCounter for FakeCounter {
    async fn buy(&self, token: Secret, credentials: &SecretString) -> Result<SecretString, PortError> {
        if self.closed == Some(token) {
            return Err(PortError { doing: format!("buy {}", token.label()), source: "unreachable".into() });
        }
        Ok(format!("bought with {}", credentials.expose_secret()).into())
    }
}

#[derive(Default)]
pub(crate) struct FakeSecrets(pub(crate) Mutex<BTreeMap<Secret, String>>);

#[async_trait]
impl SecretStore for FakeSecrets {
    async fn get(&self, secret: Secret) -> Result<Option<SecretString>, PortError> {
        Ok(self.0.lock().unwrap().get(&secret).map(|value| value.as_str().into()))
    }

    async fn put(&self, secret: Secret, value: &SecretString) -> Result<(), PortError> {
        self.0.lock().unwrap().insert(secret, value.expose_secret().to_owned());
        Ok(())
    }
}

/// For invocations that have nothing to do with tokens.
pub(crate) fn without_tokens<'a>(
    row: &'a FakeRow,
    stacks: &'a FakeStacks,
    none: &'a (FakeCounter, FakeSecrets),
) -> Ports<'a> {
    Ports { wanted: row, stacks, counter: &none.0, secrets: &none.1 }
}
