//! What can go wrong with a call to the cloud.

use std::error::Error as StdError;
use thiserror::Error;

/// What is known of a call that failed. Its `Display` is what the service said to its caller; the source is for whoever
/// looks into the machinery.
#[derive(Debug, Error)]
#[error("{}", .message.as_deref().unwrap_or("the service gave no reason"))]
pub struct Failure {
    /// For example `CreateStack`.
    pub operation: String,
    pub region: String,
    /// The service's own error code, for example `ValidationError`.
    pub code: Option<String>,
    pub request_id: Option<String>,
    /// The service's message to its caller.
    pub message: Option<String>,
    #[source]
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

/// A call to the cloud that failed, by what can be done about it. Recognised by the service's error code.
#[derive(Debug, Error)]
pub enum CloudError {
    #[error("{} in {} was throttled", .0.operation, .0.region)]
    Throttled(#[source] Box<Failure>),
    /// No reply: the request may or may not have had its effect.
    #[error("{} in {} got no reply", .0.operation, .0.region)]
    Unreachable(#[source] Box<Failure>),
    /// The service answered with an error of its own making.
    #[error("{} in {} failed in the service", .0.operation, .0.region)]
    Unavailable(#[source] Box<Failure>),
    #[error("no usable credentials for {} in {}", .0.operation, .0.region)]
    Credentials(#[source] Box<Failure>),
    #[error("{} in {} is not allowed", .0.operation, .0.region)]
    AccessDenied(#[source] Box<Failure>),
    #[error("{} in {} found that it exists already", .0.operation, .0.region)]
    AlreadyExists(#[source] Box<Failure>),
    #[error("{} in {} found nothing", .0.operation, .0.region)]
    NotFound(#[source] Box<Failure>),
    #[error("{} in {} exceeds a quota of the account", .0.operation, .0.region)]
    LimitExceeded(#[source] Box<Failure>),
    #[error("{} in {} was refused", .0.operation, .0.region)]
    Rejected(#[source] Box<Failure>),
    /// A reply that cannot be understood.
    #[error("{} in {} answered what cannot be read", .0.operation, .0.region)]
    Unreadable(#[source] Box<Failure>),
}

impl CloudError {
    /// Whether the same call may succeed if it is made again. Every mutating call carries a token, so repeating is safe.
    #[must_use]
    pub const fn retryable(&self) -> bool {
        match self {
            Self::Throttled(_) | Self::Unreachable(_) | Self::Unavailable(_) => true,
            Self::Credentials(_)
            | Self::AccessDenied(_)
            | Self::AlreadyExists(_)
            | Self::NotFound(_)
            | Self::LimitExceeded(_)
            | Self::Rejected(_)
            | Self::Unreadable(_) => false,
        }
    }

    /// A stable code for scripts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Throttled(_) => "COMO_CLOUD_THROTTLED",
            Self::Unreachable(_) => "COMO_CLOUD_UNREACHABLE",
            Self::Unavailable(_) => "COMO_CLOUD_UNAVAILABLE",
            Self::Credentials(_) => "COMO_CLOUD_CREDENTIALS",
            Self::AccessDenied(_) => "COMO_CLOUD_ACCESS_DENIED",
            Self::AlreadyExists(_) => "COMO_CLOUD_ALREADY_EXISTS",
            Self::NotFound(_) => "COMO_CLOUD_NOT_FOUND",
            Self::LimitExceeded(_) => "COMO_CLOUD_LIMIT_EXCEEDED",
            Self::Rejected(_) => "COMO_CLOUD_REJECTED",
            Self::Unreadable(_) => "COMO_CLOUD_UNREADABLE",
        }
    }

    /// What the reader can do now.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Throttled(_) | Self::Unavailable(_) => Some("run the same command again in a minute; it resumes"),
            Self::Unreachable(_) => {
                Some("check the network and `AWS_ENDPOINT_URL`, then run the same command; it resumes")
            }
            Self::Credentials(_) => {
                Some("sign in, for example with `aws sso login`, or name a profile with `--profile`")
            }
            Self::AccessDenied(_) => Some("give this identity the permission that the message names"),
            Self::LimitExceeded(_) => Some("raise the quota that the message names in the Service Quotas console"),
            Self::AlreadyExists(_) | Self::NotFound(_) | Self::Rejected(_) | Self::Unreadable(_) => None,
        }
    }

    #[must_use]
    pub const fn failure(&self) -> &Failure {
        match self {
            Self::Throttled(failure)
            | Self::Unreachable(failure)
            | Self::Unavailable(failure)
            | Self::Credentials(failure)
            | Self::AccessDenied(failure)
            | Self::AlreadyExists(failure)
            | Self::NotFound(failure)
            | Self::LimitExceeded(failure)
            | Self::Rejected(failure)
            | Self::Unreadable(failure) => failure,
        }
    }
}
