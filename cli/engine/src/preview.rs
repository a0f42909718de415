//! What a deployment will change in stacks that exist, as CloudFormation itself says it.
//!
//! Each stack that differs gets a change set with the values that its parameters have as things stand. Where a stack that it
//! reads changes too, those values may turn out different; then a new change set is made once they are known.

use crate::attempt::AttemptId;
use crate::change_set::{ChangeAction, ChangeSet, ChangeSetStatus, Replacement, at_risk};
use crate::changes::{Outputs, supplied_to};
use crate::deploy::{DeployError, DeployRequest};
use crate::error::CloudError;
use crate::plan::{Action, RefusalKind};
use crate::port::{ChangeSetKind, CreateChangeSet, ParameterValue};
use crate::propose::{discard, propose};
use crate::run::{Run, Subject};
use crate::stack::{Condition, StackDescription};
use crate::survey::Surveyed;
use crate::watch::describe;
use como_core::assembly::Binding;
use como_core::diff::TemplateDiff;
use futures_util::{StreamExt, stream};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::sleep;

/// Change sets that are made at once.
const AT_ONCE: usize = 4;

/// A change set that was made for the plan, and the request that it was made by.
#[derive(Debug)]
pub(crate) struct Preview {
    pub(crate) request: CreateChangeSet,
    pub(crate) set: ChangeSet,
}

impl Preview {
    /// Whether it says what would happen with these values.
    pub(crate) fn is_for(&self, found: &StackDescription, parameters: &BTreeMap<String, String>) -> bool {
        let same = |(name, value): (&String, &ParameterValue)| match value {
            ParameterValue::Value(value) => parameters.get(name) == Some(value),
            ParameterValue::Previous => parameters.get(name) == found.parameters.get(name),
        };
        self.request.parameters.len() == parameters.len() && self.request.parameters.iter().all(same)
    }
}

