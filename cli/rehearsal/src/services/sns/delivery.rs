//! From a topic to its subscriptions.

use super::service::{Message, Sns};
use super::state::{Subscription, invalid};
use crate::services::access::Caller;
use crate::services::events::matches;
use crate::services::sqs::Delivery;
use crate::services::wire::ServiceError;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// In bytes, attributes included; the API reference, `Publish`.
const LARGEST: usize = 262_144;

impl Sns {
    /// Hands a message to every subscription that wants it, and returns its id.
    pub(super) fn publish(&self, arn: &str, mut message: Message) -> Result<String, ServiceError> {
        let region = arn.split(':').nth(3).unwrap_or_default();
        let (subscriptions, by_content) = self.regions.of(region)?.read(|state| {
            let by_content = state.topic(arn)?.attributes.get("ContentBasedDeduplication");
            let by_content = by_content.is_some_and(|flag| flag == "true");
            let all = state.subscriptions.iter().filter(|(_, subscription)| subscription.topic == arn);
            Ok::<_, ServiceError>((all.map(|(arn, one)| (arn.clone(), one.clone())).collect::<Vec<_>>(), by_content))
        })?;
        if message.body.is_empty() {
            return Err(invalid("Empty message"));
        }
        if LARGEST < message.body.len() + message.attributes.to_string().len() {
            return Err(invalid("Message too long"));
        }
        if arn.ends_with(".fifo") {
            if message.group.is_none() {
                return Err(invalid("The MessageGroupId parameter is required for FIFO topics"));
            }
            if message.deduplication.is_none() {
                if !by_content {
                    return Err(invalid(
                        "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId \
                         provided explicitly",
                    ));
                }
                let digest = Sha256::digest(message.body.as_bytes());
                message.deduplication = Some(digest.iter().map(|byte| format!("{byte:02x}")).collect());
            }
        }
        let id = uuid::Uuid::new_v4().to_string();
        for (subscription_arn, subscription) in subscriptions {
            if subscription.is_pending() || !wants(&subscription, &message) {
                continue;
            }
            if let Err(error) = self.hand_over(arn, &subscription_arn, &subscription, &id, &message) {
                tracing::warn!(%error, "could not deliver to {} of {arn}", subscription.endpoint);
                self.bury(arn, &subscription, &message);
            }
        }
        Ok(id)
    }

    fn hand_over(
        &self,
        topic: &str,
        subscription_arn: &str,
        subscription: &Subscription,
        id: &str,
        message: &Message,
    ) -> Result<(), ServiceError> {
        let region = topic.split(':').nth(3).unwrap_or_default();
        let caller = Caller::new("sns.amazonaws.com", topic);
        let body = message.by_protocol.get(&subscription.protocol).unwrap_or(&message.body);
        let unsubscribe =
            format!("https://sns.{region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={subscription_arn}");
        let mut notification = json!({
            "Type": "Notification", "MessageId": id, "TopicArn": topic, "Message": body,
            "Timestamp": Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(), "SignatureVersion": "1",
            // Nobody signs here.
            "Signature": "rehearsal", "SigningCertURL": format!("https://sns.{region}.amazonaws.com/rehearsal.pem"),
            "UnsubscribeURL": unsubscribe,
        });
        if let Some(subject) = &message.subject {
            notification["Subject"] = json!(subject);
        }
        if message.attributes.as_object().is_some_and(|attributes| !attributes.is_empty()) {
            notification["MessageAttributes"] = message.attributes.clone();
        }
        if subscription.protocol == "lambda" {
            notification["MessageAttributes"] = message.attributes.clone();
            let record = json!({
                "EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription_arn,
                "Sns": notification,
            });
            let event = json!({ "Records": [record] }).to_string();
            return self.lambda.enqueue_for(caller, &subscription.endpoint, &event);
        }
        let (body, attributes) = if subscription.is_raw() {
            (body.clone(), queue_attributes(&message.attributes))
        } else {
            (notification.to_string(), Map::new())
        };
        let is_fifo = subscription.endpoint.ends_with(".fifo");
        let delivery = Delivery {
            body,
            attributes,
            group: message.group.clone(),
            deduplication: is_fifo.then(|| message.deduplication.clone().unwrap_or_else(|| id.to_owned())),
        };
        self.sqs.deliver_for(caller, &subscription.endpoint, delivery)
    }

    fn bury(&self, topic: &str, subscription: &Subscription, message: &Message) {
        let policy = subscription.attributes.get("RedrivePolicy").map_or("", String::as_str);
        let policy: Value = serde_json::from_str(policy).unwrap_or_default();
        let Some(target) = policy["deadLetterTargetArn"].as_str() else { return };
        let body = message.body.clone();
        let (group, deduplication) = (message.group.clone(), message.deduplication.clone());
        let delivery = Delivery { body, group, deduplication, ..Delivery::default() };
        let caller = Caller::new("sns.amazonaws.com", topic);
        if let Err(error) = self.sqs.deliver_for(caller, target, delivery) {
            tracing::warn!(%error, "could not reach the dead letters {target}");
        }
    }
}

/// Whether a subscription's filter lets a message pass.
fn wants(subscription: &Subscription, message: &Message) -> bool {
    let Some(policy) = subscription.attributes.get("FilterPolicy") else { return true };
    let Ok(Value::Object(policy)) = serde_json::from_str(policy) else { return true };
    let by_body = subscription.attributes.get("FilterPolicyScope").is_some_and(|scope| scope == "MessageBody");
    if by_body {
        return serde_json::from_str(&message.body).is_ok_and(|body| matches(&policy, &body));
    }
    let attributes = message.attributes.as_object().into_iter().flatten();
    let values: Map<String, Value> = attributes
        .map(|(name, attribute)| {
            let text = attribute["Value"].as_str().unwrap_or_default();
            let value = match attribute["Type"].as_str() {
                Some("Number" | "String.Array") => serde_json::from_str(text).unwrap_or_default(),
                _ => Value::from(text),
            };
            (name.clone(), value)
        })
        .collect();
    matches(&policy, &Value::Object(values))
}

fn queue_attributes(attributes: &Value) -> Map<String, Value> {
    let attributes = attributes.as_object().into_iter().flatten();
    attributes
        .map(|(name, attribute)| {
            let kind = attribute["Type"].as_str().unwrap_or("String");
            let member = if kind.starts_with("Binary") { "BinaryValue" } else { "StringValue" };
            (name.clone(), json!({ "DataType": kind, member: attribute["Value"] }))
        })
        .collect()
}
