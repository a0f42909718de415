//! The rules of one region.

use crate::services::wire::ServiceError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// By name; all on the default bus.
    pub(super) rules: BTreeMap<String, Rule>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Rule {
    /// The stack and logical id that it was made for; none for one made over the wire.
    pub(super) owner: Option<String>,
    pub(super) description: String,
    pub(super) pattern: Option<Value>,
    pub(super) schedule: Option<String>,
    pub(super) enabled: bool,
    /// Changes with the schedule; a clock that ticks for an older one stops.
    pub(super) revision: String,
    /// When a schedule fires next.
    #[serde(default)]
    pub(super) due: Option<Timestamp>,
    /// The simulated time at which that is, of a schedule by the calendar; its calendar begins when the rule is made.
    #[serde(default)]
    pub(super) calendar: Option<Timestamp>,
    /// By their id, as they were put.
    pub(super) targets: BTreeMap<String, Value>,
}

impl State {
    pub(super) fn rule(&self, name: &str) -> Result<&Rule, ServiceError> {
        self.rules.get(name).ok_or_else(|| no_rule(name))
    }

    pub(super) fn rule_mut(&mut self, name: &str) -> Result<&mut Rule, ServiceError> {
        self.rules.get_mut(name).ok_or_else(|| no_rule(name))
    }
}

fn no_rule(name: &str) -> ServiceError {
    let message = format!("Rule {name} does not exist on EventBus default.");
    ServiceError::new("ResourceNotFoundException", message)
}
