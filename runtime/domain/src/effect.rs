//! Calls that change something at a partner, and what is known of one afterwards.
//!
//! A call is *done* (`Ok`), *refused* (the partner said no and changed nothing), *not sent* (it never reached the partner, or
//! the partner turned it away unread), or *unknown*. Only what was not sent may be repeated as it is; after an unknown
//! outcome the partner is read first.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

use crate::partner::{Partner, PartnerError, PartnerErrorKind};

/// What a partner files the call under: Stripe's idempotency key, SevenRooms' external id, Memberson's receipt number. The
/// same effect has the same key for ever, in both regions; a new key is a new effect.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallKey(String);

impl CallKey {
    /// Stripe takes 255 characters; what the others take is not public.
    pub const MAX_LENGTH: usize = 128;

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether what is filed under `text` belongs to this: it is the same, or a part of it, as `saga:reserve:1` is of `saga`.
    #[must_use]
    pub fn covers(&self, text: &str) -> bool {
        text.strip_prefix(self.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a call's key has 1 to {} letters, digits, `-`, `_`, `.` or `:`", CallKey::MAX_LENGTH)]
pub struct CallKeyError;

impl TryFrom<String> for CallKey {
    type Error = CallKeyError;

    fn try_from(text: String) -> Result<Self, CallKeyError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
        let fits = (1..=Self::MAX_LENGTH).contains(&text.len());
        if fits && text.bytes().all(is_plain) { Ok(Self(text)) } else { Err(CallKeyError) }
    }
}

impl TryFrom<&str> for CallKey {
    type Error = CallKeyError;

    fn try_from(text: &str) -> Result<Self, CallKeyError> {
        Self::try_from(text.to_owned())
    }
}

impl fmt::Display for CallKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Every way in which an effect is not known to be done.
#[derive(Debug, Error)]
pub enum EffectError {
    #[error("cannot {operation} at {partner}: {refusal}")]
    Refused { partner: Partner, operation: &'static str, refusal: Refusal },
    #[error("the call was not sent")]
    NotSent(#[source] PartnerError),
    #[error("nobody knows whether the call had its effect")]
    Unknown(#[source] PartnerError),
}

impl EffectError {
    /// Puts a failed call into its class; for a call that did leave this process or tried to.
    #[must_use]
    pub fn of(error: PartnerError) -> Self {
        match error.kind {
            PartnerErrorKind::Refused { status, code } => Self::Refused {
                partner: error.partner,
                operation: error.operation,
                refusal: Refusal::Other { status, code },
            },
            kind if kind.may_have_arrived() => Self::Unknown(error),
            _ => Self::NotSent(error),
        }
    }

    #[must_use]
    pub const fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Refused { refusal, .. } => Some(*refusal),
            Self::NotSent(_) | Self::Unknown(_) => None,
        }
    }

    /// How long the partner asked us to wait.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NotSent(error) | Self::Unknown(error) => match error.kind {
                PartnerErrorKind::Overloaded { retry_after } => retry_after,
                _ => None,
            },
            Self::Refused { .. } => None,
        }
    }
}

/// Why a partner said no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The member's own token with Memberson has expired.
    #[error("the member has to sign in again")]
    SignInNeeded,
    #[error("there are too few points")]
    TooFewPoints,
    #[error("nothing is left of it")]
    SoldOut,
    #[error("the slot has just been taken")]
    SlotTaken,
    #[error("there is no such slot")]
    SlotNotOffered,
    #[error("the card was declined")]
    CardDeclined,
    /// What the call wants done is not possible from where the object stands: captured, cancelled, expired.
    #[error("it is no longer in a state for that")]
    WrongState,
    /// More than was paid, or more than is left of it.
    #[error("the amount is larger than what is left")]
    AmountTooLarge,
    /// The key belongs to a call with other parameters: a mistake of ours, never to be repeated.
    #[error("the key was used for something else")]
    KeyReused,
    #[error("it does not exist there")]
    Absent,
    /// The partner has no such call, as far as our settings know.
    #[error("the partner offers no way to do so")]
    NotOffered,
    #[error("it refused with status {status}")]
    Other { status: u16, code: Option<i64> },
}

impl Refusal {
    /// The stable code in journals, API answers and logs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SignInNeeded => "sign_in_needed",
            Self::TooFewPoints => "too_few_points",
            Self::SoldOut => "sold_out",
            Self::SlotTaken => "slot_taken",
            Self::SlotNotOffered => "slot_not_offered",
            Self::CardDeclined => "card_declined",
            Self::WrongState => "wrong_state",
            Self::AmountTooLarge => "amount_too_large",
            Self::KeyReused => "key_reused",
            Self::Absent => "absent",
            Self::NotOffered => "not_offered",
            Self::Other { .. } => "refused",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(kind: PartnerErrorKind) -> &'static str {
        match EffectError::of(PartnerError { partner: Partner::Stripe, operation: "capture", kind, source: None }) {
            EffectError::Refused { .. } => "refused",
            EffectError::NotSent(_) => "not sent",
            EffectError::Unknown(_) => "unknown",
        }
    }

    #[test]
    fn only_what_cannot_have_arrived_counts_as_not_sent() {
        assert_eq!(class(PartnerErrorKind::NotConfigured), "not sent");
        assert_eq!(class(PartnerErrorKind::Paused), "not sent");
        assert_eq!(class(PartnerErrorKind::Unreachable), "not sent");
        assert_eq!(class(PartnerErrorKind::Overloaded { retry_after: None }), "not sent");
        assert_eq!(class(PartnerErrorKind::ConnectionLost), "unknown");
        assert_eq!(class(PartnerErrorKind::TimedOut), "unknown");
        assert_eq!(class(PartnerErrorKind::Failed { status: 503 }), "unknown");
        assert_eq!(class(PartnerErrorKind::AnswerUnexpected), "unknown");
        assert_eq!(class(PartnerErrorKind::Refused { status: 400, code: None }), "refused");
    }

    #[test]
    fn a_key_covers_its_parts_and_nobody_elses() {
        let key = CallKey::try_from("8f1c").unwrap();
        assert!(key.covers("8f1c") && key.covers("8f1c:reserve:1"));
        assert!(!key.covers("8f1cd:reserve:1") && !key.covers("8f1") && !key.covers("x8f1c"));
    }

    #[test]
    fn a_key_can_stand_in_a_header_and_in_a_query() {
        for text in ["", "a b", "a/b", "é", "a\n", &"x".repeat(129)] {
            assert_eq!(CallKey::try_from(text), Err(CallKeyError), "{text}");
        }
        for text in ["8f1c:capture:1", "a", "saga_1.2-3"] {
            assert_eq!(CallKey::try_from(text).unwrap().as_str(), text);
        }
    }
}
