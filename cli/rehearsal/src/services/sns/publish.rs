//! `Publish` and `PublishBatch`.

use super::operations::{element, field, list, required};
use super::service::{Form, Message, Sns};
use super::state::invalid;
use crate::services::wire::ServiceError;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const MOST_ENTRIES: usize = 10;

pub(super) fn run(sns: &Sns, region: &str, form: &Form) -> Result<String, ServiceError> {
    let arn = ["TopicArn", "TargetArn"].iter().find_map(|name| form.get(*name));
    let arn = arn.ok_or_else(|| invalid("TopicArn or TargetArn; the rehearsal cloud sends no text messages"))?;
    check_region(arn, region)?;
    Ok(element("MessageId", &sns.publish(arn, message(form, "")?)?))
}

/// Each entry succeeds or fails alone.
pub(super) fn run_batch(sns: &Sns, region: &str, form: &Form) -> Result<String, ServiceError> {
    let arn = required(form, "TopicArn")?;
    check_region(arn, region)?;
    let prefix = |index: usize| format!("PublishBatchRequestEntries.member.{index}.");
    let ids: Vec<&str> =
        (1..).map_while(|index| form.get(&format!("{}Id", prefix(index)))).map(String::as_str).collect();
    let refusal = |code: &str, message: &str| Err(ServiceError::new(code, message));
    if ids.is_empty() {
        return refusal("EmptyBatchRequest", "The batch request doesn't contain any entries.");
    }
    if MOST_ENTRIES < ids.len() {
        return refusal("TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.");
    }
    if ids.iter().enumerate().any(|(index, id)| ids.iter().skip(index + 1).any(|other| other == id)) {
        return refusal("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.");
    }
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for (index, id) in ids.iter().enumerate() {
        let published = message(form, &prefix(index + 1)).and_then(|message| sns.publish(arn, message));
        match published {
            Ok(message_id) => done.push(element("Id", id) + &element("MessageId", &message_id)),
            // What the topic lacks, everything in the batch lacks.
            Err(error) if error.code == "NotFound" => return Err(error),
            Err(error) => failed.push(
                element("Id", id)
                    + &element("Code", &error.code)
                    + &element("Message", &error.message)
                    + &element("SenderFault", if error.status < 500 { "true" } else { "false" }),
            ),
        }
    }
    Ok(list("Successful", done.into_iter()) + &list("Failed", failed.into_iter()))
}

fn message(form: &Form, prefix: &str) -> Result<Message, ServiceError> {
    let mut attributes = Map::new();
    for index in 1.. {
        let part = |name: &str| form.get(&format!("{prefix}MessageAttributes.entry.{index}.{name}"));
        let Some(name) = part("Name") else { break };
        let value = part("Value.StringValue").or_else(|| part("Value.BinaryValue"));
        attributes.insert(name.clone(), json!({ "Type": part("Value.DataType"), "Value": value }));
    }
    let optional = |name: &str| form.get(&format!("{prefix}{name}")).filter(|value| !value.is_empty()).cloned();
    let mut body = field(form, &format!("{prefix}Message")).to_owned();
    let mut by_protocol = BTreeMap::new();
    match optional("MessageStructure").as_deref() {
        None => {}
        Some("json") => {
            let parsed: Result<BTreeMap<String, String>, _> = serde_json::from_str(&body);
            by_protocol = parsed.map_err(|_| invalid("Message Structure - JSON message body failed to parse"))?;
            let default = by_protocol.get("default").cloned();
            body = default.ok_or_else(|| invalid("Message Structure - No default entry in JSON message body"))?;
        }
        Some(other) => return Err(invalid(format!("MessageStructure {other}"))),
    }
    Ok(Message {
        body,
        by_protocol,
        subject: optional("Subject"),
        attributes: Value::Object(attributes),
        group: optional("MessageGroupId"),
        deduplication: optional("MessageDeduplicationId"),
    })
}

/// A topic is reached in its own region only.
fn check_region(arn: &str, region: &str) -> Result<(), ServiceError> {
    if arn.split(':').nth(3) == Some(region) { Ok(()) } else { Err(invalid("TopicArn")) }
}
