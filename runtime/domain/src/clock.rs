//! Time as an argument.

use std::time::Duration;

use jiff::Timestamp;

/// Where the time comes from; tests hand in one that they move.
pub trait Clock: Send + Sync {
    /// The wall clock: for what is shown, stored or compared with a partner's expiry.
    fn now(&self) -> Timestamp;

    /// Time since some fixed instant, never going backwards: for time limits.
    fn monotonic(&self) -> Duration;
}
