//! Moving dead letters back.
//!
//! A task is a function of its start and the time: whoever looks at the region first brings it up to date.

use super::attributes::invalid;
use super::message::Millis;
use super::state::{Place, State, name_of};
use crate::services::wire::ServiceError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Task {
    handle: String,
    /// ARNs.
    source: String,
    destination: Option<String>,
    per_second: Option<i64>,
    started: Millis,
    to_move: usize,
    moved: usize,
    status: Status,
    failure: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Status {
    Running,
    Completed,
    Cancelled,
    Failed,
}

impl Status {
    const fn name(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
            Self::Failed => "FAILED",
        }
    }
}

pub(super) fn start(state: &mut State, place: Place<'_>, input: &Value, now: Millis) -> Result<Value, ServiceError> {
    let source = input["SourceArn"].as_str().unwrap_or_default();
    let missing = || {
        let message = "The resource that you specified for the SourceArn parameter doesn't exist.";
        ServiceError { status: 404, code: "ResourceNotFoundException".to_owned(), message: message.to_owned() }
    };
    let queue =
        state.queues.get(name_of(source)).filter(|_| source == place.arn(name_of(source))).ok_or_else(missing)?;
    let to_move = queue.messages.len();
    if state.sources_of(source).is_empty() {
        return Err(invalid("Source queue must be configured as a Dead Letter Queue."));
    }
    if state.tasks.iter().any(|task| task.source == source && task.status == Status::Running) {
        let message =
            "There is already a task running. Only one active task is allowed for a source queue arn at a given time.";
        return Err(ServiceError::new("UnsupportedOperation", message));
    }
    let destination = input["DestinationArn"].as_str().map(str::to_owned);
    if destination.as_ref().is_some_and(|arn| !state.queues.contains_key(name_of(arn))) {
        return Err(ServiceError {
            message: "The resource that you specified for the DestinationArn parameter doesn't exist.".to_owned(),
            ..missing()
        });
    }
    let per_second = input["MaxNumberOfMessagesPerSecond"].as_i64();
    if per_second.is_some_and(|rate| !(1..=500).contains(&rate)) {
        return Err(invalid("Value for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be 1 to 500."));
    }
    let id = uuid::Uuid::new_v4();
    let handle = STANDARD.encode(json!({ "taskId": id.to_string(), "sourceArn": source }).to_string());
    state.tasks.push(Task {
        handle: handle.clone(),
        source: source.to_owned(),
        destination,
        per_second,
        started: now,
        to_move,
        moved: 0,
        status: Status::Running,
        failure: None,
    });
    Ok(json!({ "TaskHandle": handle }))
}

pub(super) fn list(state: &State, input: &Value) -> Value {
    let source = input["SourceArn"].as_str().unwrap_or_default();
    let most = input["MaxResults"].as_u64().and_then(|most| usize::try_from(most).ok()).unwrap_or(1);
    let tasks = state.tasks.iter().rev().filter(|task| task.source == source).take(most.min(10));
    let results: Vec<Value> = tasks
        .map(|task| {
            let mut shown = json!({
                "Status": task.status.name(), "SourceArn": task.source, "StartedTimestamp": task.started,
                "ApproximateNumberOfMessagesMoved": task.moved, "ApproximateNumberOfMessagesToMove": task.to_move,
            });
            let rate = task.per_second.map(Value::from);
            let running = (task.status == Status::Running).then(|| Value::from(task.handle.clone()));
            for (name, value) in [
                ("TaskHandle", running),
                ("DestinationArn", task.destination.clone().map(Value::from)),
                ("MaxNumberOfMessagesPerSecond", rate),
                ("FailureReason", task.failure.clone().map(Value::from)),
            ] {
                if let Some(value) = value {
                    shown[name] = value;
                }
            }
            shown
        })
        .collect();
    json!({ "Results": results })
}

pub(super) fn cancel(state: &mut State, input: &Value) -> Result<Value, ServiceError> {
    let handle = input["TaskHandle"].as_str().unwrap_or_default();
    let Some(task) = state.tasks.iter_mut().find(|task| task.handle == handle) else {
        let message = "The task handle does not exist.".to_owned();
        return Err(ServiceError { status: 404, code: "ResourceNotFoundException".to_owned(), message });
    };
    if task.status != Status::Running {
        return Err(ServiceError::new("UnsupportedOperation", "Only active tasks can be cancelled."));
    }
    task.status = Status::Cancelled;
    Ok(json!({ "ApproximateNumberOfMessagesMoved": task.moved }))
}

pub(super) fn is_due(state: &State) -> bool {
    state.tasks.iter().any(|task| task.status == Status::Running)
}

/// Moves what should have been moved by now.
pub(super) fn advance(state: &mut State, now: Millis) {
    let mut tasks = std::mem::take(&mut state.tasks);
    for task in tasks.iter_mut().filter(|task| task.status == Status::Running) {
        advance_task(state, task, now);
    }
    state.tasks = tasks;
}

fn advance_task(state: &mut State, task: &mut Task, now: Millis) {
    // Without a rate SQS chooses one; moving all at once is within its freedom.
    let seconds = (now - task.started) / 1000 + 1;
    let allowed = task.per_second.map_or(usize::MAX, |rate| usize::try_from(rate * seconds).unwrap_or(usize::MAX));
    while task.moved < allowed.min(task.to_move) {
        let Some(source) = state.queues.get_mut(name_of(&task.source)) else { break };
        let Some(place) = source.messages.iter().position(|message| message.hidden_until <= now) else { break };
        let origin = source.messages.get(place).and_then(|message| message.dead_letter_of.clone());
        let Some(target) = task.destination.clone().or(origin) else {
            task.status = Status::Failed;
            task.failure = Some("CouldNotDetermineMessageSource".to_owned());
            return;
        };
        if !state.queues.contains_key(name_of(&target)) {
            task.status = Status::Failed;
            task.failure = Some("AWS.SimpleQueueService.NonExistentQueue".to_owned());
            return;
        }
        let Some(source) = state.queues.get_mut(name_of(&task.source)) else { break };
        let mut message = source.messages.remove(place);
        message.dead_letter_of = None;
        if let Some(target) = state.queues.get_mut(name_of(&target)) {
            target.take_in(message, now);
        }
        task.moved += 1;
    }
    let source = state.queues.get(name_of(&task.source));
    let is_empty = source.is_none_or(|queue| queue.messages.iter().all(|message| now < message.hidden_until));
    if task.to_move <= task.moved || is_empty {
        task.status = Status::Completed;
    }
}
