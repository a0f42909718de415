//! Each operation.

use super::service::{Logs, now};
use super::shelf::Place;
use super::state::{Group, Stream, check_group_name, check_stream_name, invalid, no_group, taken};
use super::{describe, events, reading};
use crate::services::wire::ServiceError;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// In days; the API reference, `PutRetentionPolicy`.
const RETENTIONS: &[u64] =
    &[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

pub(super) fn run(logs: &Logs, region: &str, operation: &str, input: &Value) -> Result<Value, ServiceError> {
    let store = logs.regions.of(region)?;
    let stream = input["logStreamName"].as_str().unwrap_or_default();
    match operation {
        "CreateLogGroup" => {
            let name = input["logGroupName"].as_str().unwrap_or_default();
            check_group_name(name)?;
            store.change(|state| {
                if state.groups.contains_key(name) {
                    return Err(taken("The specified log group already exists"));
                }
                let text = |field: &str| input[field].as_str().map(str::to_owned);
                let (kms_key, class) = (text("kmsKeyId"), text("logGroupClass"));
                let group = Group { created: now(), kms_key, class, tags: pairs(&input["tags"]), ..Group::default() };
                state.groups.insert(name.to_owned(), group);
                Ok(())
            })?;
        }
        "DeleteLogGroup" => logs.remove_group(region, group_of(input)?)?,
        "PutRetentionPolicy" => {
            let days = input["retentionInDays"].as_u64().unwrap_or_default();
            let group = group_of(input)?;
            check_retention(days)?;
            store.change(|state| {
                state.group_mut(group)?.retention_days = Some(days);
                Ok::<_, ServiceError>(())
            })?;
        }
        "DeleteRetentionPolicy" => {
            let group = group_of(input)?;
            store.change(|state| {
                state.group_mut(group)?.retention_days = None;
                Ok::<_, ServiceError>(())
            })?;
        }
        "CreateLogStream" => {
            let group = group_of(input)?;
            check_stream_name(stream)?;
            store.change(|state| {
                let group = state.group_mut(group)?;
                if group.streams.contains_key(stream) {
                    return Err(taken("The specified log stream already exists"));
                }
                group.streams.insert(stream.to_owned(), Stream { created: now(), source: None });
                Ok(())
            })?;
        }
        "DeleteLogStream" => {
            let group = group_of(input)?;
            store.change(|state| {
                let group = state.group_mut(group)?;
                group.stream(stream)?;
                group.streams.remove(stream);
                Ok::<_, ServiceError>(())
            })?;
            let place = Place { region, group, stream };
            logs.shelf.remove(place).map_err(|error| ServiceError::internal(&error))?;
        }
        "PutLogEvents" => return events::put(logs, region, input),
        "GetLogEvents" => return reading::get(logs, region, input),
        "FilterLogEvents" => return reading::filter(logs, region, input),
        "DescribeLogGroups" => return describe::groups(logs, region, input),
        "DescribeLogStreams" => return describe::streams(logs, region, input),
        "ListTagsForResource" => {
            let group = tagged(input)?;
            return store.read(|state| Ok(json!({ "tags": state.group(group)?.tags })));
        }
        "TagResource" => {
            let group = tagged(input)?;
            store.change(|state| {
                state.group_mut(group)?.tags.extend(pairs(&input["tags"]));
                Ok::<_, ServiceError>(())
            })?;
        }
        "UntagResource" => {
            let group = tagged(input)?;
            let gone = input["tagKeys"].as_array().cloned().unwrap_or_default();
            store.change(|state| {
                state.group_mut(group)?.tags.retain(|key, _| !gone.iter().any(|one| one == key));
                Ok::<_, ServiceError>(())
            })?;
        }
        _ => return Err(ServiceError::unknown_operation("logs", operation)),
    }
    Ok(json!({}))
}

impl Logs {
    /// With all its streams.
    pub(super) fn remove_group(&self, region: &str, name: &str) -> Result<(), ServiceError> {
        let removed = self.regions.of(region)?.change(|state| state.groups.remove(name).ok_or_else(no_group))?;
        for stream in removed.streams.keys() {
            let place = Place { region, group: name, stream };
            self.shelf.remove(place).map_err(|error| ServiceError::internal(&error))?;
        }
        Ok(())
    }
}

/// By name, or by identifier, which may be an ARN.
pub(super) fn group_of(input: &Value) -> Result<&str, ServiceError> {
    let given = ["logGroupName", "logGroupIdentifier"].iter().find_map(|name| input[*name].as_str());
    let given = given.filter(|given| !given.is_empty());
    given.map(name_of).ok_or_else(|| invalid("logGroupName must not be null"))
}

pub(super) fn check_retention(days: u64) -> Result<(), ServiceError> {
    if RETENTIONS.contains(&days) {
        return Ok(());
    }
    Err(invalid(format!(
        "Value {days} at 'retentionInDays' failed to satisfy constraint: must be one of {RETENTIONS:?}"
    )))
}

fn tagged(input: &Value) -> Result<&str, ServiceError> {
    let arn = input["resourceArn"].as_str().filter(|arn| arn.contains(":log-group:"));
    arn.map(name_of).ok_or_else(|| invalid("resourceArn must be the ARN of a log group"))
}

fn name_of(reference: &str) -> &str {
    let name = reference.split_once(":log-group:").map_or(reference, |(_, name)| name);
    name.strip_suffix(":*").unwrap_or(name)
}

fn pairs(tags: &Value) -> BTreeMap<String, String> {
    let tags = tags.as_object().into_iter().flatten();
    tags.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
}
