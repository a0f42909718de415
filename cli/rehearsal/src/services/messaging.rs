//! The services that carry and keep what others send: queues, topics, mails, events, functions, logs, buckets and keys.

use super::adoption::Claim;
use super::cloudwatch::Bells;
use super::events::Events;
use super::kms::Kms;
use super::lambda::{Lambda, Surroundings};
use super::logs::Logs;
use super::route53::Route53;
use super::s3::S3;
use super::ses::Ses;
use super::sns::Sns;
use super::sqs::Sqs;
use super::store::StoreError;
use super::wire::{Request, Response};
use crate::clock::Clock;
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::replication::regions::Regions;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) struct Messaging {
    events: Arc<Events>,
    kms: Kms,
    lambda: Arc<Lambda>,
    logs: Arc<Logs>,
    s3: Arc<S3>,
    ses: Ses,
    sns: Arc<Sns>,
    sqs: Arc<Sqs>,
}

/// What all of them need.
pub(crate) struct Standing {
    pub(crate) account: String,
    pub(crate) endpoint: String,
    pub(crate) log_dir: PathBuf,
    pub(crate) clock: Arc<Clock>,
    pub(crate) regions: Arc<Regions>,
    /// By whose records domains are proven.
    pub(crate) route53: Arc<Route53>,
}

/// Who answers for a resource type.
enum Owner {
    Events,
    Kms,
    Lambda,
    Logs,
    S3,
    Ses,
    Sns,
    Sqs,
}

impl Owner {
    fn of(resource_type: &str) -> Option<Self> {
        match resource_type {
            "AWS::Events::Rule" => Some(Self::Events),
            "AWS::KMS::Alias" | "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" => Some(Self::Kms),
            "AWS::Lambda::EventSourceMapping" | "AWS::Lambda::Function" | "AWS::Lambda::Permission" => {
                Some(Self::Lambda)
            }
            "AWS::Logs::LogGroup" => Some(Self::Logs),
            "AWS::S3::Bucket" | "AWS::S3::BucketPolicy" => Some(Self::S3),
            "AWS::SES::ConfigurationSet" | "AWS::SES::ConfigurationSetEventDestination" | "AWS::SES::EmailIdentity" => {
                Some(Self::Ses)
            }
            "AWS::SNS::Subscription" | "AWS::SNS::Topic" | "AWS::SNS::TopicPolicy" => Some(Self::Sns),
            "AWS::SQS::Queue" | "AWS::SQS::QueuePolicy" => Some(Self::Sqs),
            _ => None,
        }
    }
}

impl Messaging {
    /// Goes on with what was under way: events, mappings, schedules. Needs a runtime.
    pub(crate) fn open(dir: &Path, standing: Standing) -> Result<Self, StoreError> {
        let Standing { account, endpoint, log_dir, clock, regions, route53 } = standing;
        let logs = Logs::open(dir, &account)?;
        let s3 = Arc::new(S3::open(dir, &account)?);
        let sqs = Arc::new(Sqs::open(dir, &account)?);
        let surroundings = Surroundings {
            account: account.clone(),
            endpoint,
            log_dir,
            clock: Arc::clone(&clock),
            logs: Arc::clone(&logs),
            regions: Arc::clone(&regions),
            s3: Arc::clone(&s3),
            sqs: Arc::clone(&sqs),
        };
        let lambda = Lambda::open(dir, surroundings)?;
        let sns = Arc::new(Sns::open(dir, &account, Arc::clone(&sqs), Arc::clone(&lambda))?);
        let targets = (Arc::clone(&sqs), Arc::clone(&sns), Arc::clone(&lambda));
        let ses = Ses::open(dir, &account, Arc::clone(&sns), route53)?;
        let events = Events::open(dir, &account, (clock, regions), targets)?;
        Ok(Self { events, kms: Kms::open(dir, &account)?, lambda, logs, s3, ses, sns, sqs })
    }

    /// Ends schedules, mappings and functions; events that wait are kept.
    pub(crate) async fn stop(&self) {
        self.events.stop().await;
        self.lambda.stop().await;
        self.logs.stop().await;
    }

    /// Where AWS's own services tell of themselves.
    pub(crate) fn events(&self) -> Arc<Events> {
        Arc::clone(&self.events)
    }

    /// Where things are kept.
    pub(crate) fn s3(&self) -> Arc<S3> {
        Arc::clone(&self.s3)
    }

