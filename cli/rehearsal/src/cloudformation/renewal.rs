//! Changing one resource: in place, or by making another one instead.

use super::create::{self, handler_message};
use super::difference;
use super::operations::{CloudFormation, Interrupt};
use super::order::Outcome;
use super::schema;
use super::stack::Phase;
use super::transition::Change;
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::timings;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// One resource of the stack that is being updated.
pub(super) struct Work<'a> {
    pub(super) cloud: &'a CloudFormation,
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    pub(super) needed: &'a BTreeSet<String>,
    pub(super) interrupt: &'a Interrupt,
    pub(super) abandon: &'a CancellationToken,
}

pub(super) async fn change(work: &Work<'_>, request: UpdateRequest) -> Outcome {
    let wanted = request.wanted.clone();
    let resource_type = wanted.resource_type.clone();
    let updated = if schema::is_built_in(&resource_type) {
        Ok(Provisioned { physical_id: request.physical_id, attributes: request.attributes })
    } else {
        work.cloud.provisioner.update(request).await
    };
    match updated {
        Ok(provisioned) => {
            let waiting = timings::of(&resource_type).update_seconds(&resource_type);
            work.settle(&wanted, &provisioned, waiting).await
        }
        Err(error) => {
            work.advance(Phase::UpdateFailed, Some(handler_message(&resource_type, &error, "InvalidRequest")));
            Outcome::Failed
        }
    }
}

pub(super) async fn replace(work: &Work<'_>, request: CreateRequest, made: Option<Provisioned>) -> Outcome {
    let resource_type = request.resource_type.as_str();
    let made = match made {
        Some(made) => Ok(made),
        None => work.make_instead(&request).await,
    };
    match made {
        Ok(provisioned) => work.settle(&request, &provisioned, timings::of(resource_type).create_seconds).await,
        Err(error) => {
            work.advance(Phase::UpdateFailed, Some(handler_message(resource_type, &error, "InvalidRequest")));
            Outcome::Failed
        }
    }
}

impl Work<'_> {
    pub(super) fn advance(&self, status: Phase, reason: Option<String>) {
        self.cloud.store.change(self.id, |stack| stack.advance_resource(self.name, status, reason));
    }

    async fn make_instead(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        if difference::is_replaced_by_deleting_first(&request.resource_type) {
            self.delete_first(request).await?;
        }
        let provisioned = create::provision(self.cloud, request).await?;
        self.cloud.store.change(self.id, |stack| {
            if let Some(record) = stack.resources.get_mut(self.name) {
                record.physical_id = Some(provisioned.physical_id.clone());
                record.attributes.clone_from(&provisioned.attributes);
            }
            let reason = Some("Resource creation Initiated".to_owned());
            stack.advance_resource(self.name, Phase::UpdateInProgress, reason);
        });
        Ok(provisioned)
    }

    /// For types of which two cannot exist together.
    async fn delete_first(&self, request: &CreateRequest) -> Result<(), ProvisionError> {
        let before = self.cloud.store.read(self.id, |stack| match &stack.resources.get(self.name)?.change {
            Change::Changed(before) if !before.is_gone => Some((**before).clone()),
            _ => None,
        });
        let Some(before) = before.flatten() else { return Ok(()) };
        let deletion = DeleteRequest {
            account: request.account.clone(),
            region: request.region.clone(),
            stack_name: request.stack_name.clone(),
            resource_type: request.resource_type.clone(),
            physical_id: before.physical_id,
            properties: before.properties,
            despite_protection: false,
        };
        self.cloud.provisioner.delete(deletion).await?;
        self.cloud.store.change(self.id, |stack| {
            if let Some(record) = stack.resources.get_mut(self.name)
                && let Change::Changed(before) = &mut record.change
            {
                before.is_gone = true;
            }
        });
        Ok(())
    }

    /// Waits until the resource works as it should now.
    async fn settle(&self, wanted: &CreateRequest, provisioned: &Provisioned, seconds: u32) -> Outcome {
        let waiting = Duration::from_secs(seconds.into());
        let stable = async {
            self.cloud.wait(self.id, self.name, self.needed, waiting).await;
            if schema::is_built_in(&wanted.resource_type) {
                return Ok(());
            }
            self.cloud.provisioner.stabilise(wanted, provisioned).await
        };
        let stable = tokio::select! {
            biased;
            () = self.interrupt.shutdown.cancelled() => return Outcome::Left,
            () = self.interrupt.cancelled.cancelled() => None,
            () = self.abandon.cancelled() => None,
            stable = stable => Some(stable),
        };
        match stable {
            Some(Ok(())) => {
                self.cloud.store.change(self.id, |stack| {
                    if let Some(record) = stack.resources.get_mut(self.name) {
                        record.attributes.clone_from(&provisioned.attributes);
                    }
                    stack.advance_resource(self.name, Phase::UpdateComplete, None);
                });
                Outcome::Complete
            }
            Some(Err(error)) => {
                let reason = handler_message(&wanted.resource_type, &error, "NotStabilized");
                self.advance(Phase::UpdateFailed, Some(reason));
                Outcome::Failed
            }
            None => {
                self.advance(Phase::UpdateFailed, Some("Resource update cancelled".to_owned()));
                Outcome::Cancelled
            }
        }
    }
}
