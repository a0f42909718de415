//! What was asked of a stack, one operation after another, and what each took.
//!
//! Every change of a stack belongs to an operation with an id of its own. A failure that is rolled back ends the
//! operation that failed, and the way back is the next one, as at AWS.

use super::finding::ValidationFinding;
use super::stack::{Phase, Stack, StackEvent};
use crate::status::{Durations, LastOperation};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Kinds whose wire name is another one; see [`Operation::wire_type`].
const STACK_KINDS: [&str; 3] = ["CREATE", "DELETE", "UPDATE"];
pub(crate) const CREATE_CHANGE_SET: &str = "CREATE_CHANGESET";
const ROLLBACK: &str = "ROLLBACK";

/// One operation, running or done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Operation {
    pub id: String,
    /// `CREATE`, `UPDATE`, `DELETE`, `CONTINUE_ROLLBACK`, `ROLLBACK` or `CREATE_CHANGESET`.
    pub kind: String,
    pub client_token: Option<String>,
    pub started: Timestamp,
    #[serde(default)]
    pub ended: Option<Timestamp>,
    #[serde(default)]
    pub has_failed: bool,
    /// Whether the validation before anything is made is still to come.
    #[serde(default)]
    pub to_validate: bool,
    #[serde(default)]
    pub findings: Vec<ValidationFinding>,
    /// Of the change set that this operation made.
    #[serde(default)]
    pub change_set_id: Option<String>,
    /// When the simulated waits ended, by what waited.
    #[serde(default)]
    waits: BTreeMap<String, Waited>,
    /// Waits without an order of their own begin here.
    #[serde(default)]
    base: Waited,
    /// Seconds in which no supervisor ran.
    #[serde(default)]
    away_seconds: f64,
}

/// Since the operation's start, by the waits alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Waited {
    simulated_seconds: f64,
    /// What the waits took on the wall, at the speed that they had.
    wall_seconds: f64,
}

impl Operation {
    pub(crate) fn new(kind: &str, client_token: Option<String>) -> Self {
        Self {
            id: uuid::Uuid::new_v4().to_string(),
            kind: kind.to_owned(),
            client_token,
            started: Timestamp::now(),
            ended: None,
            has_failed: false,
            to_validate: false,
            findings: Vec::new(),
            change_set_id: None,
            waits: BTreeMap::new(),
            base: Waited::default(),
            away_seconds: 0.0,
        }
    }

    /// The wire's word for the kind.
    pub(crate) fn wire_type(&self) -> String {
        if STACK_KINDS.contains(&self.kind.as_str()) { format!("{}_STACK", self.kind) } else { self.kind.clone() }
    }

    /// The wire's word for how it stands.
    pub(crate) fn wire_status(&self) -> &'static str {
        match (self.ended, self.has_failed) {
            (None, _) => "IN_PROGRESS",
            (Some(_), false) => "SUCCEEDED",
            (Some(_), true) => "FAILED",
        }
    }

    pub(crate) fn end(&mut self, has_failed: bool) {
        if self.ended.is_none() {
            (self.ended, self.has_failed) = (Some(Timestamp::now()), has_failed);
        }
    }

    pub(crate) fn is_of(&self, kind: &str, token: Option<&str>) -> bool {
        token.is_some() && self.kind == kind && self.client_token.as_deref() == token
    }

    pub(crate) fn summary(&self) -> LastOperation {
        LastOperation { operation: self.kind.clone(), is_running: self.ended.is_none(), took: self.durations() }
    }

    /// Simulated seconds from the beginning until all of these were done, by the waits alone.
    pub(super) fn waited_before(&self, others: &BTreeSet<String>) -> f64 {
        let waits = others.iter().filter_map(|other| self.waits.get(other));
        waits.fold(self.base, |longest, one| longest.or(*one)).simulated_seconds
    }

    fn is_way_back(&self) -> bool {
        self.kind == ROLLBACK || self.kind == "CONTINUE_ROLLBACK"
    }

    fn waited(&self) -> Waited {
        self.waits.values().fold(self.base, |longest, one| longest.or(*one))
    }

    /// Two numbers that are never summed: waiting that AWS would have had, and everything else.
    fn durations(&self) -> Durations {
        let wall = self.ended.unwrap_or_else(Timestamp::now).duration_since(self.started).as_secs_f64();
        let waited = self.waited();
        Durations {
            simulated_seconds: waited.simulated_seconds,
            software_seconds: (wall - self.away_seconds - waited.wall_seconds).max(0.0),
        }
    }
}