    /// What was sent from a region, as JSON, oldest first.
    pub(crate) fn mails(&self, region: &str) -> Result<Vec<serde_json::Value>, StoreError> {
        self.ses.mails(region)
    }

    /// Where the output of programs goes.
    pub(crate) fn logs(&self) -> Arc<Logs> {
        Arc::clone(&self.logs)
    }

    /// What alarms can do.
    pub(crate) fn bells(&self) -> Bells {
        Bells { events: self.events(), lambda: Arc::clone(&self.lambda), sns: Arc::clone(&self.sns) }
    }

    /// To a topic of the account, by the account.
    pub(crate) fn publish(&self, topic: &str, subject: &str, text: &str) -> Result<(), ProvisionError> {
        let published = self.sns.publish_by_owner(topic, subject, text);
        published.map_err(|error| ProvisionError::Refused { message: error.message })
    }

    pub(crate) fn owns(resource_type: &str) -> bool {
        Owner::of(resource_type).is_some()
    }

    /// By signing name; none for a service that is not one of these.
    pub(crate) async fn handle(&self, region: &str, service: &str, request: &Request) -> Option<Response> {
        match service {
            "events" => Some(self.events.handle(region, request)),
            "kms" => Some(self.kms.handle(region, request)),
            "lambda" => Some(self.lambda.handle(region, request).await),
            "logs" => Some(self.logs.handle(region, request)),
            "s3" => Some(self.s3.handle(region, request)),
            "ses" => Some(self.ses.handle(region, request)),
            "sns" => Some(self.sns.handle(region, request)),
            "sqs" => Some(self.sqs.handle(region, request).await),
            _ => None,
        }
    }

    pub(crate) async fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        match Owner::of(&request.resource_type) {
            Some(Owner::Events) => self.events.create(request),
            Some(Owner::Kms) => self.kms.create(request),
            Some(Owner::Lambda) => self.lambda.create(request),
            Some(Owner::Logs) => self.logs.create(request),
            Some(Owner::S3) => self.s3.create(request),
            Some(Owner::Ses) => self.ses.create(request),
            Some(Owner::Sns) => self.sns.create(request),
            Some(Owner::Sqs) => self.sqs.create(request),
            None => Err(not_offered(&request.resource_type)),
        }
    }

    pub(crate) async fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        match Owner::of(&request.wanted.resource_type) {
            Some(Owner::Events) => self.events.update(request),
            Some(Owner::Kms) => self.kms.update(request),
            Some(Owner::Lambda) => self.lambda.update(request),
            Some(Owner::Logs) => self.logs.update(request),
            Some(Owner::S3) => self.s3.update(request),
            Some(Owner::Ses) => self.ses.update(request),
            Some(Owner::Sns) => self.sns.update(request),
            Some(Owner::Sqs) => self.sqs.update(request),
            None => Err(not_offered(&request.wanted.resource_type)),
        }
    }

    pub(crate) fn claim(&self, request: &CreateRequest, claim: Claim) -> Result<Option<Provisioned>, ProvisionError> {
        match request.resource_type.as_str() {
            "AWS::Events::Rule" => self.events.claim(request, claim),
            "AWS::Lambda::Function" => self.lambda.claim(request, claim),
            "AWS::Logs::LogGroup" => self.logs.claim(request, claim),
            "AWS::S3::Bucket" => self.s3.claim(request, claim),
            "AWS::SNS::Topic" => self.sns.claim(request, claim),
            "AWS::SQS::Queue" => self.sqs.claim(request, claim),
            other => Err(ProvisionError::not_importable(other)),
        }
    }

    pub(crate) async fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        match Owner::of(&request.resource_type) {
            Some(Owner::Events) => self.events.delete(request),
            Some(Owner::Kms) => self.kms.delete(request),
            Some(Owner::Lambda) => self.lambda.delete(request),
            Some(Owner::Logs) => self.logs.delete(request),
            Some(Owner::S3) => self.s3.delete(request),
            Some(Owner::Ses) => self.ses.delete(request),
            Some(Owner::Sns) => self.sns.delete(request),
            Some(Owner::Sqs) => self.sqs.delete(request),
            None => Err(not_offered(&request.resource_type)),
        }
    }
}

fn not_offered(resource_type: &str) -> ProvisionError {
    ProvisionError::Refused { message: format!("the rehearsal cloud does not offer {resource_type}") }
}
