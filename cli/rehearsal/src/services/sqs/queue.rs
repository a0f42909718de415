//! One queue, as a function of its state and the time.
//!
//! A message waits until its delay is over, is in flight from a receive until its visibility ends, and then waits again
//! at its old place. In a FIFO queue a message that waits or is in flight holds back all later ones of its group.

use super::attributes::{self, Attributes, Redrive, invalid};
use super::message::{Draft, Message, Millis, sequence_text};
use crate::services::wire::ServiceError;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// For how long a deduplication id is remembered.
const DEDUPLICATION: Millis = 5 * 60 * 1000;
/// Of a standard queue.
const MOST_IN_FLIGHT: usize = 120_000;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Queue {
    /// The stack and logical id that it was made for; none for a queue made over the wire.
    pub(super) owner: Option<String>,
    pub(super) attributes: Attributes,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) created: Millis,
    pub(super) modified: Millis,
    pub(super) purged: Option<Millis>,
    pub(super) messages: Vec<Message>,
    /// By deduplication id, within the group if the queue says so.
    pub(super) remembered: BTreeMap<String, Sent>,
    pub(super) sequence: u64,
}

/// What a sender hears.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Sent {
    pub(super) id: String,
    pub(super) sequence: Option<u64>,
    at: Millis,
}

/// What a receive finds.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) messages: Vec<Message>,
    /// Received too often; they go to the dead letters instead.
    pub(super) dead: Vec<Message>,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) visible: usize,
    pub(super) in_flight: usize,
    pub(super) delayed: usize,
}

impl Sent {
    pub(super) fn sequence_text(&self) -> Option<String> {
        self.sequence.map(sequence_text)
    }
}

impl Queue {
    pub(super) fn is_fifo(&self) -> bool {
        attributes::flag(&self.attributes, "FifoQueue")
    }

    pub(super) fn send(&mut self, draft: Draft, id: &str, now: Millis) -> Result<Sent, ServiceError> {
        self.forget_old(now);
        self.check(&draft)?;
        let default_delay = attributes::number(&self.attributes, "DelaySeconds");
        let delay = draft.delay_seconds.unwrap_or(default_delay) * 1000;
        let deduplication = if self.is_fifo() { Some(self.deduplication(&draft)?) } else { None };
        let memory = deduplication.as_ref().map(|id| self.memory_key(draft.group.as_deref(), id));
        if let Some(known) = memory.as_ref().and_then(|key| self.remembered.get(key)) {
            return Ok(known.clone());
        }
        let sequence = self.is_fifo().then(|| self.next_sequence());
        let sent = Sent { id: id.to_owned(), sequence, at: now };
        if let Some(key) = memory {
            self.remembered.insert(key, sent.clone());
        }
        self.messages.push(Message {
            id: id.to_owned(),
            body: draft.body,
            attributes: draft.attributes,
            trace_header: draft.trace_header,
            sent: now,
            hidden_until: now + delay,
            received: 0,
            first_received: None,
            receipt: None,
            group: draft.group,
            deduplication,
            sequence,
            dead_letter_of: None,
        });
        Ok(sent)
    }

    /// Takes up to `most` messages for `visibility` milliseconds; `receipt` makes a handle from a message's id.
    pub(super) fn receive(
        &mut self,
        most: usize,
        visibility: Millis,
        redrive: Option<&Redrive>,
        now: Millis,
        receipt: impl Fn(&str) -> String,
    ) -> Result<Found, ServiceError> {
        self.forget_old(now);
        if MOST_IN_FLIGHT <= self.counts(now).in_flight {
            let message = "Too many messages in flight for the queue";
            return Err(ServiceError { status: 403, code: "OverLimit".to_owned(), message: message.to_owned() });
        }
        let fifo = self.is_fifo();
        let mut held: BTreeSet<String> = BTreeSet::new();
        let mut found = Found::default();
        let mut kept = Vec::with_capacity(self.messages.len());
        for mut message in std::mem::take(&mut self.messages) {
            let is_held = fifo && message.group.as_ref().is_some_and(|group| held.contains(group));
            if is_held || now < message.hidden_until || most <= found.messages.len() {
                if fifo {
                    held.extend(message.group.clone());
                }
                kept.push(message);
            } else if redrive.is_some_and(|redrive| redrive.after <= message.received) {
                message.receipt = None;
                found.dead.push(message);
            } else {
                message.received += 1;
                message.first_received.get_or_insert(now);
                message.hidden_until = now + visibility;
                message.receipt = Some(receipt(&message.id));
                found.messages.push(message.clone());
                kept.push(message);
            }
        }
        self.messages = kept;
        Ok(found)
    }

