//! Stand-ins for Cognito, the sessions table and the configuration table.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use como_adapters::settings::{ConfigurationError, ConfigurationRow, ConfigurationSource};
use como_domain::identifier::MemberId;
use como_domain::identity::{Identities, IdentityError, SessionError, Sessions, Tokens};
use como_domain::member::ProfileToken;
use secrecy::SecretString;

use crate::world::access_token;

#[derive(Default)]
pub(crate) struct FakePool {
    pub(crate) is_down: AtomicBool,
    pub(crate) signed_in: Mutex<Vec<String>>,
}

#[async_trait]
impl Identities for FakePool {
    async fn sign_in(&self, member_id: &MemberId) -> Result<Tokens, IdentityError> {
        if self.is_down.load(Ordering::SeqCst) {
            return Err(IdentityError { operation: "sign a member in", source: "InternalErrorException".into() });
        }
        self.signed_in.lock().unwrap().push(member_id.to_string());
        Ok(Tokens {
            access_token: SecretString::from(access_token(member_id.as_str())),
            id_token: SecretString::from("id-token-of-the-fake-pool"),
            refresh_token: SecretString::from("refresh-token-of-the-fake-pool"),
            expires_in_s: 3600,
        })
    }
}

#[derive(Default)]
pub(crate) struct FakeSessions {
    pub(crate) is_down: AtomicBool,
    pub(crate) kept: Mutex<Vec<String>>,
}

#[async_trait]
impl Sessions for FakeSessions {
    async fn put(&self, member_id: &MemberId, _token: &ProfileToken) -> Result<(), SessionError> {
        if self.is_down.load(Ordering::SeqCst) {
            return Err(SessionError { operation: "store", source: "ProvisionedThroughputExceededException".into() });
        }
        self.kept.lock().unwrap().push(member_id.to_string());
        Ok(())
    }
}

#[derive(Default)]
pub(crate) struct FakeTable {
    pub(crate) rows: Mutex<BTreeMap<String, String>>,
}

#[async_trait]
impl ConfigurationSource for FakeTable {
    async fn row(&self, name: &str) -> Result<Option<ConfigurationRow>, ConfigurationError> {
        let document = self.rows.lock().unwrap().get(name).cloned();
        Ok(document.map(|document| ConfigurationRow { version: 1, document }))
    }
}
