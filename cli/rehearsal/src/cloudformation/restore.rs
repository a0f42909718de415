//! The way back from a failed or cancelled update.

use super::create::handler_message;
use super::graph;
use super::operations::{CloudFormation, Interrupt};
use super::order::{self, AfterFailure, Outcome};
use super::resume::take_hold;
use super::stack::{Phase, Stack};
use super::template::Template;
use super::transition::{Before, Change};
use super::{cleanup, create, schema, tags, update};
use crate::provision::{CreateRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::timings;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

pub(super) const CANCELLED: &str = "Resource update cancelled";

pub(super) async fn restore(cloud: &Arc<CloudFormation>, id: &str, interrupt: &Interrupt) {
    take_hold(cloud, id).await;
    let plan = cloud.store.change(id, |stack| {
        stack.turn_back();
        // It was parsed before it was stored.
        let template = Template::parse(&stack.template_body).ok()?;
        Some((graph::dependencies(&template, &stack.conditions), stack.standing_on_way_back()))
    });
    let Some(Some((dependencies, standing))) = plan else { return };
    let abandon = CancellationToken::new();
    let after_failure = AfterFailure::Cancel;
    let failed = order::work(&dependencies, standing, after_failure, interrupt, &abandon, |name, needed| {
        let (cloud, id) = (Arc::clone(cloud), id.to_owned());
        let (interrupt, abandon) = (interrupt.clone(), abandon.clone());
        async move { bring_back(&cloud, &id, &name, &needed, &interrupt, &abandon).await }
    })
    .await;
    if interrupt.is_set() {
        return;
    }
    let moved = cloud.store.change(id, |stack| {
        if stack.status != Phase::UpdateRollbackInProgress {
            return false;
        }
        if failed {
            let reason = Some(format!("{} ", update::failures(stack, &stack.standing_on_way_back().failed)));
            stack.finish(Phase::UpdateRollbackFailed, reason);
        } else {
            stack.advance(Phase::UpdateRollbackCompleteCleanupInProgress, None);
        }
        !failed
    });
    if moved == Some(true) {
        cleanup::after_rollback(cloud, id, interrupt).await;
    }
}

/// Where rollback is disabled, what was changed stays, but what failed goes back to how it was. No event tells of it.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html>
pub(super) async fn restore_failed(cloud: &CloudFormation, id: &str) {
    let failed = cloud.store.change(id, |stack| {
        let failed = stack.standing().failed;
        failed.iter().filter_map(|name| as_it_was(cloud, stack, name)).collect::<Vec<_>>()
    });
    for request in failed.unwrap_or_default() {
        let name = request.wanted.logical_id.clone();
        // One that does not go back either stays failed, which the next update sees.
        if change_back(cloud, request).await.is_ok() {
            cloud.store.change(id, |stack| {
                let Some(record) = stack.resources.get_mut(&name) else { return };
                if let Change::Changed(before) = &record.change {
                    (record.properties, record.tags) = (before.latest.clone(), before.latest_tags.clone());
                }
            });
        }
    }
}

/// How to undo a change in place that failed; a replacement that failed is let go of at once.
fn as_it_was(cloud: &CloudFormation, stack: &mut Stack, name: &str) -> Option<UpdateRequest> {
    let record = stack.resources.get_mut(name)?;
    let Change::Changed(before) = record.change.clone() else { return None };
    if record.generation != before.generation && !before.is_gone {
        let made = record.leftover(name, false).filter(|_| record.was_replaced(&before));
        record.physical_id = Some(before.physical_id.clone());
        record.attributes.clone_from(&before.attributes);
        (record.properties, record.tags) = (before.properties.clone(), before.tags.clone());
        record.generation = before.generation;
        stack.leftovers.extend(made);
        return None;
    }
    let attempted = create::request_for(cloud, stack, name, stack.resources.get(name)?);
    let record = stack.resources.get(name)?;
    let properties = tags::tagged(&record.resource_type, &before.latest, &before.latest_tags);
    Some(UpdateRequest {
        physical_id: record.physical_id.clone()?,
        attributes: record.attributes.clone(),
        before: attempted.properties.clone(),
        wanted: CreateRequest { properties, ..attempted },
    })
}

async fn bring_back(
    cloud: &CloudFormation,
    id: &str,
    name: &str,
    needed: &BTreeSet<String>,
    interrupt: &Interrupt,
    abandon: &CancellationToken,
) -> Outcome {
    let change = |status, reason| cloud.store.change(id, |stack| stack.advance_resource(name, status, reason));
    let before = cloud.store.read(id, |stack| match &stack.resources.get(name)?.change {
        Change::Changed(before) => Some((**before).clone()),
        _ => None,
    });
    let Some(before) = before.flatten() else { return Outcome::Complete };
    let request = cloud.store.change(id, |stack| begin(cloud, stack, name, &before));
    let Some(request) = request.flatten() else { return Outcome::Failed };
    let resource_type = request.wanted.resource_type.clone();
    let wanted = request.wanted.clone();
    let (restored, seconds) = match before.is_gone {
        true => (create::provision(cloud, &wanted).await, timings::of(&resource_type).create_seconds),
        // The old one was never touched.
        false if request.wanted.generation != before.generation => (Ok(old(&before)), 0),
        false => (change_back(cloud, request).await, timings::of(&resource_type).update_seconds(&resource_type)),
    };
    let restored = match restored {
        Ok(restored) => restored,
        Err(error) => {
            change(Phase::UpdateFailed, Some(handler_message(&resource_type, &error, "InvalidRequest")));
            return Outcome::Failed;
        }
    };
    let stable = async {
        cloud.wait(id, name, needed, Duration::from_secs(seconds.into())).await;
        if schema::is_built_in(&resource_type) {
            return Ok(());
        }
        cloud.provisioner.stabilise(&wanted, &restored).await
    };
    let stable = tokio::select! {
        biased;
        () = interrupt.set() => return Outcome::Left,
        () = abandon.cancelled() => None,
        stable = stable => Some(stable),
    };
    match stable {
        Some(Ok(())) => {
            cloud.store.change(id, |stack| {
                stack.put_back(name, &before, restored);
                stack.advance_resource(name, Phase::UpdateComplete, None);
            });
            Outcome::Complete
        }
        Some(Err(error)) => {
            change(Phase::UpdateFailed, Some(handler_message(&resource_type, &error, "NotStabilized")));
            Outcome::Failed
        }
        None => {
            change(Phase::UpdateFailed, Some(CANCELLED.to_owned()));
            Outcome::Cancelled
        }
    }
}

/// Records the beginning. A resource that was replaced shows its old physical id from here on.
fn begin(cloud: &CloudFormation, stack: &mut Stack, name: &str, before: &Before) -> Option<UpdateRequest> {
    // A new one of the old kind needs identifiers of its own.
    let generation = match before.comes_back_as {
        None if before.is_gone => Some(stack.fresh_generation(name)),
        known => known,
    };
    let record = stack.resources.get_mut(name)?;
    let latest = std::mem::replace(&mut record.properties, before.properties.clone());
    let latest_tags = std::mem::replace(&mut record.tags, before.tags.clone());
    record.physical_id = Some(before.physical_id.clone());
    record.generation = generation.unwrap_or(record.generation);
    if let Change::Changed(before) = &mut record.change {
        before.comes_back_as = generation;
    }
    let attributes = record.attributes.clone();
    let is_begun = stack.standing_on_way_back().under_way.contains(name);
    if !is_begun {
        stack.advance_resource(name, Phase::UpdateInProgress, None);
    }
    let record = stack.resources.get(name)?;
    Some(UpdateRequest {
        wanted: create::request_for(cloud, stack, name, record),
        physical_id: before.physical_id.clone(),
        attributes,
        before: tags::tagged(&record.resource_type, &latest, &latest_tags),
    })
}

async fn change_back(cloud: &CloudFormation, request: UpdateRequest) -> Result<Provisioned, ProvisionError> {
    if schema::is_built_in(&request.wanted.resource_type) {
        return Ok(Provisioned { physical_id: request.physical_id, attributes: request.attributes });
    }
    cloud.provisioner.update(request).await
}

fn old(before: &Before) -> Provisioned {
    Provisioned { physical_id: before.physical_id.clone(), attributes: before.attributes.clone() }
}

impl Stack {
    pub(super) fn put_back(&mut self, name: &str, before: &Before, restored: Provisioned) {
        let Some(record) = self.resources.get_mut(name) else { return };
        record.change = Change::None;
        record.physical_id = Some(restored.physical_id);
        record.attributes = restored.attributes;
        record.properties.clone_from(&before.properties);
        record.tags.clone_from(&before.tags);
        if !before.is_gone {
            record.generation = before.generation;
        }
    }

    /// Takes a resource that would not go back for restored, as `ResourcesToSkip` asks.
    pub(super) fn skip(&mut self, name: &str) {
        let Some(record) = self.resources.get(name) else { return };
        if let Change::Changed(before) = record.change.clone() {
            self.put_back(name, &before, old(&before));
        }
        if let Some(record) = self.resources.get_mut(name) {
            record.is_skipped = true;
        }
        self.advance_resource(name, Phase::UpdateComplete, None);
    }
}
