//! SQS for the services beside it.

use super::attributes;
use super::message::{Draft, Message, md5_hex};
use super::service::{Sqs, now};
use super::state::{message_of, name_of};
use crate::services::access::{self, Caller};
use crate::services::wire::ServiceError;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// A message from another service.
#[derive(Debug, Clone, Default)]
pub(crate) struct Delivery {
    pub(crate) body: String,
    pub(crate) attributes: Map<String, Value>,
    pub(crate) group: Option<String>,
    pub(crate) deduplication: Option<String>,
}

/// A received message, as a consumer within the supervisor gets it.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) receipt: String,
    pub(crate) id: String,
    /// As Lambda's event has it.
    pub(crate) record: Value,
}

impl Sqs {
    /// Puts a message into the queue of an ARN.
    pub(crate) fn deliver(&self, arn: &str, delivery: Delivery) -> Result<(), ServiceError> {
        let region = arn.split(':').nth(3).unwrap_or_default();
        let draft = Draft {
            body: delivery.body,
            attributes: delivery.attributes,
            group: delivery.group,
            deduplication: delivery.deduplication,
            ..Draft::default()
        };
        let id = uuid::Uuid::new_v4().to_string();
        self.regions.of(region)?.change(|state| state.queue_mut(arn)?.send(draft, &id, now()))?;
        self.tell();
        Ok(())
    }

    /// The same for another service, which the queue's policy has to let in.
    pub(crate) fn deliver_for(&self, caller: Caller<'_>, arn: &str, delivery: Delivery) -> Result<(), ServiceError> {
        let region = arn.split(':').nth(3).unwrap_or_default();
        let policy = self.regions.of(region)?.read(|state| {
            let policy = state.queue(arn)?.attributes.get("Policy");
            Ok::<_, ServiceError>(policy.and_then(|policy| serde_json::from_str(policy).ok()))
        })?;
        access::check(&policy.unwrap_or_default(), caller, "sqs:SendMessage", arn)?;
        self.deliver(arn, delivery)
    }

    /// Waits up to `patience` for messages of the queue of an ARN.
    pub(crate) async fn take(&self, arn: &str, most: usize, patience: Duration) -> Result<Vec<Taken>, ServiceError> {
        let region = arn.split(':').nth(3).unwrap_or_default();
        let messages = self.wait_for_messages(region, arn, most, None, patience).await?;
        Ok(messages.iter().map(|message| self.taken(region, arn, message)).collect())
    }

    /// Deletes taken messages.
    pub(crate) fn finish(&self, arn: &str, receipts: &[String]) -> Result<(), ServiceError> {
        let region = arn.split(':').nth(3).unwrap_or_default();
        self.regions.of(region)?.change(|state| {
            let queue = state.queue_mut(arn)?;
            // A receipt that has run out leaves its message, which comes again.
            for receipt in receipts {
                let _ = message_of(receipt).and_then(|id| queue.delete(id, receipt, now()));
            }
            Ok(())
        })
    }

    /// How long the queue of an ARN hides what was received.
    pub(crate) fn visibility_seconds(&self, arn: &str) -> Result<u64, ServiceError> {
        let region = arn.split(':').nth(3).unwrap_or_default();
        let seconds = self.regions.of(region)?.read(|state| {
            Ok::<_, ServiceError>(attributes::number(&state.queue(arn)?.attributes, "VisibilityTimeout"))
        })?;
        Ok(u64::try_from(seconds).unwrap_or(0))
    }

    fn taken(&self, region: &str, arn: &str, message: &Message) -> Taken {
        let mut own = message.attributes.clone();
        for value in own.values_mut() {
            *value = json!({
                "stringValue": value["StringValue"], "binaryValue": value["BinaryValue"], "dataType": value["DataType"],
                "stringListValues": [], "binaryListValues": [],
            });
        }
        let receipt = message.receipt.clone().unwrap_or_default();
        let record = json!({
            "messageId": message.id, "receiptHandle": receipt, "body": message.body,
            "attributes": message.system_attributes(&self.account), "messageAttributes": own,
            "md5OfBody": md5_hex(message.body.as_bytes()), "eventSource": "aws:sqs",
            "eventSourceARN": self.place(region).arn(name_of(arn)), "awsRegion": region,
        });
        Taken { receipt, id: message.id.clone(), record }
    }
}
