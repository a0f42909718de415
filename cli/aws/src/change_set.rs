//! The SDK's change sets as the engine's.

use aws_sdk_cloudformation::operation::describe_change_set::DescribeChangeSetOutput;
use aws_sdk_cloudformation::types;
use como_engine::change_set::{ChangeAction, ChangeSet, ChangeSetStatus, PropertyChange, Replacement, ResourceChange};

/// `None` where the service left out what every change set has.
pub(crate) fn change_set(page: &DescribeChangeSetOutput) -> Option<ChangeSet> {
    let execution = page.execution_status().map(types::ExecutionStatus::as_str);
    let reason = page.status_reason();
    Some(ChangeSet {
        stack_id: page.stack_id()?.to_owned(),
        status: ChangeSetStatus::read(page.status()?.as_str(), execution, reason),
        reason: reason.map(str::to_owned),
        changes: Vec::new(),
    })
}

/// The changes of resources on a page; `None` where one lacks what every change has.
pub(crate) fn changes(page: &DescribeChangeSetOutput) -> Option<Vec<ResourceChange>> {
    page.changes().iter().filter_map(types::Change::resource_change).map(change).collect()
}

/// Whether the validation before the deployment refused it.
pub(crate) fn is_refused_by_validation(set: &ChangeSet) -> bool {
    // Nothing but the reason tells (the CDK looks for the same words).
    let names = |reason: &str| reason.contains("AWS::EarlyValidation");
    set.status == ChangeSetStatus::Failed && set.reason.as_deref().is_some_and(names)
}

/// One finding of the validation, with its place in the template; `None` for other events and for warnings.
pub(crate) fn finding(event: &types::OperationEvent) -> Option<String> {
    if event.validation_failure_mode() == Some(&types::HookFailureMode::Warn) {
        return None;
    }
    let reason = event.validation_status_reason()?;
    Some(match event.validation_path() {
        Some(path) => format!("{reason} (at {path})"),
        None => reason.to_owned(),
    })
}

fn change(change: &types::ResourceChange) -> Option<ResourceChange> {
    let mut details: Vec<PropertyChange> = Vec::new();
    // CloudFormation names a value once for each of its causes, and what it is certain of first.
    for detail in change.details().iter().filter_map(property) {
        match details.iter_mut().find(|known| known.path == detail.path && known.after == detail.after) {
            Some(known) => known.recreation = known.recreation.max(detail.recreation),
            None => details.push(detail),
        }
    }
    Some(ResourceChange {
        logical_id: change.logical_resource_id()?.to_owned(),
        path: None,
        resource_type: change.resource_type()?.to_owned(),
        physical_id: change.physical_resource_id().map(str::to_owned),
        action: match change.action()? {
            types::ChangeAction::Add => ChangeAction::Add,
            types::ChangeAction::Modify => ChangeAction::Modify,
            types::ChangeAction::Remove => ChangeAction::Remove,
            types::ChangeAction::Import => ChangeAction::Import,
            // What a newer CloudFormation may come to say is treated with the same care as what it does not know itself.
            _ => ChangeAction::Dynamic,
        },
        replacement: match change.replacement() {
            None | Some(types::Replacement::False) => Replacement::Never,
            Some(types::Replacement::True) => Replacement::Always,
            Some(_) => Replacement::Conditional,
        },
        policy_action: change.policy_action().map(|action| action.as_str().to_owned()),
        details,
    })
}

fn property(detail: &types::ResourceChangeDetail) -> Option<PropertyChange> {
    let target = detail.target()?;
    let attribute = target.attribute()?.as_str();
    let path = match (target.path(), target.name()) {
        (Some(path), _) if !path.is_empty() => path.trim_start_matches('/').to_owned(),
        (_, Some(name)) if !name.is_empty() => format!("{attribute}/{name}"),
        _ => attribute.to_owned(),
    };
    Some(PropertyChange {
        path,
        before: target.before_value().map(str::to_owned),
        after: target.after_value().map(str::to_owned),
        recreation: match target.requires_recreation() {
            None | Some(types::RequiresRecreation::Never) => Replacement::Never,
            Some(types::RequiresRecreation::Always) => Replacement::Always,
            Some(_) => Replacement::Conditional,
        },
        certain: detail.evaluation() != Some(&types::EvaluationType::Dynamic),
        source: detail.change_source().map(|source| source.as_str().to_owned()),
        causing_entity: detail.causing_entity().map(str::to_owned),
    })
}
