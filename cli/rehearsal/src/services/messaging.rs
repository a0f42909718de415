//! The services that carry and keep what others send: queues.

use super::sqs::Sqs;
use super::store::StoreError;
use super::wire::{Request, Response};
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use std::path::Path;
use std::sync::Arc;

pub(crate) struct Messaging {
    sqs: Arc<Sqs>,
}

/// Who answers for a resource type.
enum Owner {
    Sqs,
}

impl Owner {
    fn of(resource_type: &str) -> Option<Self> {
        match resource_type {
            "AWS::SQS::Queue" | "AWS::SQS::QueuePolicy" => Some(Self::Sqs),
            _ => None,
        }
    }
}

impl Messaging {
    pub(crate) fn open(dir: &Path, account: &str) -> Result<Self, StoreError> {
        Ok(Self { sqs: Arc::new(Sqs::open(dir, account)?) })
    }

    pub(crate) fn owns(resource_type: &str) -> bool {
        Owner::of(resource_type).is_some()
    }

    /// By signing name; none for a service that is not one of these.
    pub(crate) async fn handle(&self, region: &str, service: &str, request: &Request) -> Option<Response> {
        match service {
            "sqs" => Some(self.sqs.handle(region, request).await),
            _ => None,
        }
    }

    pub(crate) async fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        match Owner::of(&request.resource_type) {
            Some(Owner::Sqs) => self.sqs.create(request),
            None => Err(not_offered(&request.resource_type)),
        }
    }

    pub(crate) async fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        match Owner::of(&request.wanted.resource_type) {
            Some(Owner::Sqs) => self.sqs.update(request),
            None => Err(not_offered(&request.wanted.resource_type)),
        }
    }

    pub(crate) async fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        match Owner::of(&request.resource_type) {
            Some(Owner::Sqs) => self.sqs.delete(request),
            None => Err(not_offered(&request.resource_type)),
        }
    }
}

fn not_offered(resource_type: &str) -> ProvisionError {
    ProvisionError::Refused { message: format!("the rehearsal cloud does not offer {resource_type}") }
}
