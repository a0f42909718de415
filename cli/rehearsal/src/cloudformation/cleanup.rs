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
    if run(cloud, id, interrupt).await.is_some() {
        let (from, to) = (Phase::UpdateCompleteCleanupInProgress, Phase::UpdateComplete);
        finish(cloud, id, from, to, "Update successful. One or more resources could not be deleted.");
    }
}

pub(super) async fn after_rollback(cloud: &Arc<CloudFormation>, id: &str, interrupt: &Interrupt) {
    if run(cloud, id, interrupt).await.is_some() {
        let (from, to) = (Phase::UpdateRollbackCompleteCleanupInProgress, Phase::UpdateRollbackComplete);
        finish(cloud, id, from, to, "Update rollback successful. One or more resources could not be deleted.");
    }
}

fn finish(cloud: &CloudFormation, id: &str, from: Phase, to: Phase, complaint: &str) {
    cloud.store.change(id, |stack| {
        let unmade: Vec<String> = stack
            .resources
            .iter()
            .filter(|(_, record)| matches!(record.change, Change::Created | Change::Leaving))
            .map(|(name, _)| name.clone())
            .collect();
        for name in unmade {
            // What failed before there was anything to delete is deleted all the same, says the log of AWS.
            if stack.resources.get(&name).is_some_and(|record| record.physical_id.is_none() && record.status.is_some())
            {
                stack.advance_resource(&name, Phase::DeleteComplete, None);
            }
            // A resource that could not be deleted lives on outside.
            stack.forget(&name);
        }
        stack.transition = None;
        let has_failed = stack.events_of_phase().iter().any(|event| event.status == Phase::DeleteFailed);
        if stack.status == from {
            stack.finish(to, has_failed.then(|| complaint.to_owned()));
        }
    });
}

/// Removes all leftovers, or lets those go that will not; None when interrupted.
pub(super) async fn run(cloud: &Arc<CloudFormation>, id: &str, interrupt: &Interrupt) -> Option<()> {
    let mut started: Vec<Leftover> = Vec::new();
    let mut tasks: JoinSet<()> = JoinSet::new();
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
            Some(Ok(())) => {}
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
    (!interrupt.is_set()).then_some(())
}

async fn remove(cloud: &CloudFormation, id: &str, leftover: &Leftover, interrupt: &Interrupt) {
    let end = |status, reason| {
        cloud.store.change(id, |stack| {
            stack.advance_leftover(leftover, status, reason);
            stack.let_go(leftover, status != Phase::DeleteComplete);
        });
    };
    if leftover.is_kept {
        return end(Phase::DeleteSkipped, None);
    }
    cloud.store.change(id, |stack| {
        if !stack.has_come_to(&leftover.logical_id, &leftover.physical_id, Phase::DeleteInProgress) {
            stack.advance_leftover(leftover, Phase::DeleteInProgress, None);
        }
    });
    let waiting = Duration::from_secs(timings::of(&leftover.resource_type).delete_seconds.into());
    let others = leftover.after.iter().cloned().collect();
    let mut attempts = 0;
    loop {
        attempts += 1;
        let outcome = delete(cloud, id, leftover).await;
        if let Err(error) = &outcome
            && attempts == ATTEMPTS
        {
            let reason = handler_message(&leftover.resource_type, error, "InvalidRequest");
            return end(Phase::DeleteFailed, Some(reason));
        }
        tokio::select! {
            biased;
            () = interrupt.set() => return,
            () = cloud.wait(id, &leftover.logical_id, &others, waiting) => {}
        }
        if outcome.is_ok() {
            return end(Phase::DeleteComplete, None);
        }
    }
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
