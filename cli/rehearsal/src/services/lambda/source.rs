//! Event source mappings on the wire.

use super::archive::invalid;
use super::service::Lambda;
use super::state::{Mapping, missing};
use crate::services::wire::ServiceError;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;

/// Messages of one receive; the developer guide, "Using Lambda with Amazon SQS".
pub(super) const MOST_AT_ONCE: usize = 10;
const MOST_IN_A_BATCH: usize = 10_000;
/// In seconds.
const LONGEST_WINDOW: u64 = 300;

pub(super) fn mappings(
    lambda: &Arc<Lambda>,
    region: &str,
    method: &str,
    rest: &[&str],
    input: &Value,
) -> Result<(u16, Value), ServiceError> {
    let store = lambda.regions.of(region)?;
    let account = lambda.surroundings.account.as_str();
    let no_mapping = || missing("The resource you requested does not exist.".to_owned());
    match (method, rest) {
        ("POST", []) => {
            let id = uuid::Uuid::new_v4().to_string();
            let mapping = lambda.add_mapping(region, &id, None, input)?;
            Ok((202, shown(&mapping, &id, region, account)))
        }
        ("GET", []) => {
            let all = store.read(|state| {
                let all = state.mappings.iter().map(|(id, mapping)| shown(mapping, id, region, account));
                all.collect::<Vec<_>>()
            });
            Ok((200, json!({ "EventSourceMappings": all })))
        }
        ("GET", [id]) => {
            let mapping = store.read(|state| state.mappings.get(*id).cloned()).ok_or_else(no_mapping)?;
            Ok((200, shown(&mapping, id, region, account)))
        }
        ("PUT", [id]) => {
            let mapping = lambda.change_mapping(region, id, input)?;
            Ok((202, shown(&mapping, id, region, account)))
        }
        ("DELETE", [id]) => {
            let gone = store.change(|state| state.mappings.remove(*id).ok_or_else(no_mapping))?;
            let mut answer = shown(&gone, id, region, account);
            answer["State"] = json!("Deleting");
            Ok((202, answer))
        }
        _ => Err(ServiceError::unknown_operation("Lambda", &format!("{method} of event source mappings"))),
    }
}

impl Lambda {
    pub(super) fn add_mapping(
        self: &Arc<Self>,
        region: &str,
        id: &str,
        owner: Option<String>,
        input: &Value,
    ) -> Result<Mapping, ServiceError> {
        let source = input["EventSourceArn"].as_str().unwrap_or_default();
        if source.is_empty() {
            return Err(invalid("EventSourceArn must not be null"));
        }
        if source.split(':').nth(2) != Some("sqs") {
            return Err(invalid(format!(
                "the rehearsal cloud does not offer event sources other than queues: {source}"
            )));
        }
        let visibility = self.surroundings.sqs.visibility_seconds(source).map_err(|error| invalid(error.message))?;
        let function = input["FunctionName"].as_str().unwrap_or_default();
        let timeout =
            self.regions.of(region)?.read(|state| state.function(function).map(|one| one.settings.timeout_seconds))?;
        if visibility < timeout {
            return Err(invalid(format!(
                "Queue visibility timeout: {visibility} seconds is less than Function timeout: {timeout} seconds"
            )));
        }
        let mut mapping = Mapping {
            owner,
            function: String::new(),
            source: source.to_owned(),
            enabled: true,
            batch_size: 10,
            window_seconds: 0,
            reports_failures: false,
            modified: Timestamp::now(),
            last_result: "No records processed".to_owned(),
        };
        adjust(&mut mapping, input)?;
        let kept = self.regions.of(region)?.change(|state| {
            mapping.function = state.function(function)?.name.clone();
            // One that is asked for again is the same.
            Ok::<_, ServiceError>(state.mappings.entry(id.to_owned()).or_insert(mapping).clone())
        })?;
        self.follow(region, id.to_owned());
        Ok(kept)
    }

    pub(super) fn change_mapping(
        self: &Arc<Self>,
        region: &str,
        id: &str,
        input: &Value,
    ) -> Result<Mapping, ServiceError> {
        let mapping = self.regions.of(region)?.change(|state| {
            let mapping = state.mappings.get_mut(id);
            let mapping = mapping.ok_or_else(|| missing("The resource you requested does not exist.".to_owned()))?;
            adjust(mapping, input)?;
            mapping.modified = Timestamp::now();
            Ok::<_, ServiceError>(mapping.clone())
        })?;
        self.follow(region, id.to_owned());
        Ok(mapping)
    }
}

/// That do something here, or belong to the call.
const KNOWN: &[&str] = &[
    "BatchSize",
    "Enabled",
    "EventSourceArn",
    "FunctionName",
    "FunctionResponseTypes",
    "MaximumBatchingWindowInSeconds",
    "Tags",
];

fn adjust(mapping: &mut Mapping, input: &Value) -> Result<(), ServiceError> {
    let given = input.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    if let Some((name, _)) = given.into_iter().find(|(name, _)| !KNOWN.contains(&name.as_str())) {
        return Err(invalid(format!("the rehearsal cloud does not offer {name} of event source mappings")));
    }
    let flag = &input["Enabled"];
    if let Some(enabled) = flag.as_bool().or_else(|| flag.as_str()?.parse().ok()) {
        mapping.enabled = enabled;
    }
    let number = |name: &str| input[name].as_u64().or_else(|| input[name].as_str()?.parse().ok());
    if let Some(size) = number("BatchSize").and_then(|size| usize::try_from(size).ok()) {
        mapping.batch_size = size;
    }
    if let Some(seconds) = number("MaximumBatchingWindowInSeconds") {
        mapping.window_seconds = seconds;
    }
    if let Some(types) = input["FunctionResponseTypes"].as_array() {
        mapping.reports_failures = types.iter().any(|kind| kind == "ReportBatchItemFailures");
    }
    let is_fifo = mapping.source.ends_with(".fifo");
    let most = if is_fifo { MOST_AT_ONCE } else { MOST_IN_A_BATCH };
    if !(1..=most).contains(&mapping.batch_size) || LONGEST_WINDOW < mapping.window_seconds {
        return Err(invalid(format!("BatchSize must be 1 to {most}, and the batching window 0 to {LONGEST_WINDOW}")));
    }
    if MOST_AT_ONCE < mapping.batch_size && mapping.window_seconds == 0 {
        return Err(invalid(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
        ));
    }
    if is_fifo && 0 < mapping.window_seconds {
        return Err(invalid("Batching window is not supported for FIFO queues"));
    }
    Ok(())
}

fn shown(mapping: &Mapping, id: &str, region: &str, account: &str) -> Value {
    json!({
        "UUID": id, "MaximumBatchingWindowInSeconds": mapping.window_seconds, "BatchSize": mapping.batch_size, "EventSourceArn": mapping.source,
        "FunctionArn": format!("arn:aws:lambda:{region}:{account}:function:{}", mapping.function),
        "LastModified": mapping.modified.as_second(), "LastProcessingResult": mapping.last_result,
        "State": if mapping.enabled { "Enabled" } else { "Disabled" },
        "FunctionResponseTypes": if mapping.reports_failures { json!(["ReportBatchItemFailures"]) } else { json!([]) },
    })
}
