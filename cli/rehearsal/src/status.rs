//! What the supervisor says about itself; JSON on `/_rehearsal/status`.

use crate::faults::{FaultStatus, Outage};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    pub pid: u32,
    /// The AWS endpoint, for example `http://127.0.0.1:4566`.
    pub endpoint: String,
    pub account: String,
    pub started: jiff::Timestamp,
    /// Simulated seconds per second of waiting.
    pub speed: f64,
    /// Sum of all simulated waits since the start, those that ran side by side included.
    pub simulated_seconds_waited: f64,
    /// Regions that hold a stack.
    pub regions: Vec<String>,
    pub stacks: Vec<StackSummary>,
    /// Resources that outlived their stack by their deletion policy.
    pub kept: Vec<KeptResource>,
    pub tasks: Vec<TaskSummary>,
    pub endpoints: Vec<PublicEndpoint>,
    pub seeded: Vec<Seeded>,
    /// What goes wrong on purpose, and what is left of it.
    pub faults: Vec<FaultStatus>,
    /// Dead regions.
    pub outages: BTreeMap<String, Outage>,
    /// By operation, for example `ap-southeast-1 como-prod-network CREATE`.
    pub durations: BTreeMap<String, Durations>,
    /// By stack that exists, for example `ap-southeast-1 como-prod-network`.
    pub last_operations: BTreeMap<String, LastOperation>,
}

/// What was last asked of a stack, by whomever.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LastOperation {
    /// For example `CREATE`.
    pub operation: String,
    pub is_running: bool,
    /// So far, where it still runs.
    pub took: Durations,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackSummary {
    pub region: String,
    pub name: String,
    pub status: String,
    pub resources: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptResource {
    pub region: String,
    pub stack: String,
    pub logical_id: String,
    pub resource_type: String,
    pub physical_id: String,
}

/// The part that hosted services know.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostedStatus {
    pub tasks: Vec<TaskSummary>,
    pub endpoints: Vec<PublicEndpoint>,
    /// `<from> <to>` to how many writes have not arrived.
    pub waiting: BTreeMap<String, usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskSummary {
    pub region: String,
    pub cluster: String,
    pub service: String,
    pub task_id: String,
    pub pid: Option<u32>,
    /// For example `127.0.0.1:40123`.
    pub address: String,
    /// ECS's word, for example `RUNNING`.
    pub status: String,
    /// ECS's word, for example `HEALTHY`.
    pub health: String,
}

/// What is behind a public door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EndpointKind {
    /// A REST API's stage.
    Api,
    /// A distribution.
    Site,
}

/// A public door as it is reached from this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicEndpoint {
    pub kind: EndpointKind,
    pub region: String,
    pub stack: String,
    /// For example `http://127.0.0.1:8080`.
    pub url: String,
    /// The address that it would have on AWS.
    pub stands_in_for: String,
}

/// Something that the supervisor filled in, which a person would do on AWS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seeded {
    pub region: String,
    /// `secret`, `table` or `image`.
    pub kind: String,
    pub name: String,
    /// Values or rows written.
    pub count: usize,
}

/// Simulated waiting and real software time are two numbers; they are never summed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Durations {
    /// Waiting on the critical path, in simulated seconds.
    pub simulated_seconds: f64,
    /// Wall time not spent in simulated waiting.
    pub software_seconds: f64,
}

/// What became of resources that had outlived their stacks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptDeletion {
    pub deleted: Vec<KeptResource>,
    pub refused: Vec<KeptRefusal>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRefusal {
    pub resource: KeptResource,
    pub reason: String,
}
