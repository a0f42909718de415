//! A part of an aggregated answer: read, with the time of reading, or not read, with the reason.

use jiff::Timestamp;

/// A value and when its owner was asked for it; a cached value keeps the time of the original read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read<T> {
    pub value: T,
    pub read_at: Timestamp,
}

impl<T> Read<T> {
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Read<U> {
        Read { value: convert(self.value), read_at: self.read_at }
    }
}

/// A degraded view never reports what was not read: there is no default for a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Section<T> {
    Known(Read<T>),
    Unavailable { reason: UnavailableReason },
}

impl<T> Section<T> {
    #[must_use]
    pub const fn is_known(&self) -> bool {
        matches!(self, Self::Known(_))
    }

    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Section<U> {
        match self {
            Self::Known(read) => Section::Known(read.map(convert)),
            Self::Unavailable { reason } => Section::Unavailable { reason },
        }
    }

    pub fn as_known(&self) -> Option<&T> {
        match self {
            Self::Known(read) => Some(&read.value),
            Self::Unavailable { .. } => None,
        }
    }
}

/// Why a section is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnavailableReason {
    PartnerUnreachable,
    PartnerTimedOut,
    PartnerOverloaded,
    PartnerFailed,
    /// Recent calls failed, so this one was not made.
    PartnerPaused,
    /// The partner answered in a way that we do not understand.
    PartnerAnswerUnexpected,
    PartnerNotConfigured,
    /// The section hangs on another one that could not be read.
    DependsOnUnavailable,
    /// There is nothing to read: the experience names no venue, the member has no membership.
    NotApplicable,
}

impl UnavailableReason {
    /// The stable code in API answers and logs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::PartnerUnreachable => "partner_unreachable",
            Self::PartnerTimedOut => "partner_timed_out",
            Self::PartnerOverloaded => "partner_overloaded",
            Self::PartnerFailed => "partner_failed",
            Self::PartnerPaused => "partner_paused",
            Self::PartnerAnswerUnexpected => "partner_answer_unexpected",
            Self::PartnerNotConfigured => "partner_not_configured",
            Self::DependsOnUnavailable => "depends_on_unavailable",
            Self::NotApplicable => "not_applicable",
        }
    }
}
