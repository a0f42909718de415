//! Removing resources: of a stack that is deleted, or of one whose creation failed.

use super::cleanup;
use super::create::handler_message;
use super::graph;
use super::operations::{CloudFormation, Interrupt};
use super::schema;
use super::stack::Phase;
use super::template::{DeletionPolicy, Template};
use crate::provision::DeleteRequest;
use crate::timings;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// What the deletion policies are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Deletion,
    Rollback,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Gone,
    Failed,
    Left,
}

pub(super) async fn delete(cloud: &Arc<CloudFormation>, id: &str, interrupt: &Interrupt) {
    // What an update left behind goes first; what of it refuses to go lives on outside the stack.
    if cleanup::run(cloud, id, interrupt).await.is_none() {
        return;
    }
    let Some(failed) = remove_resources(cloud, id, Mode::Deletion, interrupt).await else { return };
    let (status, reason) = ending(failed, Phase::DeleteComplete, Phase::DeleteFailed);
    cloud.store.change(id, |stack| {
        if status == Phase::DeleteComplete {
            stack.deletion_time = Some(Timestamp::now());
        }
        stack.finish(status, reason);
    });
}

pub(super) fn ending(failed: Vec<String>, good: Phase, bad: Phase) -> (Phase, Option<String>) {
    if failed.is_empty() {
        return (good, None);
    }
    (bad, Some(format!("The following resource(s) failed to delete: [{}]. ", failed.join(", "))))
}

/// Removes, each after those that depend on it. What fails keeps all that it depends on. Returns the failed ones; None
/// when interrupted.
pub(super) async fn remove_resources(
    cloud: &Arc<CloudFormation>,
    id: &str,
    mode: Mode,
    interrupt: &Interrupt,
) -> Option<Vec<String>> {
    let plan = cloud.store.read(id, |stack| {
        // A stack that was only reviewed has no template.
        if stack.resources.is_empty() {
            return Some(None);
        }
        let template = Template::parse(&stack.template_body).ok()?;
        let mut dependants = graph::reversed(&graph::dependencies(&template, &stack.conditions));
        // What an update was about to remove has no place in the template any more.
        for name in stack.resources.keys() {
            dependants.entry(name.clone()).or_default();
        }
        let settled: BTreeSet<String> = dependants
            .keys()
            .filter(|name| {
                stack.resources.get(*name).is_none_or(|record| {
                    record.physical_id.is_none()
                        || matches!(record.status, Some(Phase::DeleteComplete | Phase::DeleteSkipped))
                })
            })
            .cloned()
            .collect();
        Some(Some((template, dependants, settled)))
    })??;
    let Some((template, dependants, mut settled)) = plan else { return Some(Vec::new()) };
    let template = Arc::new(template);
    let mut started = settled.clone();
    let mut failed = Vec::new();
    let mut tasks: JoinSet<(String, Outcome)> = JoinSet::new();
    loop {
        if !interrupt.is_set() {
            let ready: Vec<_> = dependants
                .iter()
                .filter(|(name, others)| !started.contains(*name) && others.is_subset(&settled))
                .collect();
            for (name, others) in ready {
                started.insert(name.clone());
                let (cloud, id, name) = (Arc::clone(cloud), id.to_owned(), name.clone());
                let (template, others, interrupt) = (Arc::clone(&template), others.clone(), interrupt.clone());
                tasks.spawn(async move {
                    let policy = template
                        .resources
                        .get(&name)
                        .map_or(DeletionPolicy::Delete, |resource| resource.deletion_policy);
                    let outcome = remove(&cloud, &id, &name, &others, keeps(policy, mode), &interrupt).await;
                    (name, outcome)
                });
            }
        }
        match tasks.join_next().await {
            None => break,
            Some(Ok((name, Outcome::Gone))) => {
                settled.insert(name);
            }
            Some(Ok((name, Outcome::Failed))) => failed.push(name),
            Some(Ok((_, Outcome::Left))) => {}
            Some(Err(error)) => {
                tracing::error!(
                    stack.id = id,
                    error = &error as &dyn std::error::Error,
                    "a resource's task ended early"
                );
                return None;
            }
        }
    }
    failed.sort();
    (!interrupt.is_set()).then_some(failed)
}

fn keeps(policy: DeletionPolicy, mode: Mode) -> bool {
    match (policy, mode) {
        (DeletionPolicy::Retain, _) | (DeletionPolicy::RetainExceptOnCreate, Mode::Deletion) => true,
        (DeletionPolicy::RetainExceptOnCreate, Mode::Rollback)
        | (DeletionPolicy::Delete | DeletionPolicy::Snapshot, _) => false,
    }
}

async fn remove(
    cloud: &CloudFormation,
    id: &str,
    name: &str,
    others: &BTreeSet<String>,
    kept: bool,
    interrupt: &Interrupt,
) -> Outcome {
    let change = |status, reason| cloud.store.change(id, |stack| stack.advance_resource(name, status, reason));
    let target = cloud.store.read(id, |stack| {
        let record = stack.resources.get(name)?;
        let request = DeleteRequest {
            account: cloud.account.clone(),
            region: stack.pseudo.region.clone(),
            stack_name: stack.name().to_owned(),
            resource_type: record.resource_type.clone(),
            physical_id: record.physical_id.clone()?,
            properties: record.properties.clone(),
            despite_protection: false,
        };
        Some((request, stack.retained.iter().any(|one| one == name)))
    });
    let Some(Some((request, retained))) = target else { return Outcome::Gone };
    if kept || retained {
        change(Phase::DeleteSkipped, None);
        return Outcome::Gone;
    }
    change(Phase::DeleteInProgress, None);
    let resource_type = request.resource_type.clone();
    let waiting = Duration::from_secs(timings::of(&resource_type).delete_seconds.into());
    if !schema::is_built_in(&resource_type)
        && let Err(error) = cloud.provisioner.delete(request).await
    {
        change(Phase::DeleteFailed, Some(handler_message(&resource_type, &error, "InvalidRequest")));
        return Outcome::Failed;
    }
    tokio::select! {
        biased;
        () = interrupt.set() => return Outcome::Left,
        () = cloud.wait(id, name, others, waiting) => {}
    }
    change(Phase::DeleteComplete, None);
    Outcome::Gone
}
