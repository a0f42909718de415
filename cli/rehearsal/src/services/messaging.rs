//! The services that carry and keep what others send: queues, buckets and keys.

use super::adoption::Claim;
use super::kms::Kms;
use super::s3::S3;
use super::sqs::Sqs;
use super::store::StoreError;
use super::wire::{Request, Response};
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use std::path::Path;
use std::sync::Arc;

pub(crate) struct Messaging {
    kms: Kms,
    s3: Arc<S3>,
    sqs: Arc<Sqs>,
}

/// Who answers for a resource type.
enum Owner {
    Kms,
    S3,
    Sqs,
}

impl Owner {
    fn of(resource_type: &str) -> Option<Self> {
        match resource_type {
            "AWS::KMS::Alias" | "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" => Some(Self::Kms),
            "AWS::S3::Bucket" | "AWS::S3::BucketPolicy" => Some(Self::S3),
            "AWS::SQS::Queue" | "AWS::SQS::QueuePolicy" => Some(Self::Sqs),
            _ => None,
        }
    }
}

impl Messaging {
    pub(crate) fn open(dir: &Path, account: &str) -> Result<Self, StoreError> {
        Ok(Self {
            kms: Kms::open(dir, account)?,
            s3: Arc::new(S3::open(dir, account)?),
            sqs: Arc::new(Sqs::open(dir, account)?),
        })
    }

    pub(crate) fn owns(resource_type: &str) -> bool {
        Owner::of(resource_type).is_some()
    }

    /// By signing name; none for a service that is not one of these.
    pub(crate) async fn handle(&self, region: &str, service: &str, request: &Request) -> Option<Response> {
        match service {
            "kms" => Some(self.kms.handle(region, request)),
            "s3" => Some(self.s3.handle(region, request)),
            "sqs" => Some(self.sqs.handle(region, request).await),
            _ => None,
        }
    }

    pub(crate) async fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        match Owner::of(&request.resource_type) {
            Some(Owner::Kms) => self.kms.create(request),
            Some(Owner::S3) => self.s3.create(request),
            Some(Owner::Sqs) => self.sqs.create(request),
            None => Err(not_offered(&request.resource_type)),
        }
    }

    pub(crate) async fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        match Owner::of(&request.wanted.resource_type) {
            Some(Owner::Kms) => self.kms.update(request),
            Some(Owner::S3) => self.s3.update(request),
            Some(Owner::Sqs) => self.sqs.update(request),
            None => Err(not_offered(&request.wanted.resource_type)),
        }
    }

    pub(crate) fn claim(&self, request: &CreateRequest, claim: Claim) -> Result<Option<Provisioned>, ProvisionError> {
        match request.resource_type.as_str() {
            "AWS::S3::Bucket" => self.s3.claim(request, claim),
            "AWS::SQS::Queue" => self.sqs.claim(request, claim),
            other => Err(ProvisionError::not_importable(other)),
        }
    }

    pub(crate) async fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        match Owner::of(&request.resource_type) {
            Some(Owner::Kms) => self.kms.delete(request),
            Some(Owner::S3) => self.s3.delete(request),
            Some(Owner::Sqs) => self.sqs.delete(request),
            None => Err(not_offered(&request.resource_type)),
        }
    }
}

fn not_offered(resource_type: &str) -> ProvisionError {
    ProvisionError::Refused { message: format!("the rehearsal cloud does not offer {resource_type}") }
}
