//! The append-only journal of one saga, kept in two regions that replicate each other item by item.
//!
//! Its key is the saga's id, its sort key a [`Position`]: no two regions write one item, so the last writer of an item destroys
//! nothing. State is the fold of the entries in the order of their positions. After a heal the entries of both regions are put
//! together by position, which is commutative, associative and idempotent; so both regions come to the same state.
//!
//! Fencing: only the region that holds the lease appends, under the lease's epoch, and an epoch that has passed appends nothing
//! ([`Journal::check`]). An entry of a passed epoch that was written before and arrives late, or that a region wrote while it
//! did not know yet that its lease was lost, still has a defined place: before all entries of later epochs. What it has seen at
//! partners counts, and so do the member's wishes; what it planned or was told to have failed is superseded by the reads that
//! the later epoch began with.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::saga::effect::Effect;
use crate::saga::event::Event;
use crate::saga::state::{Goal, State};

/// A region's name, for example `ap-southeast-1`: 1 to 32 lower-case letters, digits and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(String);

impl Region {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Region {
    type Error = PositionError;

    fn try_from(name: String) -> Result<Self, PositionError> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=32).contains(&name.len()) && name.bytes().all(fits) { Ok(Self(name)) } else { Err(PositionError) }
    }
}

impl From<Region> for String {
    fn from(region: Region) -> Self {
        region.0
    }
}

/// Where an entry stands: of two, the one of the later epoch comes later.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Of the lease under which it was written; counts up with every change of its holder.
    pub epoch: u64,
    pub region: Region,
    /// Counts up from 1 within epoch and region.
    pub sequence: u32,
}

/// The sort key. Numbers are padded, so that texts sort as positions do.
impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:020}#{}#{:010}", self.epoch, self.region.0, self.sequence)
    }
}

impl FromStr for Position {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Self, PositionError> {
        let mut parts = text.split('#');
        let (Some(epoch), Some(region), Some(sequence), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(PositionError);
        };
        let position = Self {
            epoch: epoch.parse().map_err(|_| PositionError)?,
            region: Region::try_from(region.to_owned())?,
            sequence: sequence.parse().map_err(|_| PositionError)?,
        };
        // One position, one text.
        if position.to_string() == text { Ok(position) } else { Err(PositionError) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a position is `<epoch>#<region>#<sequence>`, with numbers of 20 and 10 digits")]
pub struct PositionError;

/// One transition: what happened, what the saga is after since, and what is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "crate::journal_format::Versioned", try_from = "crate::journal_format::Versioned")]
pub struct Entry {
    pub position: Position,
    pub at: Timestamp,
    pub event: Event,
    pub goal: Goal,
    pub effect: Option<Effect>,
}

/// All entries of one saga that are known here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Journal {
    entries: BTreeMap<Position, Entry>,
}

impl Journal {
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.values()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What the entries add up to.
    #[must_use]
    pub fn fold(&self) -> State {
        let mut state = State::default();
        self.entries().for_each(|entry| state.absorb(entry));
        state
    }

    /// The position of the next entry that `region` appends under `epoch`.
    #[must_use]
    pub fn next_position(&self, epoch: u64, region: &Region) -> Position {
        let last = Position { epoch, region: region.clone(), sequence: u32::MAX };
        let latest = self.entries.range(..=last).next_back().map(|(position, _)| position);
        let sequence = latest
            .filter(|position| position.epoch == epoch && position.region == *region)
            .map_or(1, |position| position.sequence.saturating_add(1));
        Position { epoch, region: region.clone(), sequence }
    }

    /// Whether `region` may append under `epoch`, as far as this journal shows.
    ///
    /// # Errors
    /// When a later epoch has begun, or another region holds this one.
    pub fn check(&self, epoch: u64, region: &Region) -> Result<(), FencedOff> {
        match self.entries.last_key_value() {
            Some((last, _)) if epoch < last.epoch || (epoch == last.epoch && *region != last.region) => {
                Err(FencedOff { epoch, newest: last.epoch })
            }
            _ => Ok(()),
        }
    }

    /// Appends what [`step`](crate::saga::step::step) made, as the conditional write to the table does.
    ///
    /// # Errors
    /// When the entry's epoch has passed, or its place is taken.
    pub fn append(&mut self, entry: Entry) -> Result<(), AppendError> {
        self.check(entry.position.epoch, &entry.position.region)?;
        self.insert(entry).map_err(AppendError::Taken)
    }

    /// Takes one entry that was read from the table or came from the other region.
    ///
    /// # Errors
    /// When another entry stands in its place, which no honest region writes; nothing is changed then.
    pub fn insert(&mut self, entry: Entry) -> Result<(), PlaceTaken> {
        match self.entries.get(&entry.position) {
            Some(known) if *known == entry => Ok(()),
            Some(_) => Err(PlaceTaken { position: entry.position }),
            None => {
                self.entries.insert(entry.position.clone(), entry);
                Ok(())
            }
        }
    }

    /// The entries of both.
    ///
    /// # Errors
    /// When the two hold different entries in one place, which no honest region writes.
    pub fn merge(&self, other: &Self) -> Result<Self, PlaceTaken> {
        let mut merged = self.clone();
        for entry in other.entries() {
            merged.insert(entry.clone())?;
        }
        Ok(merged)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AppendError {
    #[error(transparent)]
    FencedOff(#[from] FencedOff),
    #[error(transparent)]
    Taken(#[from] PlaceTaken),
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("epoch {epoch} may not append any more, epoch {newest} has begun")]
pub struct FencedOff {
    pub epoch: u64,
    pub newest: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("another entry stands at {position}")]
pub struct PlaceTaken {
    pub position: Position,
}