/// Makes the change sets of the stacks that differ, as far as their parameters are known, and refuses what would lose data.
pub(crate) async fn preview(
    run: &Run<'_>,
    deploy: &DeployRequest<'_>,
    surveyed: &mut [Surveyed<'_>],
) -> Result<(), DeployError> {
    let DeployRequest { attempt, allow_replace: allowed, .. } = *deploy;
    let requests: Vec<(usize, CreateChangeSet)> = (0..)
        .zip(&*surveyed)
        .filter(|(_, stack)| stack.verdict == Ok(Action::Update))
        .filter_map(|(index, stack)| Some((index, request(attempt, stack, surveyed)?)))
        .collect();
    let stacks = &*surveyed;
    let made: Vec<_> = stream::iter(requests)
        .map(|(index, request)| async move {
            let made = match stacks.get(index) {
                Some(stack) => make(run, stack, &request).await,
                None => Ok(None),
            };
            (index, request, made)
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let mut failed = None;
    for (index, request, made) in made {
        let Some(stack) = surveyed.get_mut(index) else { continue };
        match made {
            Ok(Some(set)) => learn(run, allowed, stack, Preview { request, set }).await,
            Ok(None) => {}
            Err(CloudError::Rejected(failure)) => {
                stack.verdict = Err(RefusalKind::NotAccepted { reason: failure.message.clone() });
            }
            Err(source) => failed = Some(DeployError::Preview { stack: stack.artifact.name.clone(), source }),
        }
    }
    match failed {
        Some(error) => {
            discard_all(run, surveyed).await;
            Err(error)
        }
        None => Ok(()),
    }
}

/// Deletes the change sets of a plan that is not carried out.
pub(crate) async fn discard_all(run: &Run<'_>, surveyed: &[Surveyed<'_>]) {
    stream::iter(surveyed)
        .filter_map(async |stack| Some((stack, stack.preview.as_ref()?)))
        .for_each_concurrent(AT_ONCE, async |(stack, preview)| {
            discard(run, Subject::from(stack.artifact), &preview.request.name).await;
        })
        .await;
}

/// `None` where a parameter is new and nobody knows its value yet.
fn request(attempt: &AttemptId, stack: &Surveyed<'_>, all: &[Surveyed<'_>]) -> Option<CreateChangeSet> {
    let outputs = |name: &str| -> Option<&Outputs> {
        let Some(producer) = all.iter().find(|stack| stack.artifact.name == name) else {
            return stack.deployed.get(name);
        };
        let found = producer.found.as_ref()?;
        (found.status.condition() == Condition::Usable).then_some(&found.outputs)
    };
    let previous = &stack.found.as_ref()?.parameters;
    let supplied = supplied_to(stack.artifact, &stack.supplied);
    let mut parameters: BTreeMap<String, ParameterValue> =
        supplied.map(|(name, value)| (name, ParameterValue::Value(value))).collect();
    for (name, binding) in &stack.artifact.bindings {
        let value = match outputs(&binding.stack).and_then(|outputs| outputs.get(&binding.output)) {
            Some(value) => ParameterValue::Value(value.clone()),
            None if previous.contains_key(name) => ParameterValue::Previous,
            None => return None,
        };
        parameters.insert(name.clone(), value);
    }
    Some(change_set(attempt, stack, ChangeSetKind::Update, "preview", parameters))
}

/// The request of a change set of this attempt; `purpose` tells its change sets of one stack apart.
pub(crate) fn change_set(
    attempt: &AttemptId,
    stack: &Surveyed<'_>,
    kind: ChangeSetKind,
    purpose: &str,
    parameters: BTreeMap<String, ParameterValue>,
) -> CreateChangeSet {
    let artifact = stack.artifact;
    CreateChangeSet {
        name: format!("como-{attempt}-{purpose}"),
        stack: artifact.name.clone(),
        kind,
        template_body: stack.body.clone(),
        parameters,
        tags: artifact.tags.clone(),
        imports: Vec::new(),
        token: attempt.token(purpose, &artifact.region, &artifact.name),
    }
}

async fn make(run: &Run<'_>, stack: &Surveyed<'_>, request: &CreateChangeSet) -> Result<Option<ChangeSet>, CloudError> {
    let subject = Subject::from(stack.artifact);
    if let Some(found) = &stack.found {
        settle(run, subject, found).await?;
    }
    propose(run, subject, request).await.map(Some)
}

/// CloudFormation changes no stack in which it still clears up after the last change.
pub(crate) async fn settle(run: &Run<'_>, subject: Subject<'_>, found: &StackDescription) -> Result<(), CloudError> {
    let mut status = Some(found.status.clone());
    while status.is_some_and(|status| status.is_cleaning_up()) {
        sleep(run.ports.pace.longest_interval).await;
        status = describe(run, subject, &found.id).await?.map(|stack| stack.status);
    }
    Ok(())
}

async fn learn(run: &Run<'_>, allowed: &BTreeSet<String>, stack: &mut Surveyed<'_>, preview: Preview) {
    let subject = Subject::from(stack.artifact);
    match preview.set.status {
        ChangeSetStatus::Ready => {
            let resources = at_risk(&preview.set.changes, allowed);
            if !resources.is_empty() {
                stack.verdict = Err(RefusalKind::DataLoss { resources });
            }
            stack.preview = Some(preview);
        }
        ChangeSetStatus::Empty => {
            discard(run, subject, &preview.request.name).await;
            let half_changed = stack.found.as_ref().filter(|found| found.status.condition() == Condition::HalfChanged);
            stack.verdict = match half_changed {
                Some(found) => Err(RefusalKind::Stuck {
                    status: found.status.clone(),
                    reason: found.status_reason.clone(),
                    holds: Vec::new(),
                }),
                None => Ok(Action::Keep),
            };
        }
        ChangeSetStatus::Making | ChangeSetStatus::Failed | ChangeSetStatus::Spent => {
            discard(run, subject, &preview.request.name).await;
            stack.verdict = Err(RefusalKind::NotAccepted { reason: preview.set.reason });
        }
    }
}

/// For each stack, the parameters that read what this deployment may change.
pub(crate) fn may_change(surveyed: &[Surveyed<'_>]) -> BTreeMap<String, Vec<String>> {
    let mut unsure: BTreeMap<String, Vec<String>> = BTreeMap::new();
    loop {
        let mut next = BTreeMap::new();
        for stack in surveyed {
            let reads_unsure = |binding: &Binding| {
                let producer = surveyed.iter().find(|other| other.artifact.name == binding.stack);
                producer.is_some_and(|producer| {
                    let parameters = unsure.get(&binding.stack).map(Vec::as_slice).unwrap_or_default();
                    output_may_change(producer, &binding.output, parameters)
                })
            };
            let parameters = stack.artifact.bindings.iter().filter(|(_, binding)| reads_unsure(binding));
            let parameters: Vec<String> = parameters.map(|(name, _)| name.clone()).collect();
            if !parameters.is_empty() {
                next.insert(stack.artifact.name.clone(), parameters);
            }
        }
        if next == unsure {
            return unsure;
        }
        // Every round only adds, so this ends.
        unsure = next;
    }
}

/// Whether an output of a stack may get another value. It keeps it where its definition is the same and everything that it
/// names stays as it is.
fn output_may_change(stack: &Surveyed<'_>, output: &str, unsure_parameters: &[String]) -> bool {
    let preview = match (&stack.verdict, &stack.preview) {
        (Ok(Action::Keep), _) if unsure_parameters.is_empty() => return false,
        (Ok(Action::Keep), _) => None,
        (Ok(Action::Update), Some(preview)) => Some(preview),
        _ => return true,
    };
    let defined_anew = stack.foreseen.iter().flat_map(|diff| &diff.changes).any(|change| {
        matches!(change.section.as_str(), "Conditions" | "Mappings")
            || change.section == "Outputs" && change.name == output
    });
    let Some(definition) = stack.artifact.template.outputs.get(output) else { return true };
    let Some(found) = &stack.found else { return true };
    if defined_anew || !found.outputs.contains_key(output) {
        return true;
    }
    let mut unsure: BTreeSet<&str> = unsure_parameters.iter().map(String::as_str).collect();
    if let Some(preview) = preview {
        let moves = |value: &ParameterValue, name: &String| match value {
            ParameterValue::Value(value) => found.parameters.get(name) != Some(value),
            ParameterValue::Previous => true,
        };
        let parameters = preview.request.parameters.iter().filter(|(name, value)| moves(value, name));
        unsure.extend(parameters.map(|(name, _)| name.as_str()));
        unsure.extend(preview.set.changes.iter().map(|change| change.logical_id.as_str()));
    } else {
        // What the new value of a parameter would do to the resources, only a change set could tell.
        unsure.extend(stack.artifact.template.resources.keys().map(String::as_str));
    }
    let keeps_identity = |name: &str| {
        preview.is_some_and(|preview| {
            let change = preview.set.changes.iter().find(|change| change.logical_id == name);
            change
                .is_some_and(|change| change.action == ChangeAction::Modify && change.replacement == Replacement::Never)
        })
    };
    names(&definition.value, &unsure, &keeps_identity) || definition.condition.is_some() && !unsure.is_empty()
}

/// Whether an expression names something in `unsure`. `Ref` yields the identity, which outlives a change in place.
fn names(value: &Json, unsure: &BTreeSet<&str>, keeps_identity: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Json::Object(members) => members.iter().any(|(function, argument)| match (function.as_str(), argument) {
            ("Ref", Json::String(name)) => unsure.contains(name.as_str()) && !keeps_identity(name),
            ("Fn::If", _) => !unsure.is_empty(),
            ("Fn::GetAtt", Json::String(text)) => text.split('.').next().is_some_and(|name| unsure.contains(name)),
            ("Fn::GetAtt", Json::Array(parts)) => {
                parts.first().and_then(Json::as_str).is_some_and(|name| unsure.contains(name))
            }
            ("Fn::Sub", argument) => {
                let template = argument.as_str().or_else(|| argument.get(0)?.as_str()).unwrap_or_default();
                unsure.iter().any(|name| template.contains(&format!("${{{name}")))
                    || argument.get(1).is_some_and(|variables| names(variables, unsure, keeps_identity))
            }
            (_, argument) => names(argument, unsure, keeps_identity),
        }),
        Json::Array(items) => items.iter().any(|item| names(item, unsure, keeps_identity)),
        _ => false,
    }
}

/// What is planned for a stack that is changed: the changes, or what can be foreseen of them.
pub(crate) fn foreseen<'s>(stack: &'s Surveyed<'_>) -> Option<&'s TemplateDiff> {
    match (&stack.verdict, &stack.preview) {
        (Ok(Action::Update), None) => stack.foreseen.as_ref(),
        _ => None,
    }
}
