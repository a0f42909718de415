//! What Application Auto Scaling remembers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Scalable targets, by region and resource with a space between.
pub(super) type State = BTreeMap<String, Target>;

pub(super) fn key(region: &str, resource: &str) -> String {
    format!("{region} {resource}")
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Target {
    /// The stack and logical id that it was made for, or the API.
    pub(super) owner: String,
    pub(super) arn: String,
    pub(super) region: String,
    /// `service/<cluster>/<name>`.
    pub(super) resource: String,
    pub(super) created: Timestamp,
    pub(super) minimum: u64,
    pub(super) maximum: u64,
    pub(super) suspended: Suspended,
    /// By name.
    pub(super) policies: BTreeMap<String, Policy>,
    /// By name.
    pub(super) schedules: BTreeMap<String, Schedule>,
    /// Newest first.
    pub(super) activities: Vec<Activity>,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Suspended {
    pub(super) scaling_in: bool,
    pub(super) scaling_out: bool,
    pub(super) scheduled: bool,
}

/// One that tracks a target value.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Policy {
    pub(super) owner: String,
    pub(super) arn: String,
    pub(super) created: Timestamp,
    /// A `TargetTrackingScalingPolicyConfiguration`.
    pub(super) configuration: Value,
    /// The alarm above the target and the one below it.
    pub(super) high: String,
    pub(super) low: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Schedule {
    pub(super) arn: String,
    pub(super) created: Timestamp,
    pub(super) expression: String,
    pub(super) timezone: Option<String>,
    pub(super) start: Option<Timestamp>,
    pub(super) end: Option<Timestamp>,
    pub(super) minimum: Option<u64>,
    pub(super) maximum: Option<u64>,
    /// When it acts next, on the wall; None when it is done.
    pub(super) next: Option<Timestamp>,
}

/// One change of the count. It is noted before the service is told, and finished afterwards, so that a killed supervisor
/// tells the service again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Activity {
    pub(super) id: String,
    pub(super) cause: String,
    pub(super) count: u64,
    pub(super) scales_out: bool,
    pub(super) begun: Timestamp,
    pub(super) ended: Option<Timestamp>,
}

/// As many as are kept here.
const ACTIVITIES: usize = 50;

impl Target {
    pub(super) fn begin(&mut self, activity: Activity) {
        self.activities.insert(0, activity);
        self.activities.truncate(ACTIVITIES);
    }

    pub(super) fn within(&self, count: u64) -> u64 {
        count.clamp(self.minimum, self.maximum.max(self.minimum))
    }
}
