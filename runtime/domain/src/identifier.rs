//! Identifiers that partners hand out. They travel in URL paths, so only characters that need no escaping are accepted.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Longer identifiers are refused before they reach a partner.
pub const MAX_IDENTIFIER_LENGTH: usize = 64;

/// SevenRooms' keys of its objects and Stripe's ids have been seen with more than 64 characters.
pub const MAX_LONG_IDENTIFIER_LENGTH: usize = 255;

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{what} must have 1 to {max_length} letters, digits, `-`, `_` or `.`")]
pub struct IdentifierError {
    pub what: &'static str,
    pub max_length: usize,
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        identifier!($(#[$doc])* $name, $what, MAX_IDENTIFIER_LENGTH);
    };
    ($(#[$doc:meta])* $name:ident, $what:literal, $max_length:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdentifierError;

            fn try_from(text: String) -> Result<Self, IdentifierError> {
                match is_identifier(&text, $max_length) {
                    true => Ok(Self(text)),
                    false => Err(IdentifierError { what: $what, max_length: $max_length }),
                }
            }
        }

        impl TryFrom<&str> for $name {
            type Error = IdentifierError;

            fn try_from(text: &str) -> Result<Self, IdentifierError> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(identifier: $name) -> Self {
                identifier.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

identifier!(
    /// Memberson's customer number: the member's identity in every system of ours.
    MemberId,
    "a member id"
);
identifier!(
    /// Memberson's reward number of a curated experience.
    ExperienceId,
    "an experience id"
);
identifier!(
    /// Memberson's reward number of an item to redeem.
    ItemId,
    "an item id"
);
identifier!(
    /// SevenRooms' venue id.
    VenueId,
    "a venue id"
);
identifier!(
    /// Memberson's number of a membership, under which points are kept.
    MemberNumber,
    "a member number"
);
identifier!(
    /// Memberson's number of a redemption.
    RedemptionId,
    "a redemption id"
);

identifier!(
    /// SevenRooms' id of a reservation.
    ReservationId,
    "a reservation id",
    MAX_LONG_IDENTIFIER_LENGTH
);
identifier!(
    /// Stripe's id of a Checkout Session, `cs_…`.
    CheckoutId,
    "a checkout id",
    MAX_LONG_IDENTIFIER_LENGTH
);
identifier!(
    /// Stripe's id of a PaymentIntent, `pi_…`.
    PaymentId,
    "a payment id",
    MAX_LONG_IDENTIFIER_LENGTH
);
identifier!(
    /// Stripe's id of a refund, `re_…`.
    RefundId,
    "a refund id",
    MAX_LONG_IDENTIFIER_LENGTH
);

fn is_identifier(text: &str, max_length: usize) -> bool {
    (1..=max_length).contains(&text.len())
        && !text.starts_with('.')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_cannot_leave_its_path_segment() {
        for text in ["", "..", "../x", "a/b", "a?b", "a b", "é", &"x".repeat(65)] {
            assert!(ExperienceId::try_from(text).is_err(), "{text}");
        }
        for text in ["EXP-1001", "ahNzfnNldmVucm9vbXM_.x", "1"] {
            assert_eq!(ExperienceId::try_from(text).map(|id| id.as_str().to_owned()), Ok(text.to_owned()));
        }
    }
}
