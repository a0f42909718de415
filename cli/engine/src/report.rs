//! What came of an operation.

use crate::change_set::ResourceChange;
use crate::error::CloudError;
use crate::plan::{KeptResource, Refusal};
use crate::port::Put;
use serde::Serialize;
use std::collections::BTreeMap;
use std::error::Error;

/// How a deployment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeployOutcome {
    /// Everything is up.
    Deployed,
    /// Everything was up already; nothing was changed.
    Unchanged,
    /// The answer was no; nothing was changed.
    Declined,
    /// Something cannot be done by this version or with this assembly; nothing was changed.
    Refused,
    /// A stack needs an operator; nothing was changed.
    Stuck,
    /// Somebody else is at work on a stack; nothing was changed.
    Busy,
    Failed,
}

impl DeployOutcome {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deployed => "deployed",
            Self::Unchanged => "unchanged",
            Self::Declined => "declined",
            Self::Refused => "refused",
            Self::Stuck => "stuck",
            Self::Busy => "busy",
            Self::Failed => "failed",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeployReport {
    pub schema: u32,
    pub outcome: DeployOutcome,
    pub duration_ms: u64,
    /// In the assembly's order.
    pub stacks: Vec<StackReport>,
}

impl DeployReport {
    /// The value of an output of a stack that is up.
    #[must_use]
    pub fn output(&self, stack: &str, output: &str) -> Option<&str> {
        let stack = self.stacks.iter().find(|report| report.name == stack)?;
        stack.outputs.get(output).map(String::as_str)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StackOutcome {
    Created,
    Updated,
    Unchanged,
    /// An earlier run had begun to create or to change it; it is up now.
    Joined,
    Failed,
    NotStarted,
    Refused,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StackReport {
    pub name: String,
    pub region: String,
    pub outcome: StackOutcome,
    /// What this run spent on it.
    pub duration_ms: u64,
    pub resources: usize,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, String>,
    /// What was changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ResourceChange>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<RowReport>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<StackFailure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// The stack that kept this one from being started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowReport {
    pub table: String,
    pub key: String,
    pub put: Put,
}

/// What was done after a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StepReport {
    /// Files of a bucket: how many were put, and how many were there already.
    Objects {
        bucket: String,
        written: usize,
        unchanged: usize,
    },
    CacheCleared {
        distribution: String,
    },
    GroupEmptied {
        group: String,
        rules: usize,
    },
}

/// Why a stack did not get there.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct StackFailure {
    /// Where CloudFormation left the stack, when it got that far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// CloudFormation's word on the stack as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The stack is as it was before: what a creation made is deleted again, what a change changed is back.
    pub rolled_back: bool,
    /// What failed, the first to fail first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<ResourceFailure>,
    /// How many resources were given up only because of those.
    pub cancelled: usize,
    /// What could not be brought back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_rolled_back: Vec<ResourceFailure>,
    /// The call that failed, when it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorReport>,
}

/// A resource that failed of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResourceFailure {
    pub logical_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    pub resource_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub physical_id: Option<String>,
    pub status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// An error on its way to a reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorReport {
    pub code: String,
    /// What we were doing.
    pub doing: String,
    /// What the other side said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The chain of causes within this program; for a verbose reader only.
    #[serde(skip)]
    pub internal: Vec<String>,
}

impl From<&CloudError> for ErrorReport {
    fn from(error: &CloudError) -> Self {
        let failure = error.failure();
        let mut internal = Vec::new();
        let mut source = failure.source();
        while let Some(error) = source {
            internal.push(error.to_string());
            source = error.source();
        }
        Self {
            code: error.code().to_owned(),
            doing: error.to_string(),
            message: failure.message.clone(),
            request_id: failure.request_id.clone(),
            hint: error.hint().map(str::to_owned),
            internal,
        }
    }
}

/// How a demolition ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DestroyOutcome {
    Destroyed,
    /// There was nothing.
    Absent,
    /// The answer was no; nothing was changed.
    Declined,
    /// Somebody else is at work on a stack; nothing was changed.
    Busy,
    /// Another environment needs this one; nothing was changed.
    Refused,
    Failed,
}

impl DestroyOutcome {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Destroyed => "destroyed",
            Self::Absent => "absent",
            Self::Declined => "declined",
            Self::Busy => "busy",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DestroyReport {
    pub schema: u32,
    pub outcome: DestroyOutcome,
    pub duration_ms: u64,
    /// In the order in which they go.
    pub stacks: Vec<DestroyedStack>,
}

impl DestroyReport {
    /// Everything that outlives the stacks.
    pub fn kept(&self) -> impl Iterator<Item = &KeptResource> {
        self.stacks.iter().flat_map(|stack| &stack.kept)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DestroyedOutcome {
    Deleted,
    /// It did not exist.
    Absent,
    Failed,
    NotStarted,
    Refused,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DestroyedStack {
    pub name: String,
    pub region: String,
    pub outcome: DestroyedOutcome,
    pub duration_ms: u64,
    /// Termination protection was on, and was switched off.
    pub unprotected: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<KeptResource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<StackFailure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<String>,
}
