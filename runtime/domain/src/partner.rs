//! What the middleware asks of its partners. Each trait has one implementation per partner in the adapters and fakes in tests.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use jiff::civil::Date;
use secrecy::SecretString;
use thiserror::Error;

use crate::experience::{Experience, ExperienceSummary};
use crate::identifier::{ExperienceId, MemberId, VenueId};
use crate::identity::Cause;
use crate::login::LoginName;
use crate::member::{MemberSummary, SignedIn};
use crate::section::{Read, UnavailableReason};
use crate::venue::{Availability, PartySize, Venue};

/// Who the members are.
#[async_trait]
pub trait MemberDirectory: Send + Sync {
    /// Changes nothing at the partner beyond the member's own session there.
    async fn sign_in(&self, name: &LoginName, password: &SecretString) -> Result<SignedIn, SignInError>;

    /// `None` when the directory has no such member.
    async fn summary(&self, member_id: &MemberId) -> Result<Option<Read<MemberSummary>>, PartnerError>;
}

/// The curated experiences.
#[async_trait]
pub trait Catalogue: Send + Sync {
    async fn experiences(&self) -> Result<Read<Vec<ExperienceSummary>>, PartnerError>;

    /// `None` when there is no such experience.
    async fn experience(&self, id: &ExperienceId) -> Result<Option<Read<Experience>>, PartnerError>;
}

/// Where experiences take place.
#[async_trait]
pub trait Venues: Send + Sync {
    /// `None` when there is no such venue.
    async fn venue(&self, id: &VenueId) -> Result<Option<Read<Venue>>, PartnerError>;

    /// The slots on `date`, or today at the venue when it is not given.
    async fn availability(
        &self,
        id: &VenueId,
        date: Option<Date>,
        party_size: PartySize,
    ) -> Result<Read<Availability>, PartnerError>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Partner {
    Memberson,
    SevenRooms,
    Stripe,
}

impl Partner {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Memberson => "memberson",
            Self::SevenRooms => "sevenrooms",
            Self::Stripe => "stripe",
        }
    }
}

impl fmt::Display for Partner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[derive(Debug, Error)]
pub enum SignInError {
    /// No such member, or another password: deliberately one case, so that nobody can ask who is a member.
    #[error("the login name or the password is wrong")]
    WrongCredentials,
    #[error("the member must change the password first")]
    PasswordChangeNeeded,
    #[error("cannot ask the member directory")]
    Partner(#[source] PartnerError),
}

impl From<PartnerError> for SignInError {
    fn from(error: PartnerError) -> Self {
        Self::Partner(error)
    }
}

/// A call that gave no answer to work with.
#[derive(Debug, Error)]
#[error("cannot {operation} at {partner}: {kind}")]
pub struct PartnerError {
    pub partner: Partner,
    /// A verb phrase, for example `read a venue`; it has no identifiers in it.
    pub operation: &'static str,
    pub kind: PartnerErrorKind,
    #[source]
    pub source: Option<Cause>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PartnerErrorKind {
    #[error("its settings are not loaded")]
    NotConfigured,
    #[error("calls are paused after repeated failures")]
    Paused,
    #[error("it cannot be reached")]
    Unreachable,
    /// After the request was written, or while it was: it may have arrived.
    #[error("the connection was lost")]
    ConnectionLost,
    #[error("it did not answer in time")]
    TimedOut,
    #[error("it asks for fewer calls")]
    Overloaded { retry_after: Option<Duration> },
    #[error("it failed with status {status}")]
    Failed { status: u16 },
    #[error("it refused with status {status}")]
    Refused { status: u16, code: Option<i64> },
    #[error("its answer cannot be understood")]
    AnswerUnexpected,
}

impl PartnerErrorKind {
    /// Whether the same read may succeed a moment later.
    #[must_use]
    pub const fn retryable(self) -> bool {
        match self {
            Self::Unreachable
            | Self::ConnectionLost
            | Self::TimedOut
            | Self::Overloaded { .. }
            | Self::Failed { .. } => true,
            Self::NotConfigured | Self::Paused | Self::Refused { .. } | Self::AnswerUnexpected => false,
        }
    }

    /// Whether it speaks of the partner's health; a refusal is an answer like any other.
    #[must_use]
    pub const fn counts_against_health(self) -> bool {
        match self {
            Self::Unreachable
            | Self::ConnectionLost
            | Self::TimedOut
            | Self::Overloaded { .. }
            | Self::Failed { .. } => true,
            Self::NotConfigured | Self::Paused | Self::Refused { .. } | Self::AnswerUnexpected => false,
        }
    }

    /// Whether the request may have reached the partner and had its effect. A 429 turns a request away unread.
    #[must_use]
    pub const fn may_have_arrived(self) -> bool {
        match self {
            Self::ConnectionLost
            | Self::TimedOut
            | Self::Failed { .. }
            | Self::Refused { .. }
            | Self::AnswerUnexpected => true,
            Self::NotConfigured | Self::Paused | Self::Unreachable | Self::Overloaded { .. } => false,
        }
    }

    #[must_use]
    pub const fn reason(self) -> UnavailableReason {
        match self {
            Self::NotConfigured => UnavailableReason::PartnerNotConfigured,
            Self::Paused => UnavailableReason::PartnerPaused,
            Self::Unreachable | Self::ConnectionLost => UnavailableReason::PartnerUnreachable,
            Self::TimedOut => UnavailableReason::PartnerTimedOut,
            Self::Overloaded { .. } => UnavailableReason::PartnerOverloaded,
            Self::Failed { .. } | Self::Refused { .. } => UnavailableReason::PartnerFailed,
            Self::AnswerUnexpected => UnavailableReason::PartnerAnswerUnexpected,
        }
    }
}
