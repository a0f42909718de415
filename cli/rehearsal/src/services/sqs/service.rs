//! SQS over the wire, and for the services beside it.

use super::attributes;
use super::message::{Message, Millis};
use super::operations::{self, Call};
use super::state::{Place, State};
use super::{moving, resource};
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::adoption::Claim;
use crate::services::regional::Regional;
use crate::services::store::{Store, StoreError};
use crate::services::wire::{self, Request, Response, ServiceError};
use http::HeaderValue;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

pub(crate) struct Sqs {
    pub(super) account: String,
    pub(super) regions: Regional<State>,
    /// Changes whenever a message may have become visible.
    news: watch::Sender<u64>,
}

impl Sqs {
    pub(crate) fn open(dir: &Path, account: &str) -> Result<Self, StoreError> {
        let regions = Regional::open(dir.join("sqs"))?;
        Ok(Self { account: account.to_owned(), regions, news: watch::Sender::new(0) })
    }

    pub(crate) async fn handle(&self, region: &str, request: &Request) -> Response {
        let Some(operation) = wire::operation(request) else { return wire::not_there("sqs", request) };
        let answer = match wire::body(request) {
            Ok(input) if operation == "ReceiveMessage" => self.receive(region, &input).await,
            Ok(input) => self.run(region, operation, &input),
            Err(error) => Err(error),
        };
        match answer {
            Ok(value) => wire::with_content_type(200, "application/x-amz-json-1.0", value.to_string()),
            Err(error) => refusal(&error),
        }
    }

    pub(crate) fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        let place = self.place(&request.region);
        self.regions.of(&request.region)?.change(|state| resource::create(state, place, request, now()))
    }

    pub(crate) fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        let region = &request.wanted.region;
        self.regions.of(region)?.change(|state| resource::update(state, self.place(region), request, now()))
    }

    pub(crate) fn claim(&self, request: &CreateRequest, claim: Claim) -> Result<Option<Provisioned>, ProvisionError> {
        let place = self.place(&request.region);
        self.regions.of(&request.region)?.change(|state| Ok(resource::claim(state, place, request, claim)))
    }

    pub(crate) fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        self.regions.of(&request.region)?.change(|state| resource::delete(state, request, now()))
    }

    fn run(&self, region: &str, operation: &str, input: &Value) -> Result<Value, ServiceError> {
        let store = self.regions.of(region)?;
        let call = Call { place: self.place(region), input, now: now() };
        bring_up_to_date(&store)?;
        if let Some(answer) = store.read(|state| operations::read(state, operation, call)) {
            return answer;
        }
        let answer = store.change(|state| {
            let answer = operations::change(state, operation, call);
            let answer = answer.unwrap_or_else(|| Err(ServiceError::unknown_operation("SQS", operation)))?;
            moving::advance(state, call.now);
            Ok::<_, ServiceError>(answer)
        });
        self.tell();
        answer
    }

    async fn receive(&self, region: &str, input: &Value) -> Result<Value, ServiceError> {
        let call = Call { place: self.place(region), input, now: now() };
        let url = call.queue_url()?;
        let store = self.regions.of(region)?;
        let wait = store.read(|state| {
            let queue = state.queue(url)?;
            Ok::<_, ServiceError>(attributes::number(&queue.attributes, "ReceiveMessageWaitTimeSeconds"))
        })?;
        let limited = |name: &str, least: i64, most: i64| match input[name].as_i64() {
            Some(number) if !(least..=most).contains(&number) => Err(attributes::invalid(format!(
                "Value {number} for parameter {name} is invalid. Reason: Must be between {least} and {most}, if provided."
            ))),
            number => Ok(number),
        };
        let most = limited("MaxNumberOfMessages", 1, 10)?.unwrap_or(1);
        let wait = limited("WaitTimeSeconds", 0, 20)?.unwrap_or(wait);
        let visibility = limited("VisibilityTimeout", 0, 43_200)?.map(|seconds| seconds * 1000);
        let (most, wait) = (usize::try_from(most).unwrap_or(1), u64::try_from(wait).unwrap_or(0));
        let messages = self.wait_for_messages(region, url, most, visibility, Duration::from_secs(wait)).await?;
        if messages.is_empty() {
            return Ok(json!({}));
        }
        let names = |keys: [&str; 2]| -> Vec<String> {
            let lists = keys.iter().filter_map(|key| input[*key].as_array());
            lists.flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let system = names(["AttributeNames", "MessageSystemAttributeNames"]);
        let own = names(["MessageAttributeNames", ""]);
        let messages: Vec<Value> =
            messages.iter().map(|message| message.on_the_wire(&system, &own, &self.account)).collect();
        Ok(json!({ "Messages": messages }))
    }

    pub(super) async fn wait_for_messages(
        &self,
        region: &str,
        queue: &str,
        most: usize,
        visibility: Option<Millis>,
        patience: Duration,
    ) -> Result<Vec<Message>, ServiceError> {
        let deadline = tokio::time::Instant::now() + patience;
        let store = self.regions.of(region)?;
        let mut news = self.news.subscribe();
        loop {
            bring_up_to_date(&store)?;
            let is_idle = store.read(|state| Ok::<_, ServiceError>(state.queue(queue)?.counts(now()).visible == 0))?;
            if !is_idle {
                let place = self.place(region);
                let found = store.change(|state| state.receive(place, queue, most, visibility, now()))?;
                if !found.is_empty() {
                    return Ok(found);
                }
                // What was given up may be awaited among the dead letters.
                self.tell();
                news.mark_unchanged();
            }
            if deadline <= tokio::time::Instant::now() {
                return Ok(Vec::new());
            }
            let next = store.read(|state| state.queue(queue).ok().and_then(|queue| queue.next_change(now())));
            let next = next.and_then(|at| u64::try_from(at - now()).ok()).unwrap_or(u64::MAX).clamp(1, 60_000);
            let again = (tokio::time::Instant::now() + Duration::from_millis(next)).min(deadline);
            // The sender lives as long as this service.
            let _ = tokio::time::timeout_at(again, news.changed()).await;
        }
    }

    pub(super) fn place<'a>(&'a self, region: &'a str) -> Place<'a> {
        Place { account: &self.account, region }
    }

    pub(super) fn tell(&self) {
        self.news.send_modify(|news| *news = news.wrapping_add(1));
    }
}