    /// Removes a received message. One that is gone already is no error.
    pub(super) fn delete(&mut self, id: &str, receipt: &str, now: Millis) -> Result<(), ServiceError> {
        let Some(place) = self.messages.iter().position(|message| message.id == id) else { return Ok(()) };
        let expired = self
            .messages
            .get(place)
            .is_some_and(|message| message.receipt.as_deref() != Some(receipt) || message.hidden_until <= now);
        if self.is_fifo() && expired {
            return Err(invalid(format!(
                "Value {receipt} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
            )));
        }
        self.messages.remove(place);
        Ok(())
    }

    pub(super) fn change_visibility(
        &mut self,
        id: &str,
        receipt: &str,
        visibility: Millis,
        now: Millis,
    ) -> Result<(), ServiceError> {
        let message = self.messages.iter_mut().find(|message| message.id == id);
        let held = message.filter(|message| message.in_flight(now) && message.receipt.as_deref() == Some(receipt));
        let Some(message) = held else {
            let message = format!(
                "Value {receipt} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not \
                 available for visibility timeout change."
            );
            return Err(ServiceError::new("MessageNotInflight", message));
        };
        message.hidden_until = now + visibility;
        if visibility == 0 {
            message.receipt = None;
        }
        Ok(())
    }

    /// Takes in a message of another queue. It keeps its id, so that one that arrives twice is there once.
    pub(super) fn take_in(&mut self, mut message: Message, now: Millis) {
        if self.messages.iter().any(|known| known.id == message.id) {
            return;
        }
        message.hidden_until = now;
        message.receipt = None;
        message.received = 0;
        message.first_received = None;
        if self.is_fifo() {
            // A standard queue keeps the age of its dead letters, a FIFO queue begins anew.
            message.sent = now;
            message.sequence = Some(self.next_sequence());
        }
        self.messages.push(message);
    }

    pub(super) fn counts(&self, now: Millis) -> Counts {
        let mut counts = Counts::default();
        for message in &self.messages {
            if message.hidden_until <= now {
                counts.visible += 1;
            } else if message.receipt.is_some() {
                counts.in_flight += 1;
            } else {
                counts.delayed += 1;
            }
        }
        counts
    }

    /// When something may become visible next, if nothing is sent.
    pub(super) fn next_change(&self, now: Millis) -> Option<Millis> {
        self.messages.iter().map(|message| message.hidden_until).filter(|until| now < *until).min()
    }

    fn forget_old(&mut self, now: Millis) {
        let oldest = now - attributes::duration(&self.attributes, "MessageRetentionPeriod");
        self.messages.retain(|message| oldest < message.sent);
        self.remembered.retain(|_, sent| now < sent.at + DEDUPLICATION);
    }

    fn check(&self, draft: &Draft) -> Result<(), ServiceError> {
        let fifo = self.is_fifo();
        if fifo && draft.group.is_none() {
            let message = "The request must contain the parameter MessageGroupId.";
            return Err(ServiceError::new("MissingRequiredParameterException", message));
        }
        if !fifo && draft.deduplication.is_some() {
            return Err(invalid("The request include parameter that is not valid for this queue type"));
        }
        if fifo && draft.delay_seconds.is_some_and(|delay| delay != 0) {
            let delay = draft.delay_seconds.unwrap_or_default();
            return Err(invalid(format!(
                "Value {delay} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not \
                 valid for this queue type."
            )));
        }
        if draft.delay_seconds.is_some_and(|delay| !(0..=900).contains(&delay)) {
            return Err(invalid("DelaySeconds must be >= 0 and <= 900."));
        }
        if draft.body.is_empty() {
            let message = "The request must contain the parameter MessageBody.";
            return Err(ServiceError::new("MissingRequiredParameterException", message));
        }
        let own: usize = draft.attributes.iter().map(|(name, value)| name.len() + value.to_string().len()).sum();
        let limit = attributes::number(&self.attributes, "MaximumMessageSize");
        if usize::try_from(limit).unwrap_or(usize::MAX) < draft.body.len() + own {
            return Err(invalid(format!(
                "One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes."
            )));
        }
        Ok(())
    }

    fn deduplication(&self, draft: &Draft) -> Result<String, ServiceError> {
        if let Some(id) = &draft.deduplication {
            return Ok(id.clone());
        }
        if attributes::flag(&self.attributes, "ContentBasedDeduplication") {
            let digest = Sha256::digest(draft.body.as_bytes());
            return Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect());
        }
        Err(invalid(
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
        ))
    }

    fn memory_key(&self, group: Option<&str>, id: &str) -> String {
        let per_group = self.attributes.get("DeduplicationScope").is_some_and(|scope| scope == "messageGroup");
        if per_group { format!("{} {id}", group.unwrap_or_default()) } else { id.to_owned() }
    }

    fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        // AWS's numbers are large too; nobody should expect them to begin with one.
        18_000_000_000_000_000_000 + self.sequence
    }
}
