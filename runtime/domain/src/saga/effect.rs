//! What is to be done after a transition. It stands in the transition's own entry, since a transaction over two items is not
//! replicated as one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::saga::call::Call;

/// A call is made once, by whoever appended its entry, right after the append. Whoever finds it pending later (a restart, a
/// sweeper, another region) does not make it but says [`Event::Recovered`](crate::saga::event::Event::Recovered).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    Call(Call),
    /// Say [`Event::Woke`](crate::saga::event::Event::Woke) then.
    WakeAt(Timestamp),
}

impl Effect {
    #[must_use]
    pub const fn as_call(&self) -> Option<&Call> {
        match self {
            Self::Call(call) => Some(call),
            Self::WakeAt(_) => None,
        }
    }
}
