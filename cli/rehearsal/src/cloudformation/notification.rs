//! What the topics of a stack are told: each of its events, as a text of names and values.
//!
//! AWS documents that events are published and shows their fields in examples, not a grammar; the lines and their order
//! here are those of messages that AWS sent, as in the tests of its SaaS Boost (`CloudFormationEventDeserializerTest`).
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html>

use super::announce::Happening;
use super::definition::Definition;
use super::stack::{Stack, StackEvent};
use super::wire::{Form, QueryError, timestamp};
use serde_json::Value;

pub(super) const SUBJECT: &str = "AWS CloudFormation Notification";
const MOST_TOPICS: usize = 5;

/// The topics of one stack, and what of an event only the stack knows.
#[derive(Debug)]
pub(crate) struct Audience {
    pub topics: Vec<String>,
    account: String,
    stack_name: String,
    /// JSON; None for the stack itself.
    properties: Option<String>,
}

impl Audience {
    /// None where nobody is to be told.
    pub(super) fn of(stack: &Stack, event: &StackEvent) -> Option<Self> {
        let topics = stack.pseudo.notification_arns.clone();
        if topics.is_empty() {
            return None;
        }
        let is_stack = event.physical_id == stack.id();
        let record = stack.resources.get(&event.logical_id).filter(|_| !is_stack);
        let properties = record.map(|record| {
            let text = Value::Object(record.properties.clone()).to_string();
            super::changes::masked(text, Definition::of(stack).secrets())
        });
        let (account, stack_name) = (stack.pseudo.account.clone(), stack.name().to_owned());
        Some(Self { topics, account, stack_name, properties })
    }
}

/// At most five, each of which may be a topic.
pub(super) fn topics(form: &Form) -> Result<Vec<String>, QueryError> {
    let topics = form.list("NotificationARNs");
    if MOST_TOPICS < topics.len() {
        return Err(QueryError::validation(format!(
            "1 validation error detected: Value at 'notificationARNs' failed to satisfy constraint: Member must have length \
             less than or equal to {MOST_TOPICS}"
        )));
    }
    Ok(topics)
}

pub(super) fn text(happening: &Happening, audience: &Audience) -> String {
    let event = &happening.event;
    let account = audience.account.as_str();
    // The caller is the account's root, as STS says here.
    let lines = [
        ("StackId", happening.stack_id.clone()),
        ("Timestamp", timestamp(event.at)),
        ("EventId", event.id.clone()),
        ("LogicalResourceId", event.logical_id.clone()),
        ("Namespace", account.to_owned()),
        ("PhysicalResourceId", event.physical_id.clone()),
        ("PrincipalId", account.to_owned()),
        ("ResourceProperties", audience.properties.as_ref().map_or("null".to_owned(), |text| format!("{text}\n"))),
        ("ResourceStatus", event.status.as_str().to_owned()),
        ("ResourceStatusReason", event.reason.clone().unwrap_or_default()),
        ("ResourceType", event.resource_type.clone()),
        ("StackName", audience.stack_name.clone()),
        ("ClientRequestToken", event.client_token.clone().unwrap_or_else(|| "null".to_owned())),
    ];
    lines.into_iter().map(|(name, value)| format!("{name}='{value}'\n")).collect()
}
