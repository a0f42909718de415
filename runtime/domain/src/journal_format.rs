//! How entries are written, by version.
//!
//! A journal outlives releases, so whatever was ever released is read for ever. Version 1 is the types of
//! [`saga`](crate::saga) as they are. Whoever changes one of them so that an old entry would be read otherwise copies what it
//! was into a module of its own here, gives the changed form the next number, and converts the old one. The fixtures under
//! `tests/journals/` hold entries of every released version; a test resumes them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::journal::{Entry, PositionError};
use crate::saga::effect::Effect;
use crate::saga::event::Event;
use crate::saga::state::Goal;

/// The version that is written.
pub const CURRENT_VERSION: &str = "1";

/// An unknown version is an error: an older release must not guess at what a newer one has written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "version")]
pub enum Versioned {
    #[serde(rename = "1")]
    V1(EntryV1),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryV1 {
    position: String,
    at: Timestamp,
    event: Event,
    goal: Goal,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    effect: Option<Effect>,
}

impl From<Entry> for Versioned {
    fn from(entry: Entry) -> Self {
        let Entry { position, at, event, goal, effect } = entry;
        Self::V1(EntryV1 { position: position.to_string(), at, event, goal, effect })
    }
}

impl TryFrom<Versioned> for Entry {
    type Error = PositionError;

    fn try_from(versioned: Versioned) -> Result<Self, PositionError> {
        match versioned {
            Versioned::V1(EntryV1 { position, at, event, goal, effect }) => {
                Ok(Self { position: position.parse()?, at, event, goal, effect })
            }
        }
    }
}
