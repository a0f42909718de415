//! SNS over the wire (the query protocol), and for the services beside it.

use super::operations;
use super::resource;
use super::state::State;
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::access::{self, Caller};
use crate::services::adoption::Claim;
use crate::services::lambda::Lambda;
use crate::services::regional::Regional;
use crate::services::sqs::Sqs;
use crate::services::store::StoreError;
use crate::services::wire::{self, Request, Response, ServiceError, with_content_type};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";

pub(crate) struct Sns {
    pub(super) account: String,
    pub(super) regions: Regional<State>,
    pub(super) sqs: Arc<Sqs>,
    pub(super) lambda: Arc<Lambda>,
}

/// The fields of a call.
pub(super) type Form = BTreeMap<String, String>;

impl Sns {
    pub(crate) fn open(dir: &Path, account: &str, sqs: Arc<Sqs>, lambda: Arc<Lambda>) -> Result<Self, StoreError> {
        Ok(Self { account: account.to_owned(), regions: Regional::open(dir.join("sns"))?, sqs, lambda })
    }

    pub(crate) fn handle(&self, region: &str, request: &Request) -> Response {
        let form: Form = form_urlencoded::parse(request.body()).into_owned().collect();
        let Some(action) = form.get("Action") else { return wire::not_there("sns", request) };
        match operations::run(self, region, action, &form) {
            Some(Ok(result)) => {
                let body = format!(
                    "<{action}Response xmlns=\"{NAMESPACE}\"><{action}Result>{result}</{action}Result><ResponseMetadata>\
                     <RequestId>{}</RequestId></ResponseMetadata></{action}Response>",
                    uuid::Uuid::new_v4()
                );
                with_content_type(200, "text/xml", body)
            }
            Some(Err(error)) => wire::query_error_response(&error),
            None => wire::not_there("sns", request),
        }
    }

    pub(crate) fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        resource::create(self, request)
    }

    pub(crate) fn claim(&self, request: &CreateRequest, claim: Claim) -> Result<Option<Provisioned>, ProvisionError> {
        resource::claim(self, request, claim)
    }

    pub(crate) fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        resource::update(self, request)
    }

    pub(crate) fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        resource::delete(self, request)
    }

    /// Publishes with the rights of who owns the topic.
    pub(crate) fn publish_by_owner(&self, arn: &str, subject: &str, text: &str) -> Result<(), ServiceError> {
        let message = Message {
            body: text.to_owned(),
            subject: Some(subject.to_owned()),
            attributes: json!({}),
            ..Message::default()
        };
        self.publish(arn, message).map(drop)
    }

    /// Publishes for another service, which the topic's policy has to let in.
    pub(crate) fn publish_for(
        &self,
        caller: Caller<'_>,
        arn: &str,
        subject: Option<&str>,
        text: &str,
    ) -> Result<(), ServiceError> {
        let region = arn.split(':').nth(3).unwrap_or_default();
        let policy = self.regions.of(region)?.read(|state| {
            let policy = state.topic(arn)?.attributes.get("Policy");
            Ok::<_, ServiceError>(policy.and_then(|policy| serde_json::from_str(policy).ok()))
        })?;
        let policy: Value = policy.unwrap_or_else(|| access::of_new_topic(arn, &self.account));
        access::check(&policy, caller, "sns:Publish", arn)?;
        let subject = subject.map(|subject| subject.chars().take(LONGEST_SUBJECT).collect());
        let message = Message { body: text.to_owned(), subject, attributes: json!({}), ..Message::default() };
        self.publish(arn, message).map(drop)
    }
}

/// The API reference, `Publish`.
const LONGEST_SUBJECT: usize = 100;

/// Something published.
#[derive(Debug, Clone, Default)]
pub(super) struct Message {
    pub(super) body: String,
    /// Another body for some protocols (`MessageStructure: json`).
    pub(super) by_protocol: BTreeMap<String, String>,
    pub(super) subject: Option<String>,
    /// Name to `{ "Type", "Value" }`.
    pub(super) attributes: Value,
    pub(super) group: Option<String>,
    pub(super) deduplication: Option<String>,
}
