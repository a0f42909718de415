//! A message, and how it looks on the wire.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Milliseconds since 1970, as SQS counts.
pub(super) type Millis = i64;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) body: String,
    pub(super) attributes: Map<String, Value>,
    /// `AWSTraceHeader` is the only one that senders may set.
    pub(super) trace_header: Option<String>,
    pub(super) sent: Millis,
    /// In flight or delayed until then.
    pub(super) hidden_until: Millis,
    pub(super) received: u32,
    pub(super) first_received: Option<Millis>,
    /// Of the latest receive; none once it was returned to the queue.
    pub(super) receipt: Option<String>,
    pub(super) group: Option<String>,
    pub(super) deduplication: Option<String>,
    pub(super) sequence: Option<u64>,
    /// The queue that gave the message up.
    pub(super) dead_letter_of: Option<String>,
}

/// What a sender gives.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    pub(super) body: String,
    pub(super) attributes: Map<String, Value>,
    pub(super) trace_header: Option<String>,
    pub(super) delay_seconds: Option<i64>,
    pub(super) group: Option<String>,
    pub(super) deduplication: Option<String>,
}

impl Message {
    pub(super) fn in_flight(&self, now: Millis) -> bool {
        self.receipt.is_some() && now < self.hidden_until
    }

    /// As `ReceiveMessage` shows it; `system` and `own` name the attributes that were asked for.
    pub(super) fn on_the_wire(&self, system: &[String], own: &[String], sender: &str) -> Value {
        let mut wire = json!({
            "MessageId": self.id, "ReceiptHandle": self.receipt, "Body": self.body, "MD5OfBody": md5_hex(self.body.as_bytes()),
        });
        let all = self.system_attributes(sender);
        let wanted: Map<String, Value> =
            all.into_iter().filter(|(name, _)| system.iter().any(|asked| asked == "All" || asked == name)).collect();
        if !wanted.is_empty() {
            wire["Attributes"] = Value::Object(wanted);
        }
        let chosen: Map<String, Value> = self
            .attributes
            .iter()
            .filter(|(name, _)| own.iter().any(|asked| matches_name(asked, name)))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if !chosen.is_empty() {
            wire["MD5OfMessageAttributes"] = json!(attributes_digest(&chosen));
            wire["MessageAttributes"] = Value::Object(chosen);
        }
        wire
    }

    pub(super) fn system_attributes(&self, sender: &str) -> Map<String, Value> {
        let mut all = Map::new();
        let mut put = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                all.insert(name.to_owned(), Value::String(value));
            }
        };
        put("SenderId", Some(sender.to_owned()));
        put("SentTimestamp", Some(self.sent.to_string()));
        put("ApproximateReceiveCount", Some(self.received.to_string()));
        put("ApproximateFirstReceiveTimestamp", self.first_received.map(|at| at.to_string()));
        put("MessageGroupId", self.group.clone());
        put("MessageDeduplicationId", self.deduplication.clone());
        put("SequenceNumber", self.sequence.map(sequence_text));
        put("AWSTraceHeader", self.trace_header.clone());
        put("DeadLetterQueueSourceArn", self.dead_letter_of.clone());
        all
    }
}

/// Twenty digits, so that texts sort as numbers do.
pub(super) fn sequence_text(sequence: u64) -> String {
    format!("{sequence:020}")
}

pub(crate) fn md5_bytes(bytes: &[u8]) -> [u8; 16] {
    md5::compute(bytes).0
}

pub(crate) fn md5_hex(bytes: &[u8]) -> String {
    format!("{:x}", md5::compute(bytes))
}

/// The digest that clients check; the encoding is in the SQS developer guide, "Calculating the MD5 message digest for
/// message attributes".
pub(super) fn attributes_digest(attributes: &Map<String, Value>) -> String {
    let sorted: BTreeMap<&String, &Value> = attributes.iter().collect();
    let mut encoded = Vec::new();
    for (name, value) in sorted {
        push(&mut encoded, name.as_bytes());
        push(&mut encoded, value["DataType"].as_str().unwrap_or_default().as_bytes());
        match value["StringValue"].as_str() {
            Some(text) => {
                encoded.push(1);
                push(&mut encoded, text.as_bytes());
            }
            None => {
                let binary = value["BinaryValue"].as_str().unwrap_or_default();
                encoded.push(2);
                push(&mut encoded, &STANDARD.decode(binary).unwrap_or_default());
            }
        }
    }
    md5_hex(&encoded)
}

fn push(encoded: &mut Vec<u8>, bytes: &[u8]) {
    encoded.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    encoded.extend(bytes);
}

/// `foo`, `foo.*`, `All` or `.*`.
fn matches_name(asked: &str, name: &str) -> bool {
    match asked.strip_suffix(".*") {
        Some(prefix) => prefix.is_empty() || name.starts_with(prefix),
        None => asked == "All" || asked == name,
    }
}
