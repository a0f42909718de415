//! Whose account this is.

use crate::connect::AwsCloud;
use crate::failure::Call;
use como_engine::error::CloudError;
use serde::Serialize;
use thiserror::Error;

/// Whoever the credentials belong to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// Twelve digits.
    pub account: String,
    pub arn: String,
}

#[derive(Debug, Error)]
pub enum AccountError {
    #[error("could not find out whose credentials these are")]
    Unknown(#[source] CloudError),
    #[error("the environment belongs to account {expected}, these credentials to {actual} ({arn})")]
    Other { expected: String, actual: String, arn: String },
}

impl AccountError {
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown(error) => error.code(),
            Self::Other { .. } => "COMO_ACCOUNT_OTHER",
        }
    }

    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Unknown(error) => error.hint(),
            Self::Other { .. } => {
                Some("name a profile of the environment's account with `--profile`, or mend `account` in its file")
            }
        }
    }
}

impl AwsCloud {
    pub async fn identity(&self) -> Result<Identity, CloudError> {
        let call = Call { operation: "GetCallerIdentity", region: self.region() };
        let reply = self.clients(self.region()).sts.get_caller_identity().send().await;
        let reply = reply.map_err(|error| call.failed(error))?;
        match (reply.account, reply.arn) {
            (Some(account), Some(arn)) => Ok(Identity { account, arn }),
            _ => Err(call.unreadable("the reply names no account")),
        }
    }

    /// Refuses credentials of another account than the environment's.
    pub async fn verify_account(&self, expected: &str) -> Result<Identity, AccountError> {
        let identity = self.identity().await.map_err(AccountError::Unknown)?;
        if identity.account == expected {
            return Ok(identity);
        }
        let Identity { account: actual, arn } = identity;
        Err(AccountError::Other { expected: expected.to_owned(), actual, arn })
    }
}
