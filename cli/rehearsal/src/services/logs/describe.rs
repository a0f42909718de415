//! `DescribeLogGroups` and `DescribeLogStreams`.

use super::operations::group_of;
use super::service::Logs;
use super::shelf::{Place, Summary};
use super::state::{Group, invalid};
use crate::services::wire::ServiceError;
use serde_json::{Value, json};

const MOST: usize = 50;

pub(super) fn groups(logs: &Logs, region: &str, input: &Value) -> Result<Value, ServiceError> {
    let (prefix, part) = (input["logGroupNamePrefix"].as_str(), input["logGroupNamePattern"].as_str());
    if prefix.is_some() && part.is_some() {
        return Err(invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."));
    }
    let wanted = |name: &str| {
        prefix.is_none_or(|prefix| name.starts_with(prefix))
            && part.is_none_or(|part| name.to_lowercase().contains(&part.to_lowercase()))
    };
    let found: Vec<(String, Group)> = logs.regions.of(region)?.read(|state| {
        let groups = state.groups.iter().filter(|(name, _)| wanted(name));
        groups.map(|(name, group)| (name.clone(), group.clone())).collect()
    });
    let (page, next) = page(found, input, |(name, _)| name)?;
    let mut shown = Vec::new();
    for (name, group) in page {
        let mut stored = 0;
        for stream in group.streams.keys() {
            stored += summary(logs, Place { region, group: &name, stream })?.bytes;
        }
        let arn = logs.group_arn(region, &name);
        let mut one = json!({
            "logGroupName": name, "creationTime": group.created, "metricFilterCount": 0, "storedBytes": stored,
            "arn": format!("{arn}:*"), "logGroupArn": arn, "logGroupClass": group.class.as_deref().unwrap_or("STANDARD"),
        });
        if let Some(days) = group.retention_days {
            one["retentionInDays"] = json!(days);
        }
        if let Some(key) = group.kms_key {
            one["kmsKeyId"] = json!(key);
        }
        shown.push(one);
    }
    Ok(with_token(json!({ "logGroups": shown }), next))
}

pub(super) fn streams(logs: &Logs, region: &str, input: &Value) -> Result<Value, ServiceError> {
    let group = group_of(input)?;
    let prefix = input["logStreamNamePrefix"].as_str();
    let by_time = input["orderBy"].as_str() == Some("LastEventTime");
    if by_time && prefix.is_some() {
        return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let known: Vec<(String, i64)> = logs.regions.of(region)?.read(|state| {
        let streams = state.group(group)?.streams.iter();
        let streams = streams.filter(|(name, _)| prefix.is_none_or(|prefix| name.starts_with(prefix)));
        Ok::<_, ServiceError>(streams.map(|(name, stream)| (name.clone(), stream.created)).collect())
    })?;
    let mut found = Vec::new();
    for (stream, created) in known {
        let summary = summary(logs, Place { region, group, stream: &stream })?;
        let order = if by_time { format!("{:020} {stream}", summary.last.unwrap_or(0)) } else { stream.clone() };
        found.push((order, stream, created, summary));
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    if input["descending"].as_bool().unwrap_or(false) {
        found.reverse();
    }
    let (page, next) = page(found, input, |(order, ..)| order)?;
    let shown = page.into_iter().map(|(_, stream, created, summary)| {
        let arn = format!("{}:log-stream:{stream}", logs.group_arn(region, group));
        let mut one = json!({ "logStreamName": stream, "creationTime": created, "arn": arn, "storedBytes": 0 });
        for (name, value) in [
            ("firstEventTimestamp", summary.first),
            ("lastEventTimestamp", summary.last),
            ("lastIngestionTime", summary.ingested),
        ] {
            if let Some(value) = value {
                one[name] = json!(value);
            }
        }
        one
    });
    let shown: Vec<Value> = shown.collect();
    Ok(with_token(json!({ "logStreams": shown }), next))
}

/// From the one that the token names on, and the token of the next page.
fn page<T>(
    found: Vec<T>,
    input: &Value,
    name: impl Fn(&T) -> &String,
) -> Result<(Vec<T>, Option<String>), ServiceError> {
    let most = match input["limit"].as_u64().map(usize::try_from) {
        None => MOST,
        Some(Ok(limit)) if (1..=MOST).contains(&limit) => limit,
        Some(_) => return Err(invalid("limit must be 1 to 50")),
    };
    let from = match input["nextToken"].as_str() {
        None => 0,
        Some(token) => found
            .iter()
            .position(|one| name(one) == token)
            .ok_or_else(|| invalid("The specified nextToken is invalid."))?,
    };
    let next = found.get(from + most).map(|one| name(one).clone());
    Ok((found.into_iter().skip(from).take(most).collect(), next))
}

fn with_token(mut answer: Value, next: Option<String>) -> Value {
    if let Some(next) = next {
        answer["nextToken"] = json!(next);
    }
    answer
}

fn summary(logs: &Logs, place: Place<'_>) -> Result<Summary, ServiceError> {
    logs.shelf.summary(place).map_err(|error| ServiceError::internal(&error))
}
