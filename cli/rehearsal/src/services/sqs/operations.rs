//! Each operation, as a function of the state, the input and the time.

use super::attributes::{self, invalid};
use super::batch;
use super::message::{Draft, Millis, attributes_digest, md5_hex};
use super::moving;
use super::queue::Queue;
use super::state::{Place, State, message_of, name_of};
use crate::services::wire::ServiceError;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// One call.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) place: Place<'a>,
    pub(super) input: &'a Value,
    pub(super) now: Millis,
}

impl<'a> Call<'a> {
    pub(super) fn text(&self, name: &str) -> Result<&'a str, ServiceError> {
        self.input[name].as_str().filter(|text| !text.is_empty()).ok_or_else(|| {
            let message = format!("The request must contain the parameter {name}.");
            ServiceError::new("MissingRequiredParameterException", message)
        })
    }

    pub(super) fn queue_url(&self) -> Result<&'a str, ServiceError> {
        self.text("QueueUrl")
    }
}

/// Operations that change nothing; none for all others.
pub(super) fn read(state: &State, operation: &str, call: Call<'_>) -> Option<Result<Value, ServiceError>> {
    Some(match operation {
        "GetQueueUrl" => call.text("QueueName").and_then(|name| {
            state.queue(name)?;
            Ok(json!({ "QueueUrl": call.place.url(name) }))
        }),
        "GetQueueAttributes" => get_attributes(state, call),
        "ListQueues" => Ok(list(state, call)),
        "ListDeadLetterSourceQueues" => call.queue_url().and_then(|url| {
            state.queue(url)?;
            let sources = state.sources_of(&call.place.arn(name_of(url)));
            let urls: Vec<String> = sources.into_iter().map(|name| call.place.url(name)).collect();
            Ok(json!({ "queueUrls": urls }))
        }),
        "ListQueueTags" => call.queue_url().and_then(|url| Ok(json!({ "Tags": state.queue(url)?.tags }))),
        "ListMessageMoveTasks" => Ok(moving::list(state, call.input)),
        _ => return None,
    })
}

/// Operations that change something, but for `ReceiveMessage`, which may wait; none for all others.
pub(super) fn change(state: &mut State, operation: &str, call: Call<'_>) -> Option<Result<Value, ServiceError>> {
    Some(match operation {
        "CreateQueue" => create(state, call),
        "DeleteQueue" => on_queue(call, |url| {
            state.queues.remove(name_of(url)).map(|_| json!({})).ok_or_else(super::state::no_queue)
        }),
        "SetQueueAttributes" => on_queue(call, |url| {
            let changes = attributes::of_wire(&call.input["Attributes"]);
            state.set_attributes(url, changes, call.now).map(|()| json!({}))
        }),
        "PurgeQueue" => on_queue(call, |url| purge(state.queue_mut(url)?, call.now)),
        "TagQueue" => on_queue(call, |url| {
            state.queue_mut(url)?.tags.extend(texts(&call.input["Tags"]));
            Ok(json!({}))
        }),
        "UntagQueue" => on_queue(call, |url| {
            let keys = call.input["TagKeys"].as_array().cloned().unwrap_or_default();
            state.queue_mut(url)?.tags.retain(|tag, _| !keys.iter().any(|key| key == tag));
            Ok(json!({}))
        }),
        "SendMessage" => on_queue(call, |url| send(state.queue_mut(url)?, call.input, call.now)),
        "SendMessageBatch" => on_queue(call, |url| {
            let queue = state.queue_mut(url)?;
            batch::each(call.input, |entry| send(queue, entry, call.now))
        }),
        "DeleteMessage" => on_queue(call, |url| delete(state.queue_mut(url)?, call.input, call.now)),
        "DeleteMessageBatch" => on_queue(call, |url| {
            let queue = state.queue_mut(url)?;
            batch::each(call.input, |entry| delete(queue, entry, call.now))
        }),
        "ChangeMessageVisibility" => {
            on_queue(call, |url| change_visibility(state.queue_mut(url)?, call.input, call.now))
        }
        "ChangeMessageVisibilityBatch" => on_queue(call, |url| {
            let queue = state.queue_mut(url)?;
            batch::each(call.input, |entry| change_visibility(queue, entry, call.now))
        }),
        "StartMessageMoveTask" => moving::start(state, call.place, call.input, call.now),
        "CancelMessageMoveTask" => moving::cancel(state, call.input),
        _ => return None,
    })
}

fn on_queue(call: Call<'_>, run: impl FnOnce(&str) -> Result<Value, ServiceError>) -> Result<Value, ServiceError> {
    call.queue_url().and_then(run)
}

fn create(state: &mut State, call: Call<'_>) -> Result<Value, ServiceError> {
    let name = call.text("QueueName")?;
    let tags = texts(&call.input["tags"]);
    state.create(name, attributes::of_wire(&call.input["Attributes"]), tags, call.now)?;
    Ok(json!({ "QueueUrl": call.place.url(name) }))
}

