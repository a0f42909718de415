//! `GetLogEvents` and `FilterLogEvents`.
//!
//! A token is the place of an event: its time, its stream, and its number among the events of the stream. It stays good
//! when more is written.

use super::filter::Filter;
use super::operations::group_of;
use super::service::Logs;
use super::shelf::{Event, Place};
use super::state::{Millis, invalid};
use crate::services::wire::ServiceError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Of one answer.
const MOST_EVENTS: usize = 10_000;
const MOST_BYTES: usize = 1_048_576;

/// Time and number.
type Cursor = (Millis, usize);

pub(super) fn get(logs: &Logs, region: &str, input: &Value) -> Result<Value, ServiceError> {
    let group = group_of(input)?;
    let stream = input["logStreamName"].as_str().unwrap_or_default();
    logs.regions.of(region)?.read(|state| state.group(group)?.stream(stream).map(drop))?;
    let (start, end) = (input["startTime"].as_i64().unwrap_or(0), input["endTime"].as_i64().unwrap_or(Millis::MAX));
    let limit = limit(input)?;
    let read = logs.shelf.read(Place { region, group, stream }).map_err(|error| ServiceError::internal(&error))?;
    let events: Vec<(Cursor, Event)> = read
        .into_iter()
        .enumerate()
        .filter(|(_, event)| start <= event.at && event.at < end)
        .map(|(number, event)| ((event.at, number), event))
        .collect();
    let token = input["nextToken"].as_str();
    let page: Vec<&(Cursor, Event)> = match token.map(parse_place).transpose()? {
        Some((false, before)) => {
            let earlier: Vec<_> = events.iter().filter(|(cursor, _)| *cursor < before).collect();
            last(earlier, limit)
        }
        Some((true, after)) => first(events.iter().filter(|(cursor, _)| after < *cursor), limit),
        None if input["startFromHead"].as_bool().unwrap_or(false) => first(events.iter(), limit),
        None => last(events.iter().collect(), limit),
    };
    // The end of the stream answers with the token that led there.
    let place = |letter: char, event: Option<&&(Cursor, Event)>| match (event, token) {
        (Some(((at, number), _)), _) => format!("{letter}/{at}/{number}"),
        (None, Some(token)) => format!("{letter}/{}", token.split_once('/').map_or("0/0", |(_, rest)| rest)),
        // Of a stream without events, so that the first is after it.
        (None, None) if letter == 'f' => "f/-1/0".to_owned(),
        (None, None) => "b/0/0".to_owned(),
    };
    let (forward, backward) = (place('f', page.last()), place('b', page.first()));
    let shown = page
        .iter()
        .map(|(_, event)| json!({ "timestamp": event.at, "message": event.message, "ingestionTime": event.ingested }));
    Ok(json!({
        "events": shown.collect::<Vec<_>>(), "nextForwardToken": forward, "nextBackwardToken": backward,
    }))
}

