//! Updating a stack's resources: new ones are made, changed ones are changed in place or replaced.
//!
//! As in [`super::create`], everything is a function of the stored state. Old resources go only once all new ones are
//! there (see [`super::cleanup`]); until then [`super::restore`] can bring everything back.

use super::create::{self, outputs, scope};
use super::difference::{self, differences, replaces};
use super::graph::{self, Dependencies};
use super::operations::{CloudFormation, Interrupt};
use super::order::{self, AfterFailure, Outcome};
use super::policy::{Action, Policy};
use super::renewal::{Work, change, replace};
use super::resume::Standing;
use super::stack::{Phase, ResourceRecord, Stack};
use super::template::{ResourceDeclaration, Template};
use super::transition::Change;
use super::{cleanup, restore, schema, tags, triggers};
use crate::provision::{CreateRequest, Provisioned, UpdateRequest};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

const REPLACED: &str = "Requested update requires the creation of a new physical resource; hence creating one.";

/// What is to be done with one resource.
enum Step {
    Create,
    Keep,
    Update(Box<UpdateRequest>),
    /// The physical id of one that the replacement has made already.
    Replace(Box<CreateRequest>, Option<Provisioned>),
    Refuse(String),
}

pub(super) async fn update(cloud: &Arc<CloudFormation>, id: &str, interrupt: &Interrupt) {
    let Some((template, dependencies, standing, after_failure)) = plan(cloud, id) else { return };
    let template = Arc::new(template);
    if let Err(reason) = cloud.import_values(id, &template) {
        return fail(cloud, id, Some(reason), interrupt).await;
    }
    if let Some(reason) = refuse_removals(cloud, id) {
        return fail(cloud, id, Some(reason), interrupt).await;
    }
    let abandon = CancellationToken::new();
    let work = order::work(&dependencies, standing, after_failure, interrupt, &abandon, |name, needed| {
        let (cloud, id, template) = (Arc::clone(cloud), id.to_owned(), Arc::clone(&template));
        let (interrupt, abandon) = (interrupt.clone(), abandon.clone());
        async move {
            let work =
                Work { cloud: &cloud, id: &id, name: &name, needed: &needed, interrupt: &interrupt, abandon: &abandon };
            renew(&work, &template).await
        }
    });
    let names = dependencies.keys().cloned().collect();
    let (failed, reason) = triggers::guard(cloud, id, names, (interrupt, &abandon), work).await;
    if interrupt.is_set() {
        return;
    }
    if failed { fail(cloud, id, reason, interrupt).await } else { complete(cloud, id, &template, interrupt).await }
}

fn plan(cloud: &CloudFormation, id: &str) -> Option<(Template, Dependencies, Standing, AfterFailure)> {
    cloud.store.read(id, |stack| {
        // It was parsed before it was stored.
        let template = Template::parse(&stack.template_body).ok()?;
        let dependencies = graph::dependencies(&template, &stack.conditions);
        Some((template, dependencies, stack.standing(), create::after_failure(stack)))
    })?
}

/// The stack policy has a say before anything is removed.
fn refuse_removals(cloud: &CloudFormation, id: &str) -> Option<String> {
    cloud.store.change(id, |stack| {
        let policy = Policy::of(stack)?;
        let leaving: Vec<(String, String)> = stack
            .resources
            .iter()
            .filter(|(_, record)| matches!(record.change, Change::Leaving) && record.physical_id.is_some())
            .map(|(name, record)| (name.clone(), record.resource_type.clone()))
            .collect();
        let mut refused = Vec::new();
        for (name, resource_type) in leaving {
            if let Some(reason) = policy.refusal(Action::Delete, &name, &resource_type) {
                stack.advance_resource(&name, Phase::UpdateFailed, Some(reason));
                refused.push(name);
            }
        }
        let reason = format!("The following resource(s) failed to update: [{}].", refused.join(", "));
        (!refused.is_empty()).then_some(reason)
    })?
}

