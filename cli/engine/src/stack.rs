//! Stacks as the cloud describes them.

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;

/// A stack as `DescribeStacks` shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct StackDescription {
    pub id: String,
    pub name: String,
    pub status: StackStatus,
    pub status_reason: Option<String>,
    pub created: Option<Timestamp>,
    pub updated: Option<Timestamp>,
    pub parameters: BTreeMap<String, String>,
    pub outputs: BTreeMap<String, String>,
    pub tags: BTreeMap<String, String>,
    pub termination_protection: bool,
}

/// A stack event, of the stack itself or of a resource in it.
#[derive(Debug, Clone, PartialEq)]
pub struct StackEvent {
    pub id: String,
    pub at: Option<Timestamp>,
    pub logical_id: String,
    pub physical_id: Option<String>,
    pub resource_type: String,
    pub status: ResourceStatus,
    pub reason: Option<String>,
    pub token: Option<String>,
}

impl StackEvent {
    /// Whether the event is about the stack as a whole, not about a resource or a nested stack in it.
    #[must_use]
    pub fn is_of_stack(&self, stack_id: &str) -> bool {
        self.resource_type == "AWS::CloudFormation::Stack" && self.physical_id.as_deref() == Some(stack_id)
    }
}

/// A resource as `ListStackResources` shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct StackResource {
    pub logical_id: String,
    pub physical_id: Option<String>,
    pub resource_type: String,
    pub status: ResourceStatus,
    pub reason: Option<String>,
}

/// The status of a resource: an action and how far it has come, for example `CREATE_IN_PROGRESS`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ResourceStatus(String);

/// How far the action has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    InProgress,
    Complete,
    Failed,
    /// Deletion left the resource where it is.
    Skipped,
}

impl ResourceStatus {
    #[must_use]
    pub fn new(status: impl Into<String>) -> Self {
        Self(status.into())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A status that this version does not know counts as in progress: whoever waits for an end goes on waiting.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self.0.as_str() {
            "DELETE_SKIPPED" => Phase::Skipped,
            status if status.ends_with("_COMPLETE") => Phase::Complete,
            status if status.ends_with("_FAILED") => Phase::Failed,
            _ => Phase::InProgress,
        }
    }

    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.0 == "DELETE_COMPLETE"
    }
}

macro_rules! stack_statuses {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// The status of a stack. `Other` is one that this version does not know.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum StackStatus {
            $($variant,)+
            Other(String),
        }

        impl StackStatus {
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)+
                    Self::Other(name) => name,
                }
            }
        }

        impl From<&str> for StackStatus {
            fn from(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)+
                    other => Self::Other(other.to_owned()),
                }
            }
        }
    };
}

stack_statuses! {
    ReviewInProgress = "REVIEW_IN_PROGRESS",
    CreateInProgress = "CREATE_IN_PROGRESS",
    CreateFailed = "CREATE_FAILED",
    CreateComplete = "CREATE_COMPLETE",
    RollbackInProgress = "ROLLBACK_IN_PROGRESS",
    RollbackFailed = "ROLLBACK_FAILED",
    RollbackComplete = "ROLLBACK_COMPLETE",
    DeleteInProgress = "DELETE_IN_PROGRESS",
    DeleteFailed = "DELETE_FAILED",
    DeleteComplete = "DELETE_COMPLETE",
    UpdateInProgress = "UPDATE_IN_PROGRESS",
    UpdateCompleteCleanupInProgress = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    UpdateComplete = "UPDATE_COMPLETE",
    UpdateFailed = "UPDATE_FAILED",
    UpdateRollbackInProgress = "UPDATE_ROLLBACK_IN_PROGRESS",
    UpdateRollbackFailed = "UPDATE_ROLLBACK_FAILED",
    UpdateRollbackCompleteCleanupInProgress = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    UpdateRollbackComplete = "UPDATE_ROLLBACK_COMPLETE",
    ImportInProgress = "IMPORT_IN_PROGRESS",
    ImportComplete = "IMPORT_COMPLETE",
    ImportRollbackInProgress = "IMPORT_ROLLBACK_IN_PROGRESS",
    ImportRollbackFailed = "IMPORT_ROLLBACK_FAILED",
    ImportRollbackComplete = "IMPORT_ROLLBACK_COMPLETE",
}

/// What a status means to somebody who wants the stack to be up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Its resources and outputs can be used.
    Usable,
    /// Being created, or a creation being rolled back.
    Creating,
    Deleting,
    Gone,
    /// A first creation failed and nothing but a new one helps.
    NeverWas,
    /// It is a name with change sets and without resources.
    Reviewed,
    /// A change failed and was not rolled back; the next change may mend it.
    HalfChanged,
    /// Another operation is running.
    Busy,
    /// Only an operator can bring it on.
    Stuck,
}

impl StackStatus {
    #[must_use]
    pub const fn condition(&self) -> Condition {
        match self {
            Self::CreateComplete
            | Self::UpdateComplete
            | Self::UpdateCompleteCleanupInProgress
            | Self::UpdateRollbackComplete
            | Self::UpdateRollbackCompleteCleanupInProgress
            | Self::ImportComplete
            | Self::ImportRollbackComplete => Condition::Usable,
            Self::CreateInProgress | Self::RollbackInProgress => Condition::Creating,
            Self::DeleteInProgress => Condition::Deleting,
            Self::DeleteComplete => Condition::Gone,
            Self::CreateFailed | Self::RollbackComplete => Condition::NeverWas,
            Self::ReviewInProgress => Condition::Reviewed,
            Self::UpdateFailed => Condition::HalfChanged,
            Self::UpdateInProgress
            | Self::UpdateRollbackInProgress
            | Self::ImportInProgress
            | Self::ImportRollbackInProgress => Condition::Busy,
            Self::RollbackFailed
            | Self::DeleteFailed
            | Self::UpdateRollbackFailed
            | Self::ImportRollbackFailed
            | Self::Other(_) => Condition::Stuck,
        }
    }

    /// Whether a change has ended and what it replaced is being deleted. The stack is usable, but cannot be changed yet.
    #[must_use]
    pub const fn is_cleaning_up(&self) -> bool {
        matches!(self, Self::UpdateCompleteCleanupInProgress | Self::UpdateRollbackCompleteCleanupInProgress)
    }

    /// Whether nothing will happen to the stack any more by itself.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        !self.as_str().ends_with("_IN_PROGRESS")
    }
}

impl fmt::Display for StackStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Serialize for StackStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
