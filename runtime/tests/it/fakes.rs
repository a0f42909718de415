//! Stand-ins for Cognito, the sessions table and the configuration table.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use como_adapters::settings::{ConfigurationError, ConfigurationRow, ConfigurationSource};
use como_domain::access::{AccessTokenError, AccessTokens, TokenFault, Verified};
use como_domain::identifier::MemberId;
use como_domain::identity::{Identities, IdentityError, ProfileTokens, SessionError, Sessions, Tokens};
use como_domain::member::ProfileToken;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::Value;

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

#[async_trait]
impl ProfileTokens for FakeSessions {
    async fn get(&self, member_id: &MemberId) -> Result<Option<ProfileToken>, SessionError> {
        let is_kept = self.kept.lock().unwrap().iter().any(|kept| kept == member_id.as_str());
        let expires_at = Timestamp::now() + SignedDuration::from_hours(1);
        Ok(is_kept.then(|| ProfileToken { secret: SecretString::from("profile-token"), expires_at }))
    }
}

/// Believes what it reads; genuine tokens are the adapters' test.
pub(crate) struct FakeTokens;

#[async_trait]
impl AccessTokens for FakeTokens {
    async fn verify(&self, token: &str) -> Result<Verified, AccessTokenError> {
        let invalid = || AccessTokenError::Invalid(TokenFault::Malformed);
        let payload = token.split('.').nth(1).ok_or_else(invalid)?;
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| invalid())?;
        let claims: Value = serde_json::from_slice(&payload).map_err(|_| invalid())?;
        if claims["token_use"] != "access" {
            return Err(AccessTokenError::Invalid(TokenFault::NotForAccess));
        }
        let texts = |value: &Value| {
            value.as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
        };
        Ok(Verified {
            member_id: claims["username"].as_str().and_then(|name| name.try_into().ok()).ok_or_else(invalid)?,
            scopes: claims["scope"].as_str().unwrap_or_default().split(' ').map(str::to_owned).collect(),
            groups: texts(&claims["cognito:groups"]),
            expires_at: Timestamp::MAX,
        })
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
