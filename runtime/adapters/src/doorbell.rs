//! The domain's `Doorbell`, kept by an SQS FIFO queue.

use std::time::Duration;

use async_trait::async_trait;
use como_domain::doorbell::{Answered, Doorbell, DoorbellError, Ring, RingHandle};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::signed::{Service, SignedCall, SignedClient, SignedError};

const TIMEOUT: Duration = Duration::from_secs(5);
/// SQS holds a long poll for 20 s at most.
const LONGEST_WAIT_S: u64 = 20;
const MOST_AT_ONCE: u8 = 10;
/// Twelve hours.
const LONGEST_HIDING_S: u64 = 43_200;

pub struct SqsDoorbell {
    client: SignedClient,
    queue_url: String,
}

impl SqsDoorbell {
    #[must_use]
    pub fn new(client: SignedClient, queue_url: String) -> Self {
        Self { client, queue_url }
    }

    async fn call(
        &self,
        operation: &'static str,
        target: &str,
        mut body: Value,
        timeout: Duration,
    ) -> Result<Value, DoorbellError> {
        body["QueueUrl"] = json!(self.queue_url);
        let headers = [
            ("content-type", "application/x-amz-json-1.0".to_owned()),
            ("x-amz-target", format!("AmazonSQS.{target}")),
        ];
        let call = SignedCall { service: Service::Sqs, path: "/", headers: &headers, body: &body, timeout };
        self.client.post(call).await.map_err(|error: SignedError| DoorbellError { operation, source: error.into() })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Received {
    #[serde(default)]
    messages: Vec<Message>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    body: String,
    receipt_handle: String,
    #[serde(default)]
    attributes: Attributes,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    approximate_receive_count: Option<String>,
}

#[async_trait]
impl Doorbell for SqsDoorbell {
    async fn ring(&self, ring: &Ring) -> Result<(), DoorbellError> {
        let body = json!({
            "MessageBody": ring.body,
            "MessageGroupId": ring.group,
            "MessageDeduplicationId": ring.deduplication,
        });
        self.call("ring", "SendMessage", body, TIMEOUT).await.map(drop)
    }

    async fn answer(&self, most: u8, wait: Duration, hidden_for: Duration) -> Result<Vec<Answered>, DoorbellError> {
        let operation = "wait for rings";
        let wait_s = wait.as_secs().min(LONGEST_WAIT_S);
        let body = json!({
            "MaxNumberOfMessages": most.clamp(1, MOST_AT_ONCE),
            "WaitTimeSeconds": wait_s,
            "VisibilityTimeout": hidden_for.as_secs().min(LONGEST_HIDING_S),
            "MessageSystemAttributeNames": ["ApproximateReceiveCount"],
        });
        let reply = self.call(operation, "ReceiveMessage", body, TIMEOUT + Duration::from_secs(wait_s)).await?;
        let received: Received = serde_json::from_value(reply)
            .map_err(|_| DoorbellError { operation, source: "an answer that cannot be understood".into() })?;
        let answered = received.messages.into_iter().map(|message| Answered {
            body: message.body,
            handle: RingHandle(message.receipt_handle),
            times: message.attributes.approximate_receive_count.and_then(|text| text.parse().ok()).unwrap_or(1),
        });
        Ok(answered.collect())
    }

    async fn quiet(&self, handle: &RingHandle) -> Result<(), DoorbellError> {
        self.call("put a ring away", "DeleteMessage", json!({ "ReceiptHandle": handle.0 }), TIMEOUT).await.map(drop)
    }

    async fn hide(&self, handle: &RingHandle, hidden_for: Duration) -> Result<(), DoorbellError> {
        let body = json!({
            "ReceiptHandle": handle.0,
            "VisibilityTimeout": hidden_for.as_secs().min(LONGEST_HIDING_S),
        });
        self.call("keep a ring hidden", "ChangeMessageVisibility", body, TIMEOUT).await.map(drop)
    }
}
