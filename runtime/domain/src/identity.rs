//! What the accounts service asks of the identity provider and of its own store of sessions.

use async_trait::async_trait;
use secrecy::SecretString;
use thiserror::Error;

use crate::identifier::MemberId;
use crate::member::ProfileToken;

/// Anything that broke beneath a port; the cause is for the log, never for the caller.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// The tokens of one login.
#[derive(Debug, Clone)]
pub struct Tokens {
    pub access_token: SecretString,
    pub id_token: SecretString,
    pub refresh_token: SecretString,
    pub expires_in_s: u32,
}

/// The region's pool of users. It holds a member's number and nothing else about the person.
#[async_trait]
pub trait Identities: Send + Sync {
    /// Signs in a member whom Memberson has just vouched for; one who is new to the pool is added first.
    async fn sign_in(&self, member_id: &MemberId) -> Result<Tokens, IdentityError>;
}

#[derive(Debug, Error)]
#[error("cannot {operation} with the identity provider")]
pub struct IdentityError {
    pub operation: &'static str,
    #[source]
    pub source: Cause,
}

/// Members' ProfileTokens, encrypted at rest.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Replaces the member's earlier session.
    async fn put(&self, member_id: &MemberId, profile_token: &ProfileToken) -> Result<(), SessionError>;
}

/// The same store, for those who act for a member later.
#[async_trait]
pub trait ProfileTokens: Send + Sync {
    /// `None` when there is none; one that has expired is given out as it is.
    async fn get(&self, member_id: &MemberId) -> Result<Option<ProfileToken>, SessionError>;
}

#[derive(Debug, Error)]
#[error("cannot {operation} a member's session")]
pub struct SessionError {
    pub operation: &'static str,
    #[source]
    pub source: Cause,
}
