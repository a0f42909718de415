//! The services behind CloudFormation, with faults in between.

use super::engine::{Faults, Occasion};
use super::planes::Plane;
use super::script::Action;
use super::terms::{Moment, ResourceMoment};
use crate::provision::{
    CreateRequest, DeleteRequest, Found, Lookup, Notice, ProvisionError, Provisioned, Provisioner, ReadRequest,
    Reading, UpdateRequest,
};
use async_trait::async_trait;
use std::sync::Arc;

pub struct FaultyProvisioner {
    pub inner: Arc<dyn Provisioner>,
    pub faults: Arc<Faults>,
}

impl FaultyProvisioner {
    /// Waits while the region's control plane is dead, then lets the faults speak.
    async fn pass(&self, resource: ResourceMoment<'_>) -> Result<(), ProvisionError> {
        self.faults.outages().until(resource.region, Plane::Control, false).await;
        for struck in self.faults.happen(Occasion::Resource(resource)) {
            if let Action::Fail { message, .. } = struck.action {
                let message = message.unwrap_or_else(|| "Internal Failure (a fault script)".to_owned());
                return Err(ProvisionError::Refused { message });
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Provisioner for FaultyProvisioner {
    async fn create(&self, request: CreateRequest) -> Result<Provisioned, ProvisionError> {
        self.pass(of_creation(&request, Moment::Create)).await?;
        self.inner.create(request).await
    }

    async fn stabilise(&self, request: &CreateRequest, provisioned: &Provisioned) -> Result<(), ProvisionError> {
        self.pass(of_creation(request, Moment::Stabilise)).await?;
        self.inner.stabilise(request, provisioned).await
    }

    async fn update(&self, request: UpdateRequest) -> Result<Provisioned, ProvisionError> {
        self.pass(of_creation(&request.wanted, Moment::Update)).await?;
        self.inner.update(request).await
    }

    async fn look_up(&self, region: &str, lookup: &Lookup) -> Result<Found, ProvisionError> {
        self.inner.look_up(region, lookup).await
    }

    async fn read(&self, request: &ReadRequest) -> Result<Reading, ProvisionError> {
        self.inner.read(request).await
    }

    async fn contents(&self, request: &ReadRequest) -> Result<Option<usize>, ProvisionError> {
        self.inner.contents(request).await
    }

    async fn find(&self, request: &CreateRequest) -> Result<Option<String>, ProvisionError> {
        self.inner.find(request).await
    }

    async fn adopt(&self, request: CreateRequest) -> Result<Provisioned, ProvisionError> {
        self.pass(of_creation(&request, Moment::Create)).await?;
        self.inner.adopt(request).await
    }

    async fn is_ringing(&self, region: &str, alarm: &str) -> Option<bool> {
        self.inner.is_ringing(region, alarm).await
    }

    async fn announce(&self, notice: Notice) {
        self.inner.announce(notice).await;
    }

    async fn publish(&self, topic: &str, subject: &str, text: &str) -> Result<(), ProvisionError> {
        let region = topic.split(':').nth(3).unwrap_or_default();
        if self.faults.outages().is_dead(region, Plane::Data) {
            return Err(ProvisionError::Refused { message: format!("the data plane of {region} is dead") });
        }
        self.inner.publish(topic, subject, text).await
    }

    async fn delete(&self, request: DeleteRequest) -> Result<(), ProvisionError> {
        let resource = ResourceMoment {
            resource_type: &request.resource_type,
            logical_id: None,
            stack: &request.stack_name,
            region: &request.region,
            moment: Moment::Delete,
        };
        // What a rehearsal clears up is no operation of CloudFormation.
        if !request.despite_protection {
            self.pass(resource).await?;
        }
        self.inner.delete(request).await
    }
}

fn of_creation(request: &CreateRequest, moment: Moment) -> ResourceMoment<'_> {
    ResourceMoment {
        resource_type: &request.resource_type,
        logical_id: Some(&request.logical_id),
        stack: &request.stack_name,
        region: &request.region,
        moment,
    }
}
