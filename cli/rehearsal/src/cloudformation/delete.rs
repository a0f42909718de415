//! Removing resources: of a stack that is deleted, or of one whose creation failed.

use super::cleanup;
use super::create::handler_message;
use super::graph;
use super::operations::{CloudFormation, Interrupt};
use super::resume::take_hold;
use super::schema;
use super::stack::{Phase, ResourceRecord};
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
    /// `RetainExceptOnCreate` was asked for: everything goes.
    RollbackOfAll,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Gone,
    Failed,
    Left,
}

pub(super) async fn delete(cloud: &Arc<CloudFormation>, id: &str, interrupt: &Interrupt) {
    take_hold(cloud, id).await;
    // Only now is it sure what an update that was under way has made.
    cloud.store.change(id, |stack| stack.drop_transition());
    // What an update left behind goes first; what of it refuses to go lives on outside the stack.
    if cleanup::run(cloud, id, interrupt).await.is_none() {
        return;
    }
    let takes_all = cloud.store.read(id, |stack| stack.terms.retain_except_on_create);
    let mode = if takes_all == Some(true) { Mode::RollbackOfAll } else { Mode::Deletion };
    let Some(failed) = remove_resources(cloud, id, mode, interrupt).await else { return };
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
                let status = stack.resources.get(*name).and_then(|record| record.status);
                matches!(status, None | Some(Phase::DeleteComplete | Phase::DeleteSkipped))
            })
            .cloned()
            .collect();
        // Before a supervisor before this one was killed.
        let has_failed = |(name, record): &(&String, &ResourceRecord)| {
            stack.has_come_to(name, record.physical_id.as_deref().unwrap_or_default(), Phase::DeleteFailed)
        };
        let failed: Vec<String> = stack.resources.iter().filter(has_failed).map(|(name, _)| name.clone()).collect();
        Some(Some((template, dependants, settled, failed)))
    })??;
    let Some((template, dependants, mut settled, mut failed)) = plan else { return Some(Vec::new()) };
    let template = Arc::new(template);
    let mut started: BTreeSet<String> = settled.iter().chain(&failed).cloned().collect();
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
                    let policy = template.resources.get(&name).map(|resource| resource.deletion_policy);
                    let is_kept = policy.is_some_and(|policy| keeps(policy, mode));
                    let outcome = remove(&cloud, &id, &name, &others, is_kept, &interrupt).await;
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
        (_, Mode::RollbackOfAll) | (DeletionPolicy::Delete | DeletionPolicy::Snapshot, _) => false,
        (DeletionPolicy::Retain, _) | (DeletionPolicy::RetainExceptOnCreate, Mode::Deletion) => true,
        (DeletionPolicy::RetainExceptOnCreate, Mode::Rollback) => false,
    }
}

async fn remove(
    cloud: &CloudFormation,
    id: &str,
    name: &str,
    others: &BTreeSet<String>,
    is_kept: bool,
    interrupt: &Interrupt,
) -> Outcome {
    let change = |status, reason| cloud.store.change(id, |stack| stack.advance_resource(name, status, reason));
    let target = cloud.store.read(id, |stack| {
        let record = stack.resources.get(name)?;
        let physical_id = record.physical_id.clone().unwrap_or_default();
        let request = DeleteRequest {
            account: cloud.account.clone(),
            region: stack.pseudo.region.clone(),
            stack_name: stack.name().to_owned(),
            resource_type: record.resource_type.clone(),
            physical_id,
            properties: record.properties.clone(),
            despite_protection: false,
        };
        // What was taken in lives on as it did before.
        let is_retained = record.import.is_some() || stack.retained.iter().any(|one| one == name);
        Some((request, is_retained))
    });
    let Some(Some((request, is_retained))) = target else { return Outcome::Gone };
    if request.physical_id.is_empty() {
        // What failed before there was anything to delete is deleted all the same, says the log of AWS.
        change(Phase::DeleteComplete, None);
        return Outcome::Gone;
    }
    if is_kept || is_retained {
        change(Phase::DeleteSkipped, None);
        return Outcome::Gone;
    }
    let (resource_type, physical_id) = (request.resource_type.clone(), request.physical_id.clone());
    let is_forced = cloud.store.change(id, |stack| {
        if !stack.has_come_to(name, &physical_id, Phase::DeleteInProgress) {
            stack.advance_resource(name, Phase::DeleteInProgress, None);
        }
        stack.terms.is_forced
    });
    let waiting = Duration::from_secs(timings::of(&resource_type).delete_seconds.into());
    if !schema::is_built_in(&resource_type)
        && let Err(error) = cloud.provisioner.delete(request).await
    {
        let reason = Some(handler_message(&resource_type, &error, "InvalidRequest"));
        if is_forced == Some(true) {
            change(Phase::DeleteSkipped, reason);
            return Outcome::Gone;
        }
        change(Phase::DeleteFailed, reason);
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
