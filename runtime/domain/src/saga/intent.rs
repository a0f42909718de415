//! What a member asked for.

use std::hash::{Hash, Hasher};
use std::num::NonZeroU8;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use crate::identifier::{ExperienceId, ItemId, MemberId, VenueId};
use crate::money::{Money, Points};
use crate::saga::call::Leg;
use crate::saga_id::BodyHash;
use crate::venue::PartySize;

/// A confirmed summary: it never changes once the saga has begun. Contact details are not in it; whoever talks to a partner
/// asks for them then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    pub member: MemberId,
    pub subject: Subject,
    pub payment: Payment,
    /// Until when it may take: what is not fulfilled by then is given back.
    pub deadline: Timestamp,
    pub body: BodyHash,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    Booking {
        experience: ExperienceId,
        venue: VenueId,
        /// Date and time are the venue's.
        date: Date,
        time: Time,
        #[serde(with = "party_size")]
        party_size: PartySize,
    },
    Redemption {
        item: ItemId,
        quantity: NonZeroU8,
    },
}

/// How it is paid, and how much: the whole price, tickets or quantity included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payment {
    Points(Points),
    Card(Money),
}

impl Intent {
    /// Where the saga leaves traces.
    #[must_use]
    pub const fn legs(&self) -> [Leg; 2] {
        match self.payment {
            Payment::Card(_) => [Leg::Payment, Leg::Reservation],
            Payment::Points(_) => [Leg::Points, Leg::Reservation],
        }
    }

    /// Whose reservations come one after another, oldest first: the slot's, or the member's when there is no slot.
    #[must_use]
    pub fn ordering_key(&self) -> String {
        match &self.subject {
            Subject::Booking { venue, date, time, .. } => format!("slot/{venue}/{date}/{time}"),
            Subject::Redemption { .. } => format!("member/{}", self.member),
        }
    }
}

/// Equal intents have equal bodies.
impl Hash for Intent {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.body.hash(hasher);
    }
}

mod party_size {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::venue::PartySize;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
    pub(super) fn serialize<S: Serializer>(size: &PartySize, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(size.get())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PartySize, D::Error> {
        PartySize::try_from(u8::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