/// What older SDKs and boto3 call an error.
pub(super) fn query_code(code: &str) -> &str {
    match code {
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue",
        "QueueNameExists" => "QueueAlreadyExists",
        "EmptyBatchRequest" => "AWS.SimpleQueueService.EmptyBatchRequest",
        "TooManyEntriesInBatchRequest" => "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        "BatchEntryIdsNotDistinct" => "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
        "PurgeQueueInProgress" => "AWS.SimpleQueueService.PurgeQueueInProgress",
        "MessageNotInflight" => "AWS.SimpleQueueService.MessageNotInflight",
        "UnsupportedOperation" => "AWS.SimpleQueueService.UnsupportedOperation",
        "InvalidParameterValueException" => "InvalidParameterValue",
        "MissingRequiredParameterException" => "MissingParameter",
        other => other,
    }
}

fn refusal(error: &ServiceError) -> Response {
    let mut response = wire::error_response(error);
    let fault = if error.status < 500 { "Sender" } else { "Receiver" };
    if let Ok(value) = HeaderValue::from_str(&format!("{};{fault}", query_code(&error.code))) {
        response.headers_mut().insert("x-amzn-query-error", value);
    }
    response
}

fn bring_up_to_date(store: &Arc<Store<State>>) -> Result<(), ServiceError> {
    if store.read(moving::is_due) {
        store.change(|state| {
            moving::advance(state, now());
            Ok::<_, ServiceError>(())
        })?;
    }
    Ok(())
}

pub(super) fn now() -> Millis {
    Timestamp::now().as_millisecond()
}