fn send(queue: &mut Queue, input: &Value, now: Millis) -> Result<Value, ServiceError> {
    let text = |name: &str| input[name].as_str().map(str::to_owned);
    let attributes = input["MessageAttributes"].as_object().cloned().unwrap_or_default();
    if 10 < attributes.len() {
        return Err(invalid("Number of message attributes [11] exceeds the allowed maximum [10]."));
    }
    let draft = Draft {
        body: text("MessageBody").unwrap_or_default(),
        attributes,
        trace_header: input["MessageSystemAttributes"]["AWSTraceHeader"]["StringValue"].as_str().map(str::to_owned),
        delay_seconds: input["DelaySeconds"].as_i64(),
        group: text("MessageGroupId"),
        deduplication: text("MessageDeduplicationId"),
    };
    let body = md5_hex(draft.body.as_bytes());
    let digest = (!draft.attributes.is_empty()).then(|| attributes_digest(&draft.attributes));
    let sent = queue.send(draft, &uuid::Uuid::new_v4().to_string(), now)?;
    let mut answer = json!({ "MessageId": sent.id, "MD5OfMessageBody": body });
    if let Some(digest) = digest {
        answer["MD5OfMessageAttributes"] = json!(digest);
    }
    if let Some(sequence) = sent.sequence_text() {
        answer["SequenceNumber"] = json!(sequence);
    }
    Ok(answer)
}

fn delete(queue: &mut Queue, input: &Value, now: Millis) -> Result<Value, ServiceError> {
    let receipt = input["ReceiptHandle"].as_str().unwrap_or_default();
    queue.delete(message_of(receipt)?, receipt, now).map(|()| json!({}))
}

fn change_visibility(queue: &mut Queue, input: &Value, now: Millis) -> Result<Value, ServiceError> {
    let receipt = input["ReceiptHandle"].as_str().unwrap_or_default();
    let seconds = input["VisibilityTimeout"].as_i64().unwrap_or(-1);
    if !(0..=43_200).contains(&seconds) {
        return Err(invalid(format!(
            "Value {seconds} for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must be between 0 and 43200."
        )));
    }
    queue.change_visibility(message_of(receipt)?, receipt, seconds * 1000, now).map(|()| json!({}))
}

/// At most once a minute.
fn purge(queue: &mut Queue, now: Millis) -> Result<Value, ServiceError> {
    if queue.purged.is_some_and(|at| now < at + 60_000) {
        let message = "Only one PurgeQueue operation is allowed every 60 seconds.";
        return Err(ServiceError { status: 403, code: "PurgeQueueInProgress".to_owned(), message: message.to_owned() });
    }
    queue.messages.clear();
    queue.purged = Some(now);
    Ok(json!({}))
}

fn get_attributes(state: &State, call: Call<'_>) -> Result<Value, ServiceError> {
    let url = call.queue_url()?;
    let queue = state.queue(url)?;
    let counts = queue.counts(call.now);
    let mut all = attributes::shown(&queue.attributes);
    for (name, value) in [
        ("ApproximateNumberOfMessages", counts.visible.to_string()),
        ("ApproximateNumberOfMessagesNotVisible", counts.in_flight.to_string()),
        ("ApproximateNumberOfMessagesDelayed", counts.delayed.to_string()),
        ("CreatedTimestamp", (queue.created / 1000).to_string()),
        ("LastModifiedTimestamp", (queue.modified / 1000).to_string()),
        ("QueueArn", call.place.arn(name_of(url))),
    ] {
        all.insert(name.to_owned(), value);
    }
    let asked: Vec<&str> =
        call.input["AttributeNames"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    all.retain(|name, _| asked.contains(&"All") || asked.contains(&name.as_str()));
    Ok(json!({ "Attributes": all }))
}

fn list(state: &State, call: Call<'_>) -> Value {
    let prefix = call.input["QueueNamePrefix"].as_str().unwrap_or_default();
    let after = call.input["NextToken"].as_str().unwrap_or_default();
    let most = call.input["MaxResults"].as_u64().and_then(|most| usize::try_from(most).ok()).unwrap_or(1000);
    let mut names = state.queues.keys().filter(|name| name.starts_with(prefix) && after < name.as_str()).peekable();
    let mut urls = Vec::new();
    let mut last = "";
    while urls.len() < most
        && let Some(name) = names.next()
    {
        urls.push(call.place.url(name));
        last = name;
    }
    let mut answer = Map::new();
    if !urls.is_empty() {
        answer.insert("QueueUrls".to_owned(), json!(urls));
    }
    if names.peek().is_some() {
        answer.insert("NextToken".to_owned(), json!(last));
    }
    Value::Object(answer)
}

fn texts(value: &Value) -> BTreeMap<String, String> {
    let entries = value.as_object().into_iter().flatten();
    entries.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
}