async fn renew(work: &Work<'_>, template: &Template) -> Outcome {
    let Some(declaration) = template.resources.get(work.name) else { return Outcome::Failed };
    let step = work.cloud.store.change(work.id, |stack| next_step(work, stack, template, declaration));
    match step {
        Some(Step::Keep) => Outcome::Complete,
        Some(Step::Create) => {
            create::make(work.cloud, work.id, work.name, work.needed, template, work.interrupt, work.abandon).await
        }
        Some(Step::Update(request)) => change(work, *request).await,
        Some(Step::Replace(request, made)) => replace(work, *request, made).await,
        Some(Step::Refuse(reason)) => {
            work.advance(Phase::UpdateFailed, Some(reason));
            Outcome::Failed
        }
        None => Outcome::Failed,
    }
}

fn next_step(work: &Work<'_>, stack: &mut Stack, template: &Template, declaration: &ResourceDeclaration) -> Step {
    let name = work.name;
    let Some(record) = stack.resources.get(name) else { return Step::Refuse("The resource is gone".to_owned()) };
    let is_new = matches!(record.status, Some(Phase::CreateInProgress | Phase::ImportInProgress));
    if record.physical_id.is_none() || is_new {
        return Step::Create;
    }
    if record.status == Some(Phase::CreateFailed) {
        // What an earlier attempt has left half-made is not built upon.
        if let Some(leftover) = record.leftover(name, false) {
            stack.leftovers.push(leftover);
        }
        if let Some(record) = stack.resources.get_mut(name) {
            (record.physical_id, record.status) = (None, None);
        }
        return Step::Create;
    }
    let properties = match scope(stack, template).resolve_fields(&declaration.properties) {
        Ok(properties) => properties,
        Err(error) => return Step::Refuse(error.to_string()),
    };
    let resource_type = declaration.resource_type.as_str();
    let resumed = record.status == Some(Phase::UpdateInProgress);
    if resumed
        && let Change::Changed(before) = &record.change
        && record.generation != before.generation
    {
        let request = create::request_for(work.cloud, stack, name, record);
        let made = record.was_replaced(before).then(|| provisioned(record)).flatten();
        return Step::Replace(Box::new(request), made);
    }
    let changes = differences(&record.properties, &properties);
    let is_retagged = record.tags != tags::taken(resource_type, &stack.tags);
    if changes.is_empty() && !is_retagged && !resumed && record.status != Some(Phase::UpdateFailed) {
        return Step::Keep;
    }
    if let Some(reason) = schema::refusal(name, resource_type, &properties) {
        return Step::Refuse(reason);
    }
    let is_replaced = changes.iter().any(|change| replaces(resource_type, change));
    let action = if is_replaced { Action::Replace } else { Action::Modify };
    if let Some(reason) = Policy::of(stack).and_then(|policy| policy.refusal(action, name, resource_type)) {
        return Step::Refuse(reason);
    }
    let tags = tags::taken(resource_type, &stack.tags);
    if is_replaced {
        begin_replacement(work, stack, properties, tags)
    } else {
        begin_change(work, stack, properties, tags)
    }
}

type Tags = Vec<(String, String)>;

fn begin_change(work: &Work<'_>, stack: &mut Stack, properties: Map<String, Value>, tags: Tags) -> Step {
    let is_resumed = stack.resources.get(work.name).is_some_and(|one| one.status == Some(Phase::UpdateInProgress));
    if !is_resumed {
        if let Some(record) = stack.resources.get_mut(work.name) {
            record.remember();
            (record.properties, record.tags) = (properties, tags);
        }
        stack.advance_resource(work.name, Phase::UpdateInProgress, None);
    }
    let Some(record) = stack.resources.get(work.name) else { return Step::Keep };
    let before = match &record.change {
        Change::Changed(before) => tags::tagged(&record.resource_type, &before.latest, &before.latest_tags),
        _ => record.properties.clone(),
    };
    Step::Update(Box::new(UpdateRequest {
        wanted: create::request_for(work.cloud, stack, work.name, record),
        physical_id: record.physical_id.clone().unwrap_or_default(),
        attributes: record.attributes.clone(),
        before,
    }))
}