pub(super) fn filter(logs: &Logs, region: &str, input: &Value) -> Result<Value, ServiceError> {
    let group = group_of(input)?;
    let filter = Filter::parse(input["filterPattern"].as_str().unwrap_or_default())?;
    let (start, end) = (input["startTime"].as_i64().unwrap_or(0), input["endTime"].as_i64().unwrap_or(Millis::MAX));
    let limit = limit(input)?;
    let named: Option<Vec<&str>> =
        input["logStreamNames"].as_array().map(|names| names.iter().filter_map(Value::as_str).collect());
    let prefix = input["logStreamNamePrefix"].as_str();
    if named.is_some() && prefix.is_some() {
        return Err(invalid("logStreamNames and logStreamNamePrefix cannot be given together"));
    }
    let streams: Vec<String> = logs.regions.of(region)?.read(|state| {
        let group = state.group(group)?;
        named.iter().flatten().try_for_each(|name| group.stream(name).map(drop))?;
        let wanted = |name: &&String| {
            named.as_ref().is_none_or(|named| named.contains(&name.as_str()))
                && prefix.is_none_or(|prefix| name.starts_with(prefix))
        };
        Ok::<_, ServiceError>(group.streams.keys().filter(wanted).cloned().collect())
    })?;
    let mut found = Vec::new();
    for stream in &streams {
        let place = Place { region, group, stream };
        let read = logs.shelf.read(place).map_err(|error| ServiceError::internal(&error))?;
        let wanted = read.into_iter().enumerate().filter(|(_, event)| start <= event.at && event.at <= end);
        found.extend(
            wanted
                .filter(|(_, event)| filter.passes(&event.message))
                .map(|(number, event)| ((event.at, stream.as_str(), number), event)),
        );
    }
    found.sort_by_key(|(cursor, _)| *cursor);
    if let Some(token) = input["nextToken"].as_str() {
        let known = || invalid("The specified nextToken is invalid.");
        let token = STANDARD.decode(token).ok().and_then(|token| String::from_utf8(token).ok()).ok_or_else(known)?;
        let mut parts = token.splitn(3, '/');
        let mut number = || parts.next().and_then(|part| part.parse::<i64>().ok()).ok_or_else(known);
        let (at, index) = (number()?, usize::try_from(number()?).map_err(|_| known())?);
        let stream = parts.next().ok_or_else(known)?;
        found.retain(|(cursor, _)| (at, stream, index) < *cursor);
    }
    let total = found.len();
    let page = first(found.iter(), limit);
    let shown: Vec<Value> = page
        .iter()
        .map(|((at, stream, number), event)| {
            json!({
                "logStreamName": stream, "timestamp": at, "message": event.message, "ingestionTime": event.ingested,
                "eventId": event_id(*at, stream, *number),
            })
        })
        .collect();
    let mut answer = json!({ "events": shown, "searchedLogStreams": [] });
    if let (true, Some(((at, stream, number), _))) = (page.len() < total, page.last()) {
        answer["nextToken"] = json!(STANDARD.encode(format!("{at}/{number}/{stream}")));
    }
    Ok(answer)
}

fn limit(input: &Value) -> Result<usize, ServiceError> {
    match input["limit"].as_u64().map(usize::try_from) {
        None => Ok(MOST_EVENTS),
        Some(Ok(limit)) if (1..=MOST_EVENTS).contains(&limit) => Ok(limit),
        Some(_) => Err(invalid("limit must be 1 to 10000")),
    }
}

/// As many as fit into one answer.
fn first<'a, C: 'a>(events: impl Iterator<Item = &'a (C, Event)>, limit: usize) -> Vec<&'a (C, Event)> {
    let mut bytes = 0;
    events
        .take(limit)
        .take_while(|(_, event)| {
            let before = bytes;
            bytes += event.message.len();
            before == 0 || bytes <= MOST_BYTES
        })
        .collect()
}

fn last<C>(events: Vec<&(C, Event)>, limit: usize) -> Vec<&(C, Event)> {
    let mut page = first(events.into_iter().rev(), limit);
    page.reverse();
    page
}

/// Whether a token leads forward, and from where.
fn parse_place(token: &str) -> Result<(bool, Cursor), ServiceError> {
    let invalid = || invalid("The specified nextToken is invalid.");
    let mut parts = token.split('/');
    let forward = match parts.next() {
        Some("f") => true,
        Some("b") => false,
        _ => return Err(invalid()),
    };
    let at = parts.next().and_then(|part| part.parse().ok()).ok_or_else(invalid)?;
    let number = parts.next().and_then(|part| part.parse().ok()).ok_or_else(invalid)?;
    Ok((forward, (at, number)))
}

/// 56 digits, growing with time.
fn event_id(at: Millis, stream: &str, number: usize) -> String {
    let digest = Sha256::digest(format!("{stream}/{number}"));
    let tail = digest.iter().take(16).fold(0_u128, |tail, byte| (tail << 8) | u128::from(*byte));
    format!("{at:017}{tail:039}")
}
