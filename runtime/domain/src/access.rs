//! Access tokens: who is calling, and what they may.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;
use thiserror::Error;

use crate::identifier::MemberId;
use crate::identity::Cause;

#[async_trait]
pub trait AccessTokens: Send + Sync {
    /// # Errors
    /// Says whether the token is at fault or the issuer's keys could not be had.
    async fn verify(&self, token: &str) -> Result<Verified, AccessTokenError>;
}

/// What a genuine token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub member_id: MemberId,
    pub scopes: BTreeSet<String>,
    /// Groups of the pool; a role is a group.
    pub groups: BTreeSet<String>,
    pub expires_at: Timestamp,
}

#[derive(Debug, Error)]
pub enum AccessTokenError {
    #[error("the access token is not valid: {0}")]
    Invalid(TokenFault),
    #[error("cannot get the keys of the token's issuer")]
    KeysUnavailable(#[source] Cause),
}

/// For logs; a caller is told only that the token is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenFault {
    #[error("it is not a signed token")]
    Malformed,
    #[error("its algorithm is not accepted")]
    Algorithm,
    #[error("its issuer is none of ours")]
    Issuer,
    #[error("its key is unknown to its issuer")]
    UnknownKey,
    #[error("its signature is wrong")]
    Signature,
    #[error("it has expired")]
    Expired,
    #[error("it is not yet valid")]
    NotYetValid,
    #[error("it is no access token")]
    NotForAccess,
    #[error("it was given to another client")]
    Client,
    #[error("it names no member")]
    NoMember,
}
