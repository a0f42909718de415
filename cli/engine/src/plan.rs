//! What an operation will do, known before it does anything.

use crate::change_set::{AtRisk, ResourceChange};
use crate::stack::StackStatus;
use como_core::diff::TemplateDiff;
use serde::Serialize;

/// What will happen to each stack, in the order in which the stacks are started.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Plan {
    pub stacks: Vec<PlannedStack>,
    /// Rows that will be put where they do not exist yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<PlannedRow>,
    /// What else will be done once its stack is up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<PlannedStep>,
}

impl Plan {
    /// Whether anything has to be done or waited for.
    #[must_use]
    pub fn is_needed(&self) -> bool {
        self.has_steps() || self.stacks.iter().any(|stack| stack.action.is_needed())
    }

    /// Whether a call that changes something will be made.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.has_steps() || self.stacks.iter().any(|stack| stack.action.changes())
    }

    const fn has_steps(&self) -> bool {
        !self.rows.is_empty() || !self.steps.is_empty()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedStack {
    pub name: String,
    pub region: String,
    pub action: Action,
    /// How many resources its template has.
    pub resources: usize,
    /// Stacks that must be ready first: before a creation those that it needs, before a deletion those that need it.
    pub after: Vec<String>,
    /// Its termination protection will be switched off.
    pub protected: bool,
    /// What a deletion leaves behind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<KeptResource>,
    /// What CloudFormation says that a change will do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ResourceChange>,
    /// What CloudFormation can say only once the stacks that this one reads are up: as far as the template tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub foreseen: Option<TemplateDiff>,
    /// Parameters that read outputs which this deployment may change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub may_change: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Create,
    /// What a failed first creation left is deleted, then the stack is created.
    Recreate,
    /// A deletion is running; the stack is created after it.
    CreateAfterDeletion,
    /// It is being created by an earlier run; this one watches that to its end.
    Join,
    /// It differs and is changed in place.
    Update,
    /// It is being changed by an earlier run; this one watches that to its end.
    JoinUpdate,
    /// Nothing: it is as it should be.
    Keep,
    Delete,
    /// It is being deleted; this run watches that to its end.
    JoinDeletion,
    /// Nothing: it does not exist.
    Gone,
}

impl Action {
    /// Whether something has to be done or waited for.
    #[must_use]
    pub const fn is_needed(self) -> bool {
        match self {
            Self::Create
            | Self::Recreate
            | Self::CreateAfterDeletion
            | Self::Join
            | Self::Update
            | Self::JoinUpdate
            | Self::Delete
            | Self::JoinDeletion => true,
            Self::Keep | Self::Gone => false,
        }
    }

    /// Whether a call that changes something will be made.
    #[must_use]
    pub const fn changes(self) -> bool {
        match self {
            Self::Create | Self::Recreate | Self::CreateAfterDeletion | Self::Update | Self::Delete => true,
            Self::Join | Self::JoinUpdate | Self::Keep | Self::JoinDeletion | Self::Gone => false,
        }
    }
}

/// A row that will be put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedRow {
    pub stack: String,
    pub table: String,
    pub key: String,
}

/// Something that will be done after a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedStep {
    pub stack: String,
    /// In words, for example `publish 12 files of the site`.
    pub what: String,
}

/// A resource that outlives its stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeptResource {
    pub stack: String,
    pub region: String,
    pub logical_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    pub resource_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub physical_id: Option<String>,
}

/// Why a stack is left as it is, and the whole operation with it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Refusal {
    pub stack: String,
    pub region: String,
    #[serde(flatten)]
    pub kind: RefusalKind,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RefusalKind {
    /// It would lose what cannot be made again.
    DataLoss { resources: Vec<AtRisk> },
    /// CloudFormation does not take it.
    NotAccepted {
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Another operation is running in it.
    Busy { status: StackStatus },
    /// Only an operator can bring it on.
    Stuck {
        status: StackStatus,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Logical ids of what it still holds, as far as that matters.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        holds: Vec<String>,
    },
    /// CloudFormation takes no template body of this size.
    TemplateTooLarge { bytes: usize, limit: usize },
    /// A parameter reads an output that the other stack's template does not have.
    MissingOutput { parameter: String, from: String, output: String },
    /// The stack belongs to another environment, which has to be deployed first.
    NotDeployed { from: String, region: String },
    /// The environment cannot go while another stands in for it.
    StillNeeded { by: String },
    /// A parameter has neither a binding nor a default.
    MissingParameter { parameter: String },
}

impl RefusalKind {
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::DataLoss { .. } => {
                "undo that change, or allow it for each of them by name with `--allow-replace <LogicalId>`"
            }
            Self::NotAccepted { .. } => "mend what CloudFormation names, then run the same command",
            Self::Busy { .. } => "wait until that operation has ended, then run the same command",
            Self::Stuck { status: StackStatus::UpdateRollbackFailed, .. } => {
                "mend the cause, go on with `aws cloudformation continue-update-rollback --stack-name <STACK>` (skip what \
                 cannot be rolled back with `--resources-to-skip`), then run the same command"
            }
            Self::Stuck { .. } => {
                "look at its events, delete the stack when nothing in it is needed, then run the same command"
            }
            Self::TemplateTooLarge { .. } => "split the stack",
            Self::StillNeeded { .. } => "destroy that environment first, then run the same command",
            Self::NotDeployed { .. } => "deploy the environment that has the stack first, then run the same command",
            Self::MissingOutput { .. } | Self::MissingParameter { .. } => "mend the assembly: run `como synth` anew",
        }
    }
}
