//! What the world drives: the shipping machine, or one that a test has broken.

use como_domain::journal::Position;
use como_domain::saga::event::Event;
use como_domain::saga::policy::Policy;
use como_domain::saga::state::State;
use como_domain::saga::step::{Transition, step};
use jiff::Timestamp;

/// A broken machine alters the events or the effects of the shipping one; the entry it makes must still fold to its state.
pub(crate) type Machine = fn(&Policy, &State, Position, Timestamp, Event) -> Option<Transition>;

pub(crate) const SHIPPING: Machine = step;
