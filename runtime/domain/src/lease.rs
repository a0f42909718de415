//! Which region may write: asked before every append and every call.

use std::time::Duration;

use jiff::Timestamp;

use crate::journal::Region;

/// What a task knows of its region's lease, without asking anybody.
pub trait Lease: Send + Sync {
    /// `None` while this region may change nothing.
    fn held(&self) -> Option<Held>;
}

/// The right to write until a moment of this task's own monotonic clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub region: Region,
    /// Counts up with every change of the holder.
    pub epoch: u64,
    /// By [`Clock::monotonic`](crate::clock::Clock::monotonic). No call may still be under way then.
    pub until: Duration,
    /// When the lease was taken from another region; that one's last entries may not be here yet.
    pub taken_over_at: Option<Timestamp>,
}
