//! How far the tries of one step are.

use jiff::Timestamp;

use crate::saga::event::Refusal;

/// The tries of one step.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Progress {
    /// The try that `phase` speaks of.
    pub attempt: u16,
    /// The highest number that was ever given; after a merge it may be another try's.
    pub highest: u16,
    /// When `attempt` was planned first.
    pub first_at: Timestamp,
    /// Failures in a row.
    pub failures: u16,
    pub phase: Phase,
}

/// A try is in flight from the entry that plans it until its outcome is known. Done, refused and not sent are outcomes; after
/// not sent the same number is used again. Unknown is none: it lasts until a read of the partner's side shows the effect
/// (evidence) or, in the same answer, its absence. Only after absence, refusal or completion there is a next number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    InFlight,
    Done,
    Refused { at: Timestamp, refusal: Refusal },
    NotSent { at: Timestamp, retry_after_s: Option<u32> },
    Unknown { at: Timestamp },
    Absent { at: Timestamp },
}

impl Progress {
    pub(crate) const fn begun(attempt: u16, at: Timestamp) -> Self {
        Self { attempt, highest: attempt, first_at: at, failures: 0, phase: Phase::InFlight }
    }

    pub(crate) fn plan(&mut self, attempt: u16, at: Timestamp) {
        if self.attempt != attempt {
            self.first_at = at;
        }
        self.attempt = attempt;
        self.highest = self.highest.max(attempt);
        self.phase = Phase::InFlight;
    }

    pub(crate) fn fail(&mut self, phase: Phase) {
        self.failures = self.failures.saturating_add(1);
        self.phase = phase;
    }

    /// A clean slate, but for the numbers.
    pub(crate) fn renew(&mut self, at: Timestamp) {
        self.failures = 0;
        self.phase = Phase::Absent { at };
    }
}
