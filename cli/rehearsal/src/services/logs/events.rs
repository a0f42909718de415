//! `PutLogEvents`.

use super::operations::group_of;
use super::service::{Logs, now};
use super::shelf::{Event, Place};
use super::state::{Millis, invalid};
use crate::services::wire::ServiceError;
use serde_json::{Value, json};

/// The API reference, `PutLogEvents`: events and bytes of a batch, and what each event counts beside its message.
const MOST_EVENTS: usize = 10_000;
const MOST_BYTES: usize = 1_048_576;
const OVERHEAD: usize = 26;
const HOUR: Millis = 60 * 60 * 1000;
const DAY: Millis = 24 * HOUR;

pub(super) fn put(logs: &Logs, region: &str, input: &Value) -> Result<Value, ServiceError> {
    let group = group_of(input)?;
    let stream = input["logStreamName"].as_str().unwrap_or_default();
    let retention = logs.regions.of(region)?.read(|state| {
        let group = state.group(group)?;
        group.stream(stream)?;
        Ok::<_, ServiceError>(group.retention_days)
    })?;
    let given = input["logEvents"].as_array().map(Vec::as_slice).unwrap_or_default();
    if given.is_empty() || MOST_EVENTS < given.len() {
        return Err(invalid("Log events in a single PutLogEvents request must be 1 to 10000."));
    }
    let ingested = now();
    let events: Vec<Event> = given
        .iter()
        .map(|event| {
            let message = event["message"].as_str().filter(|message| !message.is_empty());
            let message = message.ok_or_else(|| invalid("Log event message must be 1 or more characters."))?;
            let at = event["timestamp"].as_i64().ok_or_else(|| invalid("Log event timestamp must not be null"))?;
            Ok(Event { at, ingested, message: message.to_owned(), offset: None })
        })
        .collect::<Result<_, ServiceError>>()?;
    let size: usize = events.iter().map(|event| event.message.len() + OVERHEAD).sum();
    if MOST_BYTES < size {
        return Err(invalid("Upload too large: the batch must be smaller than 1048576 bytes"));
    }
    if !events.is_sorted_by_key(|event| event.at) {
        return Err(invalid("Log events in a single PutLogEvents request must be in chronological order."));
    }
    let span = events.last().zip(events.first()).map_or(0, |(last, first)| last.at - first.at);
    if DAY < span {
        return Err(invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ));
    }
    let expiry = retention.and_then(|days| Millis::try_from(days).ok()).map(|days| ingested - days * DAY);
    let (oldest, newest) = (ingested - 14 * DAY, ingested + 2 * HOUR);
    let count = |below: Millis| events.iter().filter(|event| event.at < below).count();
    let expired = expiry.map_or(0, count);
    let too_old = count(oldest);
    let too_new = events.iter().position(|event| newest < event.at);
    let accepted = events.get(expired.max(too_old)..too_new.unwrap_or(events.len())).unwrap_or_default();
    if !accepted.is_empty() {
        let place = Place { region, group, stream };
        logs.shelf.append(place, accepted).map_err(|error| ServiceError::internal(&error))?;
    }
    let mut answer = json!({ "nextSequenceToken": format!("{ingested:056}") });
    let mut rejected = json!({});
    if let Some(start) = too_new {
        rejected["tooNewLogEventStartIndex"] = json!(start);
    }
    if expired < too_old {
        rejected["tooOldLogEventEndIndex"] = json!(too_old);
    } else if 0 < expired {
        rejected["expiredLogEventEndIndex"] = json!(expired);
    }
    if rejected.as_object().is_some_and(|rejected| !rejected.is_empty()) {
        answer["rejectedLogEventsInfo"] = rejected;
    }
    Ok(answer)
}
