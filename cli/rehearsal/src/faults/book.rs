//! The faults that wait or strike, as they are kept on disk.

use super::outages::Outage;
use super::script::Fault;
use super::terms::Trigger;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Book {
    /// The last number that was given to a fault.
    pub last: u64,
    pub entries: BTreeMap<u64, Entry>,
    pub outages: BTreeMap<String, Outage>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    pub seed: u64,
    pub fault: Fault,
    /// When its time comes, for faults that wait for a time.
    pub due: Option<Timestamp>,
    /// Whether what it waited for has come; a time that has passed counts without.
    pub armed: bool,
    /// Matches since it was armed.
    pub seen: u64,
    /// Those of them that it struck.
    pub struck: u64,
    /// Nothing is left for it to do.
    pub spent: bool,
    /// Why it could not do what it should have done.
    pub problem: Option<String>,
}

/// A fault as `como rehearsal fault list` shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaultStatus {
    pub id: u64,
    /// A sentence.
    pub description: String,
    /// `waiting` for its trigger, `armed`, or `spent`.
    pub state: String,
    pub struck: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub problem: Option<String>,
    /// As it was given.
    pub fault: Fault,
}

impl Entry {
    pub(super) fn is_armed(&self, now: Timestamp) -> bool {
        self.armed || self.due.is_some_and(|due| due <= now)
    }

    /// Counts a match, and says whether it is struck. A pure function of seed, number and count.
    pub(super) fn count(&mut self, id: u64) -> bool {
        self.seen += 1;
        let terms = &self.fault.terms;
        let struck = terms.covers(self.seen)
            && terms.chance.is_none_or(|chance| fraction(self.seed, id, self.seen, "chance") < chance);
        self.spent = terms.is_spent(self.seen);
        self.struck += u64::from(struck);
        struck
    }

    /// From 0 to 1, for the spread of a delay.
    pub(super) fn spread(&self, id: u64) -> f64 {
        fraction(self.seed, id, self.seen, "spread")
    }

    pub(super) fn waits_for_time(&self) -> bool {
        matches!(self.fault.terms.when, Some(Trigger::After(_) | Trigger::AfterSimulated(_)))
    }

    pub(super) fn status(&self, id: u64) -> FaultStatus {
        let state = match (self.spent, self.is_armed(Timestamp::now())) {
            (true, _) => "spent",
            (false, true) => "armed",
            (false, false) => "waiting",
        };
        FaultStatus {
            id,
            description: match &self.fault.terms.name {
                Some(name) => format!("{name}: {}", self.fault),
                None => self.fault.to_string(),
            },
            state: state.to_owned(),
            struck: self.struck,
            problem: self.problem.clone(),
            fault: self.fault.clone(),
        }
    }
}

/// Evenly spread over [0, 1).
fn fraction(seed: u64, id: u64, count: u64, purpose: &str) -> f64 {
    let digest = Sha256::digest(format!("{seed} {id} {count} {purpose}"));
    let bits = digest.iter().take(6).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    // 48 bits fit a float without loss.
    bits as f64 / (1_u64 << 48) as f64
}
