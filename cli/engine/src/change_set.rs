//! Change sets: what CloudFormation would do to a stack, before it does it.

use como_core::resource::is_stateful;
use serde::Serialize;
use std::collections::BTreeSet;

/// A change set as `DescribeChangeSet` shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeSet {
    pub stack_id: String,
    pub status: ChangeSetStatus,
    pub reason: Option<String>,
    pub changes: Vec<ResourceChange>,
}

/// How far a change set has come. It is made, then it is ready once, and after an execution of it or of another one of the
/// same stack it is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeSetStatus {
    Making,
    Ready,
    /// The stack is as it should be.
    Empty,
    Failed,
    /// Executed, overtaken or deleted.
    Spent,
}

impl ChangeSetStatus {
    /// From CloudFormation's words. An empty change set fails, and nothing but the reason tells it from one that is wrong
    /// (the CDK looks for the same two sentences).
    #[must_use]
    pub fn read(status: &str, execution: Option<&str>, reason: Option<&str>) -> Self {
        let reason = reason.unwrap_or_default();
        let is_empty = reason.starts_with("The submitted information didn't contain changes")
            || reason.starts_with("No updates are to be performed");
        match (status, execution) {
            ("CREATE_PENDING" | "CREATE_IN_PROGRESS", _) => Self::Making,
            ("CREATE_COMPLETE", None | Some("AVAILABLE")) => Self::Ready,
            ("FAILED", _) if is_empty => Self::Empty,
            ("FAILED", _) => Self::Failed,
            _ => Self::Spent,
        }
    }
}

/// What would happen to one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResourceChange {
    pub logical_id: String,
    /// The construct's path within its stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    pub resource_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub physical_id: Option<String>,
    pub action: ChangeAction,
    pub replacement: Replacement,
    /// What becomes of the resource that is removed or replaced, for example `ReplaceAndRetain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_action: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<PropertyChange>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeAction {
    Add,
    Modify,
    Remove,
    Import,
    /// Which of the others it is, only the execution shows.
    Dynamic,
}

/// Whether a resource is made anew and the old one given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Replacement {
    Never,
    /// It depends on values that are known only during the execution.
    Conditional,
    Always,
}

/// One value of a resource, and why it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PropertyChange {
    /// For example `Properties/Cpu`, or `Tags`.
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    pub recreation: Replacement,
    /// The value after the change is known; otherwise it may turn out to be the one before.
    pub certain: bool,
    /// For example `DirectModification`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The parameter or the resource's attribute that brings it about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub causing_entity: Option<String>,
}

/// A resource that holds what cannot be made again, and what threatens it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AtRisk {
    pub logical_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    pub resource_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub physical_id: Option<String>,
    pub risk: Risk,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    Deleted,
    /// It stays, and belongs to no stack any more.
    LeftBehind,
    /// An empty one takes its place.
    Replaced,
    MayBeReplaced,
}

/// The resources with data among `changes` that would be replaced or removed, without those in `allowed`.
pub(crate) fn at_risk(changes: &[ResourceChange], allowed: &BTreeSet<String>) -> Vec<AtRisk> {
    let risky = |change: &ResourceChange| {
        let at_risk = AtRisk {
            logical_id: change.logical_id.clone(),
            path: change.path.clone(),
            resource_type: change.resource_type.clone(),
            physical_id: change.physical_id.clone(),
            risk: risk(change)?,
        };
        Some(at_risk).filter(|_| is_stateful(&change.resource_type) && !allowed.contains(&change.logical_id))
    };
    changes.iter().filter_map(risky).collect()
}

fn risk(change: &ResourceChange) -> Option<Risk> {
    match (change.action, change.replacement) {
        (ChangeAction::Add | ChangeAction::Import, _) => None,
        (ChangeAction::Remove, _) if change.policy_action.as_deref() == Some("Retain") => Some(Risk::LeftBehind),
        (ChangeAction::Remove, _) => Some(Risk::Deleted),
        (_, Replacement::Always) => Some(Risk::Replaced),
        (ChangeAction::Dynamic, _) | (_, Replacement::Conditional) => Some(Risk::MayBeReplaced),
        (ChangeAction::Modify, Replacement::Never) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_change_set_is_told_from_one_that_is_wrong() {
        let read = |status, execution, reason| ChangeSetStatus::read(status, execution, reason);
        let empty =
            "The submitted information didn't contain changes. Submit different information to create a change set.";
        assert_eq!(read("FAILED", Some("UNAVAILABLE"), Some(empty)), ChangeSetStatus::Empty);
        assert_eq!(read("FAILED", None, Some("No updates are to be performed.")), ChangeSetStatus::Empty);
        assert_eq!(read("FAILED", None, Some("Validation failed")), ChangeSetStatus::Failed);
        assert_eq!(read("CREATE_COMPLETE", Some("AVAILABLE"), None), ChangeSetStatus::Ready);
        assert_eq!(read("CREATE_COMPLETE", Some("OBSOLETE"), None), ChangeSetStatus::Spent);
        assert_eq!(read("CREATE_IN_PROGRESS", Some("UNAVAILABLE"), None), ChangeSetStatus::Making);
    }

    #[test]
    fn only_what_holds_data_is_at_risk_and_only_until_it_is_allowed() {
        let change = |kind: &str, action, replacement, policy: Option<&str>| ResourceChange {
            logical_id: "It".to_owned(),
            path: None,
            resource_type: kind.to_owned(),
            physical_id: None,
            action,
            replacement,
            policy_action: policy.map(str::to_owned),
            details: Vec::new(),
        };
        let table = "AWS::DynamoDB::GlobalTable";
        let check = |change: ResourceChange, expected: Option<Risk>| {
            let found = at_risk(std::slice::from_ref(&change), &BTreeSet::new());
            assert_eq!(found.first().map(|at_risk| at_risk.risk), expected, "{change:?}");
            assert!(at_risk(&[change], &BTreeSet::from(["It".to_owned()])).is_empty());
        };
        check(change(table, ChangeAction::Modify, Replacement::Always, None), Some(Risk::Replaced));
        check(change(table, ChangeAction::Modify, Replacement::Conditional, None), Some(Risk::MayBeReplaced));
        check(change(table, ChangeAction::Modify, Replacement::Never, None), None);
        check(change(table, ChangeAction::Remove, Replacement::Never, Some("Retain")), Some(Risk::LeftBehind));
        check(change(table, ChangeAction::Remove, Replacement::Never, None), Some(Risk::Deleted));
        check(change(table, ChangeAction::Add, Replacement::Never, None), None);
        check(change("AWS::ECS::TaskDefinition", ChangeAction::Modify, Replacement::Always, None), None);
    }
}
