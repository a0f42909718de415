//! The queues of one region, and what crosses from one to another.

use super::attributes::{self, Attributes};
use super::message::{Message, Millis};
use super::moving::Task;
use super::queue::Queue;
use crate::services::wire::ServiceError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// By name.
    pub(super) queues: BTreeMap<String, Queue>,
    /// Oldest first.
    pub(super) tasks: Vec<Task>,
}

/// Whose queues they are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
}

impl Place<'_> {
    pub(super) fn arn(&self, name: &str) -> String {
        format!("arn:aws:sqs:{}:{}:{name}", self.region, self.account)
    }

    pub(super) fn url(&self, name: &str) -> String {
        format!("https://sqs.{}.amazonaws.com/{}/{name}", self.region, self.account)
    }
}

/// The name in a queue's URL, ARN or name.
pub(super) fn name_of(reference: &str) -> &str {
    reference.rsplit(['/', ':']).next().unwrap_or(reference)
}

impl State {
    pub(super) fn queue(&self, reference: &str) -> Result<&Queue, ServiceError> {
        self.queues.get(name_of(reference)).ok_or_else(no_queue)
    }

    pub(super) fn queue_mut(&mut self, reference: &str) -> Result<&mut Queue, ServiceError> {
        self.queues.get_mut(name_of(reference)).ok_or_else(no_queue)
    }

    /// Makes a queue; one that exists with the same settings is the same queue.
    pub(super) fn create(
        &mut self,
        name: &str,
        wanted: Attributes,
        tags: BTreeMap<String, String>,
        now: Millis,
    ) -> Result<(), ServiceError> {
        attributes::check(name, &wanted)?;
        self.check_dead_letters(name, &wanted)?;
        if let Some(known) = self.queues.get(name) {
            let all = attributes::shown(&known.attributes);
            if wanted.iter().any(|(key, value)| all.get(key) != Some(value)) {
                let message = "A queue already exists with the same name and a different value for attribute(s)";
                return Err(ServiceError::new("QueueNameExists", message));
            }
            return Ok(());
        }
        let queue = Queue { attributes: wanted, tags, created: now, modified: now, ..Queue::default() };
        self.queues.insert(name.to_owned(), queue);
        Ok(())
    }

    pub(super) fn set_attributes(
        &mut self,
        reference: &str,
        changes: Attributes,
        now: Millis,
    ) -> Result<(), ServiceError> {
        let name = name_of(reference).to_owned();
        let mut all = self.queue(&name)?.attributes.clone();
        if changes.get("FifoQueue").is_some_and(|fifo| Some(fifo) != all.get("FifoQueue")) {
            return Err(ServiceError::new("InvalidAttributeName", "Unknown Attribute FifoQueue."));
        }
        all.extend(changes);
        all.retain(|_, value| !value.is_empty());
        attributes::check(&name, &all)?;
        self.check_dead_letters(&name, &all)?;
        let queue = self.queue_mut(&name)?;
        queue.attributes = all;
        queue.modified = now;
        Ok(())
    }

    /// Takes messages; those received too often go to the dead letters.
    pub(super) fn receive(
        &mut self,
        place: Place<'_>,
        reference: &str,
        most: usize,
        visibility: Option<Millis>,
        now: Millis,
    ) -> Result<Vec<Message>, ServiceError> {
        let name = name_of(reference).to_owned();
        let redrive = attributes::redrive(&self.queue(&name)?.attributes);
        let redrive = redrive.filter(|redrive| self.queues.contains_key(name_of(&redrive.target_arn)));
        let queue = self.queue_mut(&name)?;
        let visibility = visibility.unwrap_or_else(|| attributes::duration(&queue.attributes, "VisibilityTimeout"));
        let found = queue.receive(most, visibility, redrive.as_ref(), now, |id| receipt(&name, id))?;
        if let Some(redrive) = redrive
            && let Some(target) = self.queues.get_mut(name_of(&redrive.target_arn))
        {
            for mut message in found.dead {
                message.dead_letter_of = Some(place.arn(&name));
                target.take_in(message, now);
            }
        }
        Ok(found.messages)
    }

    /// Names of the queues whose dead letters come here.
    pub(super) fn sources_of(&self, arn: &str) -> Vec<&str> {
        let sources = self.queues.iter().filter(|(_, queue)| {
            attributes::redrive(&queue.attributes).is_some_and(|redrive| redrive.target_arn == arn)
        });
        sources.map(|(name, _)| name.as_str()).collect()
    }

    /// Dead letters go to a queue that exists, of the same kind.
    fn check_dead_letters(&self, name: &str, wanted: &Attributes) -> Result<(), ServiceError> {
        let Some(redrive) = attributes::redrive(wanted) else { return Ok(()) };
        let refuse = |reason: &str| {
            let policy = wanted.get("RedrivePolicy").map_or("", String::as_str);
            let message = format!("Value {policy} for parameter RedrivePolicy is invalid. Reason: {reason}.");
            Err(attributes::invalid(message))
        };
        let fifo = attributes::flag(wanted, "FifoQueue");
        match self.queues.get(name_of(&redrive.target_arn)) {
            None => refuse("Dead letter target does not exist"),
            Some(target) if target.is_fifo() != fifo => {
                refuse("Dead-letter queue must be same type of queue as the source")
            }
            Some(_) if name_of(&redrive.target_arn) == name => {
                refuse("Dead letter target must not be the queue itself")
            }
            Some(_) => Ok(()),
        }
    }
}

/// Opaque to clients; carries the queue and the message.
fn receipt(queue: &str, message: &str) -> String {
    format!("{queue} {message} {}", uuid::Uuid::new_v4().simple())
}

/// The message that a receipt is for.
pub(super) fn message_of(receipt: &str) -> Result<&str, ServiceError> {
    let mut parts = receipt.split(' ');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(message), Some(_)) => Ok(message),
        _ => {
            let message = format!("The input receipt handle \"{receipt}\" is not a valid receipt handle.");
            Err(ServiceError::new("ReceiptHandleIsInvalid", message))
        }
    }
}

pub(super) fn no_queue() -> ServiceError {
    ServiceError::new("QueueDoesNotExist", "The specified queue does not exist.")
}
