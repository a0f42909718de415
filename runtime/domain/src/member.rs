//! Members and what they prove themselves with.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use secrecy::SecretString;

use crate::identifier::{MemberId, MemberNumber};
use crate::money::Points;

/// The member's own token with Memberson: points can only be taken with it, and only until it expires.
#[derive(Debug, Clone)]
pub struct ProfileToken {
    pub secret: SecretString,
    pub expires_at: Timestamp,
}

/// What a successful sign-in with Memberson gives.
#[derive(Debug, Clone)]
pub struct SignedIn {
    pub member_id: MemberId,
    pub profile_token: ProfileToken,
}

#[derive(Clone, PartialEq, Eq)]
pub struct MemberSummary {
    pub member_id: MemberId,
    pub name: Option<String>,
    pub membership: Option<Membership>,
}

/// A name must not reach a log through a derived `Debug` of something larger.
impl fmt::Debug for MemberSummary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MemberSummary")
            .field("member_id", &self.member_id)
            .field("membership", &self.membership)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Under which points are kept; without it none can be taken.
    pub number: Option<MemberNumber>,
    pub tier: Option<String>,
    pub status: MembershipStatus,
    pub expires_on: Option<Date>,
    /// `None` when Memberson's answer had no balance: unknown, not zero.
    pub points: Option<Points>,
}

/// An open set: a status that we do not know is kept as Memberson wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MembershipStatus {
    Active,
    Expired,
    Other(String),
}

impl MembershipStatus {
    /// As the API shows it: lower case.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Self::Active => "active".to_owned(),
            Self::Expired => "expired".to_owned(),
            Self::Other(text) => text.to_lowercase(),
        }
    }
}

impl From<&str> for MembershipStatus {
    fn from(text: &str) -> Self {
        match text.trim().to_ascii_uppercase().as_str() {
            "ACTIVE" => Self::Active,
            "EXPIRED" => Self::Expired,
            _ => Self::Other(text.trim().to_owned()),
        }
    }
}
