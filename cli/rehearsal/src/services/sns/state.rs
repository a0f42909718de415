//! The topics of one region.

use crate::services::wire::ServiceError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// By ARN.
    pub(super) topics: BTreeMap<String, Topic>,
    /// By ARN.
    pub(super) subscriptions: BTreeMap<String, Subscription>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Topic {
    /// The stack and logical id that it was made for; none for one made over the wire.
    pub(super) owner: Option<String>,
    pub(super) attributes: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Subscription {
    pub(super) topic: String,
    pub(super) protocol: String,
    pub(super) endpoint: String,
    pub(super) attributes: BTreeMap<String, String>,
}

impl Subscription {
    /// People confirm by a link in a mail, which nobody here sends.
    pub(super) fn is_pending(&self) -> bool {
        !matches!(self.protocol.as_str(), "sqs" | "lambda")
    }

    pub(super) fn is_raw(&self) -> bool {
        self.attributes.get("RawMessageDelivery").is_some_and(|raw| raw == "true")
    }
}

impl State {
    pub(super) fn topic(&self, arn: &str) -> Result<&Topic, ServiceError> {
        self.topics.get(arn).ok_or_else(no_topic)
    }

    pub(super) fn topic_mut(&mut self, arn: &str) -> Result<&mut Topic, ServiceError> {
        self.topics.get_mut(arn).ok_or_else(no_topic)
    }

    pub(super) fn remove_topic(&mut self, arn: &str) {
        self.topics.remove(arn);
        self.subscriptions.retain(|_, subscription| subscription.topic != arn);
    }
}

fn no_topic() -> ServiceError {
    ServiceError { status: 404, code: "NotFound".to_owned(), message: "Topic does not exist".to_owned() }
}

pub(super) fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidParameter", format!("Invalid parameter: {}", message.into()))
}