impl Waited {
    fn or(self, other: Self) -> Self {
        if self.simulated_seconds < other.simulated_seconds { other } else { self }
    }
}

impl Stack {
    /// Begins an operation. One that has not ended until now never will as it should have.
    pub(crate) fn begin(&mut self, kind: &str, client_token: Option<String>) {
        self.leave_operation();
        self.operation = Operation::new(kind, client_token);
    }

    /// A way back that nobody asked for by name is an operation of its own, with the token of the one that failed.
    pub(super) fn begin_way_back(&mut self, status: Phase) {
        let kind = match status {
            Phase::RollbackInProgress | Phase::UpdateRollbackInProgress => ROLLBACK,
            Phase::DeleteInProgress => "DELETE",
            _ => return,
        };
        if ["CREATE", "UPDATE"].contains(&self.operation.kind.as_str()) {
            self.operation.end(true);
            self.begin(kind, self.operation.client_token.clone());
        }
    }

    /// Ends the running operation where the stack comes to rest, and counts what it took.
    pub(super) fn end_operation(&mut self, status: Phase) {
        let expected = match self.operation.kind.as_str() {
            // A stack that never was stable is rolled back by deleting it.
            ROLLBACK | "CONTINUE_ROLLBACK" => {
                matches!(status, Phase::RollbackComplete | Phase::UpdateRollbackComplete | Phase::DeleteComplete)
            }
            "DELETE" => status == Phase::DeleteComplete,
            _ => status.is_stable() && !matches!(status, Phase::UpdateRollbackComplete | Phase::ImportRollbackComplete),
        };
        self.operation.end(!expected);
        self.durations.insert(self.operation.kind.clone(), self.operation.durations());
    }

    /// Records that a simulated wait of `name` is over, which had begun once `after` were done.
    pub(crate) fn note_wait(&mut self, name: &str, after: &BTreeSet<String>, simulated_seconds: f64, speed: f64) {
        let operation = &mut self.operation;
        let before = after.iter().filter_map(|other| operation.waits.get(other));
        let before = before.fold(operation.base, |longest, one| longest.or(*one));
        let ended = Waited {
            simulated_seconds: before.simulated_seconds + simulated_seconds,
            wall_seconds: before.wall_seconds + simulated_seconds / speed,
        };
        operation.waits.insert(name.to_owned(), ended);
    }

    /// What waits from now on begins after all that has waited so far.
    pub(super) fn note_phase(&mut self) {
        self.operation.base = self.operation.waited();
    }

    /// The supervisor was away since the last thing that happened.
    pub(crate) fn note_absence(&mut self) {
        let last = self.events.last().map_or(self.operation.started, |event: &StackEvent| event.at);
        self.operation.away_seconds += Timestamp::now().duration_since(last).as_secs_f64().max(0.0);
    }

    /// Every operation, oldest first.
    pub(crate) fn operations(&self) -> Vec<&Operation> {
        // A stack that was only reviewed has done nothing yet.
        let current = (self.status != Phase::ReviewInProgress).then_some(&self.operation);
        let mut operations: Vec<&Operation> = self.past_operations.iter().chain(current).collect();
        // A change set may have been made since the last operation ended.
        operations.sort_by_key(|operation| operation.started);
        operations
    }

    /// The newest first; a way back does not hide what it leads back from. Change sets count only before anything else.
    pub(crate) fn last_operations(&self) -> Vec<&Operation> {
        let operations = self.operations();
        let mut found = Vec::new();
        for operation in operations.iter().rev().filter(|operation| operation.kind != CREATE_CHANGE_SET) {
            found.push(*operation);
            if !operation.is_way_back() {
                break;
            }
        }
        if found.is_empty() {
            found.extend(operations.last());
        }
        found
    }

    fn leave_operation(&mut self) {
        let is_begun = self.events.last().is_some_and(|event| event.operation_id == self.operation.id);
        if !is_begun || self.status == Phase::ReviewInProgress {
            return;
        }
        if self.operation.ended.is_none() {
            self.operation.end(true);
        }
        self.durations.insert(self.operation.kind.clone(), self.operation.durations());
        self.past_operations.push(self.operation.clone());
    }
}
