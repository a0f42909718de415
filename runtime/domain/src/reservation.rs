//! Reservations at a venue.

use std::fmt;

use async_trait::async_trait;
use jiff::civil::{Date, Time};
use secrecy::SecretString;

use crate::effect::{CallKey, EffectError};
use crate::identifier::{ReservationId, VenueId};
use crate::partner::PartnerError;
use crate::section::Read;
use crate::venue::PartySize;

/// Where tables are reserved. The partner has no idempotency: the key is filed with the reservation and can be looked up.
#[async_trait]
pub trait Reservations: Send + Sync {
    async fn reserve(&self, key: &CallKey, request: &ReservationRequest) -> Result<Reservation, EffectError>;

    /// Everything that was reserved under the key or a part of it (`key:…`) at that venue on that day, cancelled or not: none,
    /// one for each call, or what must not be, several for one.
    async fn reservations_of(
        &self,
        key: &CallKey,
        venue_id: &VenueId,
        date: Date,
    ) -> Result<Read<Vec<Reservation>>, PartnerError>;

    /// [`Refusal::NotOffered`](crate::effect::Refusal::NotOffered) where the settings know no way.
    async fn cancel_reservation(&self, id: &ReservationId) -> Result<(), EffectError>;
}

#[derive(Debug, Clone)]
pub struct ReservationRequest {
    pub venue_id: VenueId,
    pub date: Date,
    /// Local time of the venue.
    pub time: Time,
    pub party_size: PartySize,
    pub guest: Guest,
}

/// Under whose name the table is.
#[derive(Clone)]
pub struct Guest {
    pub first_name: String,
    pub last_name: String,
    pub email: Option<SecretString>,
    pub phone: Option<SecretString>,
}

/// Nothing of a person is shown.
impl fmt::Debug for Guest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Guest(…)")
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// Of the call that made it.
    pub key: String,
    pub id: ReservationId,
    /// What the guest says at the door.
    pub reference_code: Option<String>,
    pub status: ReservationStatus,
}

/// An open set at the partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReservationStatus {
    /// It stands: booked, confirmed, arrived, seated, complete, paid.
    Standing,
    Cancelled,
    /// The guest did not come; the table was theirs.
    NoShow,
    /// Kept as the partner wrote it, and to be treated as standing: nothing says that it does not.
    Other(String),
}

impl ReservationStatus {
    #[must_use]
    pub const fn holds_the_slot(&self) -> bool {
        match self {
            Self::Standing | Self::NoShow | Self::Other(_) => true,
            Self::Cancelled => false,
        }
    }
}