fn begin_replacement(work: &Work<'_>, stack: &mut Stack, properties: Map<String, Value>, tags: Tags) -> Step {
    let Some(record) = stack.resources.get_mut(work.name) else { return Step::Keep };
    let named = difference::custom_name(&record.resource_type, &properties);
    if named.is_some() && named == difference::custom_name(&record.resource_type, &record.properties) {
        let physical_id = record.physical_id.clone().unwrap_or_default();
        return Step::Refuse(format!(
            "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename {physical_id} \
             and update the stack again."
        ));
    }
    // One that an earlier attempt made instead of the stable one.
    let intermediate = match &record.change {
        Change::Changed(before) if !record.was_replaced(before) => None,
        Change::None => None,
        _ => record.leftover(work.name, false),
    };
    record.remember();
    (record.properties, record.tags) = (properties, tags);
    stack.leftovers.extend(intermediate);
    let generation = stack.fresh_generation(work.name);
    if let Some(record) = stack.resources.get_mut(work.name) {
        record.generation = generation;
    }
    stack.advance_resource(work.name, Phase::UpdateInProgress, Some(REPLACED.to_owned()));
    let Some(record) = stack.resources.get(work.name) else { return Step::Keep };
    Step::Replace(Box::new(create::request_for(work.cloud, stack, work.name, record)), None)
}

fn provisioned(record: &ResourceRecord) -> Option<Provisioned> {
    Some(Provisioned { physical_id: record.physical_id.clone()?, attributes: record.attributes.clone() })
}

async fn complete(cloud: &Arc<CloudFormation>, id: &str, template: &Template, interrupt: &Interrupt) {
    let outputs = cloud.store.read(id, |stack| outputs(stack, template).map_err(|error| error.to_string()));
    let outputs = outputs.map(|outputs| match outputs {
        Ok(outputs) => cloud.refuse_outputs(id, &outputs).map_or(Ok(outputs), Err),
        refused => refused,
    });
    match outputs {
        None => {}
        Some(Ok(outputs)) => {
            let moved = cloud.store.change(id, |stack| {
                // Somebody may have cancelled the update or asked for the stack's deletion meanwhile.
                if stack.status != Phase::UpdateInProgress {
                    return false;
                }
                stack.outputs = outputs;
                stack.settle_imports();
                stack.complete_transition(template);
                stack.advance(Phase::UpdateCompleteCleanupInProgress, None);
                true
            });
            if moved == Some(true) {
                cleanup::after_update(cloud, id, interrupt).await;
            }
        }
        Some(Err(reason)) => fail(cloud, id, Some(reason), interrupt).await,
    }
}

async fn fail(cloud: &Arc<CloudFormation>, id: &str, own_reason: Option<String>, interrupt: &Interrupt) {
    let is_preserved = cloud.store.read(id, |stack| create::after_failure(stack) == AfterFailure::GoOn);
    if is_preserved == Some(true) {
        restore::restore_failed(cloud, id).await;
    }
    let next = cloud.store.change(id, |stack| {
        if stack.status != Phase::UpdateInProgress {
            return stack.status;
        }
        let what = own_reason.unwrap_or_else(|| failures(stack, &stack.standing().failed));
        let (can_go_back, disable_rollback) = match &stack.transition {
            Some(transition) => (transition.before.is_some(), transition.disable_rollback),
            None => (false, false),
        };
        if disable_rollback {
            stack.finish(Phase::UpdateFailed, Some(format!("{what} ")));
        } else if can_go_back {
            stack.advance(Phase::UpdateRollbackInProgress, Some(format!("{what} ")));
        } else {
            stack.drop_transition();
            stack.advance(Phase::RollbackInProgress, Some(format!("{what} Rollback requested by user.")));
        }
        stack.status
    });
    match next {
        Some(Phase::UpdateRollbackInProgress) => restore::restore(cloud, id, interrupt).await,
        Some(Phase::RollbackInProgress) => create::roll_back(cloud, id, interrupt).await,
        _ => {}
    }
}

/// In CloudFormation's words.
pub(super) fn failures(stack: &Stack, failed: &BTreeSet<String>) -> String {
    let of = |status: Phase| -> Vec<&str> {
        let failed =
            stack.resources.iter().filter(|(name, record)| record.status == Some(status) && failed.contains(*name));
        failed.map(|(name, _)| name.as_str()).collect()
    };
    let mut sentences = Vec::new();
    for (failed, verb) in [(of(Phase::CreateFailed), "create"), (of(Phase::UpdateFailed), "update")] {
        if !failed.is_empty() {
            sentences.push(format!("The following resource(s) failed to {verb}: [{}].", failed.join(", ")));
        }
    }
    sentences.join(" ")
}
