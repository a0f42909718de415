//! Venues and their free slots, as SevenRooms keeps them.

use jiff::civil::{Date, Time};
use thiserror::Error;

use crate::identifier::VenueId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Venue {
    pub id: VenueId,
    pub name: String,
    /// IANA name, for example `Asia/Singapore`.
    pub time_zone: Option<String>,
    pub address: Option<String>,
    pub phone_number: Option<String>,
}

/// The slots of one venue on one day for one party size, in order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Availability {
    pub date: Date,
    pub party_size: PartySize,
    pub slots: Vec<Slot>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Local time of the venue.
    pub time: Time,
    pub kind: SlotKind,
    /// The shift's name, for example `Dinner`.
    pub shift: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SlotKind {
    /// Confirmed at once.
    Book,
    /// The venue decides.
    Request,
}

/// 1 to 20 people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartySize(u8);

impl PartySize {
    pub const MIN: u8 = 1;
    pub const MAX: u8 = 20;
    pub const DEFAULT: Self = Self(2);

    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for PartySize {
    type Error = PartySizeError;

    fn try_from(people: u8) -> Result<Self, PartySizeError> {
        if (Self::MIN..=Self::MAX).contains(&people) { Ok(Self(people)) } else { Err(PartySizeError) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a party has {} to {} people", PartySize::MIN, PartySize::MAX)]
pub struct PartySizeError;
