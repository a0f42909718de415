//! Removing what an update, or the way back from one, has left without a place in the stack.

use super::create::handler_message;
use super::operations::{CloudFormation, Interrupt};
use super::schema;
use super::stack::{Phase, Stack};
use super::transition::{Change, Leftover};
use crate::provision::{DeleteRequest, ProvisionError};
use crate::timings;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// CloudFormation tries so often before it lets a resource go.
const ATTEMPTS: usize = 3;

pub(super) async fn after_update(cloud: &Arc<CloudFormation>, id: &str, interrupt: &Interrupt) {
    let Some(failed) = run(cloud, id, interrupt).await else { return };
    let reason = failed.then(|| "Update successful. One or more resources could not be deleted.".to_owned());
    finish(cloud, id, Phase::UpdateCompleteCleanupInProgress, Phase::UpdateComplete, reason);
}

pub(super) async fn after_rollback(cloud: &Arc<CloudFormation>, id: &str, interrupt: &Interrupt) {
    let Some(failed) = run(cloud, id, interrupt).await else { return };
    let reason = failed.then(|| "Update rollback successful. One or more resources could not be deleted.".to_owned());
    finish(cloud, id, Phase::UpdateRollbackCompleteCleanupInProgress, Phase::UpdateRollbackComplete, reason);
}

fn finish(cloud: &CloudFormation, id: &str, from: Phase, to: Phase, reason: Option<String>) {
    cloud.store.change(id, |stack| {
        // A resource that could not be deleted lives on outside.
        let unmade: Vec<String> = stack
            .resources
            .iter()
            .filter(|(_, record)| matches!(record.change, Change::Created | Change::Leaving))
            .map(|(name, _)| name.clone())
            .collect();
        for name in unmade {
            stack.forget(&name);
        }
        stack.transition = None;
        if stack.status == from {
            stack.finish(to, reason);
        }
    });
}

/// Removes all leftovers. Returns whether one would not go; None when interrupted.
pub(super) async fn run(cloud: &Arc<CloudFormation>, id: &str, interrupt: &Interrupt) -> Option<bool> {
    let mut failed = false;
    let mut started: Vec<Leftover> = Vec::new();
    let mut tasks: JoinSet<bool> = JoinSet::new();
    loop {
        if !interrupt.is_set() {
            let waiting = cloud.store.read(id, |stack| stack.leftovers.clone()).unwrap_or_default();
            for leftover in &waiting {
                let first = waiting.iter().any(|other| other != leftover && leftover.after.contains(&other.logical_id));
                if first || started.contains(leftover) {
                    continue;
                }
                started.push(leftover.clone());
                let (cloud, id, leftover) = (Arc::clone(cloud), id.to_owned(), leftover.clone());
                let interrupt = interrupt.clone();
                tasks.spawn(async move { remove(&cloud, &id, &leftover, &interrupt).await });
            }
        }
        match tasks.join_next().await {
            None => break,
            Some(Ok(is_gone)) => failed |= !is_gone,
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
    (!interrupt.is_set()).then_some(failed)
}

/// Whether the resource is gone, or stays because it should.
async fn remove(cloud: &CloudFormation, id: &str, leftover: &Leftover, interrupt: &Interrupt) -> bool {
    let advance = |status, reason| cloud.store.change(id, |stack| stack.advance_leftover(leftover, status, reason));
    if leftover.is_kept {
        cloud.store.change(id, |stack| {
            stack.advance_leftover(leftover, Phase::DeleteSkipped, None);
            stack.let_go(leftover, true);
        });
        return true;
    }
    advance(Phase::DeleteInProgress, None);
    let waiting = Duration::from_secs(timings::of(&leftover.resource_type).delete_seconds.into());
    let mut attempts = 0;
    let error = loop {
        attempts += 1;
        match delete(cloud, id, leftover).await {
            Ok(()) => break None,
            Err(error) if attempts == ATTEMPTS => break Some(error),
            Err(_) => {
                tokio::select! {
                    biased;
                    () = interrupt.set() => return true,
                    () = cloud.clock.wait(waiting) => {}
                }
            }
        }
    };
    if let Some(error) = error {
        let reason = handler_message(&leftover.resource_type, &error, "InvalidRequest");
        cloud.store.change(id, |stack| {
            stack.advance_leftover(leftover, Phase::DeleteFailed, Some(reason));
            stack.let_go(leftover, true);
        });
        return false;
    }
    let others = leftover.after.iter().cloned().collect();
    tokio::select! {
        biased;
        () = interrupt.set() => return true,
        () = cloud.wait(id, &leftover.logical_id, &others, waiting) => {}
    }
    cloud.store.change(id, |stack| {
        stack.advance_leftover(leftover, Phase::DeleteComplete, None);
        stack.let_go(leftover, false);
    });
    true
}

async fn delete(cloud: &CloudFormation, id: &str, leftover: &Leftover) -> Result<(), ProvisionError> {
    let place = cloud.store.read(id, |stack| (stack.pseudo.region.clone(), stack.name().to_owned()));
    let Some((region, stack_name)) = place else { return Ok(()) };
    if schema::is_built_in(&leftover.resource_type) {
        return Ok(());
    }
    let request = DeleteRequest {
        account: cloud.account.clone(),
        region,
        stack_name,
        resource_type: leftover.resource_type.clone(),
        physical_id: leftover.physical_id.clone(),
        properties: leftover.properties.clone(),
        despite_protection: false,
    };
    cloud.provisioner.delete(request).await
}

impl Stack {
    /// Records the event, and the status too where the leftover is the resource itself and not one that was replaced.
    fn advance_leftover(&mut self, leftover: &Leftover, status: Phase, reason: Option<String>) {
        if self.holds(leftover) {
            self.advance_resource(&leftover.logical_id, status, reason);
            return;
        }
        let (logical_id, physical_id) = (leftover.logical_id.clone(), leftover.physical_id.clone());
        self.record(logical_id, physical_id, leftover.resource_type.clone(), status, reason);
    }

    fn let_go(&mut self, leftover: &Leftover, lives_on: bool) {
        if self.holds(leftover) {
            self.forget(&leftover.logical_id);
        }
        self.leftovers.retain(|one| one != leftover);
        if lives_on {
            self.orphans.push(leftover.clone());
        }
    }

    fn holds(&self, leftover: &Leftover) -> bool {
        let record = self.resources.get(&leftover.logical_id);
        record.is_some_and(|record| record.physical_id.as_deref() == Some(leftover.physical_id.as_str()))
    }
}
