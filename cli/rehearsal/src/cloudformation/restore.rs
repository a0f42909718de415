//! The way back from a failed or cancelled update.

use super::create::handler_message;
use super::graph;
use super::operations::{CloudFormation, Interrupt};
use super::order::{self, Outcome};
use super::stack::{Phase, Stack};
use super::template::Template;
use super::transition::{Before, Change};
use super::{cleanup, create, schema, update};
use crate::provision::{CreateRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::timings;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

pub(super) async fn restore(cloud: &Arc<CloudFormation>, id: &str, interrupt: &Interrupt) {
    let dependencies = cloud.store.change(id, |stack| {
        stack.turn_back();
        // It was parsed before it was stored.
        let template = Template::parse(&stack.template_body).ok()?;
        Some(graph::dependencies(&template, &stack.conditions))
    });
    let Some(Some(dependencies)) = dependencies else { return };
    let abandon = CancellationToken::new();
    let failed = order::work(&dependencies, BTreeSet::new(), interrupt, &abandon, |name, needed| {
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
            let reason = Some(format!("{} ", update::failures(stack)));
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
            change(Phase::UpdateFailed, Some("Resource update cancelled".to_owned()));
            Outcome::Cancelled
        }
    }
}

/// Records the beginning. A resource that was replaced shows its old physical id from here on.
fn begin(cloud: &CloudFormation, stack: &mut Stack, name: &str, before: &Before) -> Option<UpdateRequest> {
    let record = stack.resources.get_mut(name)?;
    let latest = std::mem::replace(&mut record.properties, before.properties.clone());
    let was_replaced = record.generation != before.generation;
    record.physical_id = Some(before.physical_id.clone());
    let (generation, attributes) = (record.generation, record.attributes.clone());
    let resource_type = record.resource_type.clone();
    let is_resumed = record.status == Some(Phase::UpdateInProgress) && latest == before.properties;
    if !is_resumed {
        stack.advance_resource(name, Phase::UpdateInProgress, None);
    }
    // A new one of the old kind needs identifiers of its own.
    let generation = match (before.is_gone, was_replaced) {
        (true, _) => {
            let fresh = stack.fresh_generation(name);
            stack.resources.get_mut(name)?.generation = fresh;
            fresh
        }
        (false, _) => generation,
    };
    let wanted = CreateRequest {
        account: cloud.account.clone(),
        region: stack.pseudo.region.clone(),
        stack_name: stack.name().to_owned(),
        stack_id: stack.id().to_owned(),
        logical_id: name.to_owned(),
        resource_type,
        generation,
        properties: before.properties.clone(),
    };
    Some(UpdateRequest { wanted, physical_id: before.physical_id.clone(), attributes, before: latest })
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
        self.advance_resource(name, Phase::UpdateComplete, None);
    }
}
