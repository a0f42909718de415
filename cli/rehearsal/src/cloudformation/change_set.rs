//! A change set as it is kept.
//!
//! It is computed when it is asked for, so that it is `CREATE_COMPLETE` or `FAILED` from the beginning. It may be
//! executed while its execution status is `AVAILABLE`; when its stack changes by other means it becomes `OBSOLETE`.

use super::definition::Definition;
use super::stack::OnFailure;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ChangeSet {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub created: Timestamp,
    pub kind: Kind,
    /// Why it failed; None for one that may be executed.
    pub failure: Option<String>,
    pub execution: Execution,
    pub definition: Definition,
    pub on_failure: Option<OnFailure>,
    pub client_token: Option<String>,
    pub changes: Vec<ResourceChange>,
    /// The existing resources that are taken into the stack, by logical id.
    #[serde(default)]
    pub imports: BTreeMap<String, String>,
    #[serde(default)]
    pub imports_existing: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    Create,
    Update,
    Import,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Execution {
    Unavailable,
    Available,
    InProgress,
    Complete,
    Failed,
    Obsolete,
}

impl Execution {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Unavailable => "UNAVAILABLE",
            Self::Available => "AVAILABLE",
            Self::InProgress => "EXECUTE_IN_PROGRESS",
            Self::Complete => "EXECUTE_COMPLETE",
            Self::Failed => "EXECUTE_FAILED",
            Self::Obsolete => "OBSOLETE",
        }
    }
}

impl ChangeSet {
    pub(crate) const fn status(&self) -> &'static str {
        if self.failure.is_some() { "FAILED" } else { "CREATE_COMPLETE" }
    }
}

/// The words of the wire, which are kept as they are sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ResourceChange {
    /// `Add`, `Modify`, `Remove` or `Import`.
    pub action: String,
    pub logical_id: String,
    pub physical_id: Option<String>,
    pub resource_type: String,
    /// `True`, `False` or `Conditional`; only of a modification.
    pub replacement: Option<String>,
    /// What becomes of the physical resource that goes.
    pub policy_action: Option<String>,
    /// `Properties`, `Metadata`, `DeletionPolicy` and so on.
    pub scope: Vec<String>,
    pub details: Vec<Detail>,
    /// JSON texts.
    pub before: Option<String>,
    pub after: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Detail {
    /// The part of the resource, as in the scope.
    pub attribute: String,
    /// The top-level property.
    pub name: Option<String>,
    pub path: Option<String>,
    /// `Never`, `Conditionally` or `Always`.
    pub recreation: String,
    pub before: Option<String>,
    pub after: Option<String>,
    /// `Add`, `Remove` or `Modify`.
    pub change_type: Option<String>,
    pub is_static: bool,
    pub source: Source,
}

/// What causes the change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Source {
    Direct,
    Parameter(String),
    Resource(String),
    /// Logical id and attribute, with a dot between.
    Attribute(String),
    Automatic,
}

impl Source {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Direct => "DirectModification",
            Self::Parameter(_) => "ParameterReference",
            Self::Resource(_) => "ResourceReference",
            Self::Attribute(_) => "ResourceAttribute",
            Self::Automatic => "Automatic",
        }
    }

    pub(crate) fn cause(&self) -> Option<&str> {
        match self {
            Self::Parameter(name) | Self::Resource(name) | Self::Attribute(name) => Some(name),
            Self::Direct | Self::Automatic => None,
        }
    }
}
