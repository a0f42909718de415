//! What happened, for a screen or a script.

use crate::change_set::ResourceChange;
use crate::code::Code;
use crate::plan::{Action, Plan, Refusal};
use crate::report::ResourceFailure;
use jiff::Timestamp;
use serde::Serialize;

/// Counts up when a field changes its meaning or goes away; new fields and codes do not count.
pub const SCHEMA: u32 = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    Deploy,
    Destroy,
    Status,
}

/// One event. Fields that do not apply are absent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    pub schema: u32,
    /// When this program learnt of it.
    pub ts: Timestamp,
    pub code: Code,
    pub operation: Operation,
    #[serde(flatten)]
    pub about: About,
}

/// What an event says beside its code.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct About {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logical_id: Option<String>,
    /// The construct's path within its stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub physical_id: Option<String>,
    /// CloudFormation's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When the cloud says that it happened; for what was joined that is before `ts`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// The stack that kept this one from being started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ResourceChange>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<ResourceFailure>,
}
