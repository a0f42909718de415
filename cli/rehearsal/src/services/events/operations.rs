//! Each operation.

use super::pattern;
use super::schedule::timing;
use super::service::Events;
use super::state::Rule;
use super::target;
use crate::services::wire::ServiceError;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) fn run(events: &Arc<Events>, region: &str, operation: &str, input: &Value) -> Result<Value, ServiceError> {
    let bus = ["EventBusName", "EventBus"].iter().find_map(|name| input[*name].as_str()).unwrap_or("default");
    if bus.rsplit('/').next() != Some("default") {
        let message = format!("the rehearsal cloud does not offer the event bus {bus}, only default");
        return Err(ServiceError::new("ResourceNotFoundException", message));
    }
    let store = events.regions.of(region)?;
    let name = ["Name", "Rule"].iter().find_map(|name| input[*name].as_str()).unwrap_or_default();
    match operation {
        "PutRule" => {
            put_rule(events, region, name, input, None)?;
            Ok(json!({ "RuleArn": events.arn(region, name) }))
        }
        "DescribeRule" => store.read(|state| Ok(shown(events, region, name, state.rule(name)?))),
        "ListRules" => {
            let prefix = input["NamePrefix"].as_str().unwrap_or_default();
            let rules = store.read(|state| {
                let rules = state.rules.iter().filter(|(name, _)| name.starts_with(prefix));
                rules.map(|(name, rule)| shown(events, region, name, rule)).collect::<Vec<_>>()
            });
            Ok(json!({ "Rules": rules }))
        }
        "DeleteRule" => {
            store.change(|state| {
                if state.rules.get(name).is_some_and(|rule| !rule.targets.is_empty()) {
                    let message = "Rule can't be deleted since it has targets.";
                    return Err(ServiceError::new("ValidationException", message));
                }
                state.rules.remove(name);
                Ok(())
            })?;
            Ok(json!({}))
        }
        "EnableRule" | "DisableRule" => {
            let rule = store.change(|state| {
                let rule = state.rule_mut(name)?;
                rule.enabled = operation == "EnableRule";
                rule.revision = uuid::Uuid::new_v4().to_string();
                (rule.due, rule.calendar) = (None, None);
                Ok::<_, ServiceError>(rule.clone())
            })?;
            events.tick(region, name, &rule);
            Ok(json!({}))
        }
        "PutTargets" => {
            let targets = targets(&input["Targets"])?;
            store.change(|state| {
                state.rule_mut(name)?.targets.extend(targets);
                Ok::<_, ServiceError>(())
            })?;
            Ok(json!({ "FailedEntryCount": 0, "FailedEntries": [] }))
        }
        "RemoveTargets" => {
            let ids = input["Ids"].as_array().cloned().unwrap_or_default();
            store.change(|state| {
                state.rule_mut(name)?.targets.retain(|id, _| !ids.iter().any(|gone| gone == id));
                Ok::<_, ServiceError>(())
            })?;
            Ok(json!({ "FailedEntryCount": 0, "FailedEntries": [] }))
        }
        "ListTargetsByRule" => store.read(|state| {
            let targets: Vec<Value> = state.rule(name)?.targets.values().cloned().collect();
            Ok(json!({ "Targets": targets }))
        }),
        "PutEvents" => put_events(events, region, input),
        "TestEventPattern" => {
            let pattern = parsed_pattern(&input["EventPattern"])?;
            let event: Value = serde_json::from_str(input["Event"].as_str().unwrap_or_default()).unwrap_or_default();
            Ok(json!({ "Result": pattern::matches(&pattern, &event) }))
        }
        _ => Err(ServiceError::unknown_operation("EventBridge", operation)),
    }
}

/// Makes a rule or changes it; its targets stay, unless a template brings its own.
pub(super) fn put_rule(
    events: &Arc<Events>,
    region: &str,
    name: &str,
    input: &Value,
    template: Option<(String, BTreeMap<String, Value>)>,
) -> Result<(), ServiceError> {
    let pattern = match &input["EventPattern"] {
        Value::Null => None,
        given => Some(Value::Object(parsed_pattern(given)?)),
    };
    let schedule = input["ScheduleExpression"].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    schedule.as_deref().map(timing).transpose()?;
    let letters = name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_'));
    if name.is_empty() || 64 < name.len() || !letters || (pattern.is_none() && schedule.is_none()) {
        let message = "Parameter(s) EventPattern or ScheduleExpression must be specified, and Name must be valid.";
        return Err(ServiceError::new("ValidationException", message));
    }
    let rule = events.regions.of(region)?.change(|state| {
        let before = state.rules.get(name);
        let (owner, targets) = match template {
            Some((owner, targets)) => (Some(owner), targets),
            None => (
                before.and_then(|rule| rule.owner.clone()),
                before.map(|rule| rule.targets.clone()).unwrap_or_default(),
            ),
        };
        let rule = Rule {
            owner,
            description: input["Description"].as_str().unwrap_or_default().to_owned(),
            pattern,
            schedule,
            enabled: input["State"].as_str() != Some("DISABLED"),
            revision: uuid::Uuid::new_v4().to_string(),
            due: None,
            calendar: None,
            targets,
        };
        state.rules.insert(name.to_owned(), rule.clone());
        Ok::<_, ServiceError>(rule)
    })?;
    events.tick(region, name, &rule);
    Ok(())
}

pub(super) fn targets(list: &Value) -> Result<BTreeMap<String, Value>, ServiceError> {
    let mut targets = BTreeMap::new();
    for entry in list.as_array().into_iter().flatten() {
        target::check(entry)?;
        targets.insert(entry["Id"].as_str().unwrap_or_default().to_owned(), entry.clone());
    }
    Ok(targets)
}

fn put_events(events: &Events, region: &str, input: &Value) -> Result<Value, ServiceError> {
    let entries = input["Entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    if entries.is_empty() || 10 < entries.len() {
        return Err(ServiceError::new("ValidationException", "Entries must have 1 to 10 members"));
    }
    let mut failures = 0;
    let mut answers = Vec::new();
    for entry in entries {
        let text = |name: &str| entry[name].as_str().unwrap_or_default();
        let detail: Option<Value> = serde_json::from_str(text("Detail")).ok().filter(Value::is_object);
        let bus = entry["EventBusName"].as_str().unwrap_or("default");
        let refusal = match (&detail, text("Source"), text("DetailType")) {
            (None, ..) => Some(("MalformedDetail", "Detail is malformed.".to_owned())),
            (_, "", _) | (_, _, "") => {
                Some(("InvalidArgument", "Parameter Source or DetailType is not valid.".to_owned()))
            }
            _ if bus.rsplit('/').next() != Some("default") => Some((
                "InvalidArgument",
                format!("the rehearsal cloud does not offer the event bus {bus}, only default"),
            )),
            _ => None,
        };
        if let Some((code, message)) = refusal {
            failures += 1;
            answers.push(json!({ "ErrorCode": code, "ErrorMessage": message }));
            continue;
        }
        let resources = entry["Resources"].as_array().cloned().unwrap_or_default();
        let detail = detail.unwrap_or_default();
        let event = events.event(region, text("Source"), text("DetailType"), detail, Value::Array(resources));
        events.put(region, &event)?;
        answers.push(json!({ "EventId": event["id"] }));
    }
    Ok(json!({ "FailedEntryCount": failures, "Entries": answers }))
}

/// Text on the wire, an object in a template.
fn parsed_pattern(given: &Value) -> Result<Map<String, Value>, ServiceError> {
    let invalid = |reason: String| {
        ServiceError::new("InvalidEventPatternException", format!("Event pattern is not valid. Reason: {reason}"))
    };
    let parsed: Value = match given.as_str() {
        Some(text) => serde_json::from_str(text).map_err(|error| invalid(error.to_string()))?,
        None => given.clone(),
    };
    let Value::Object(pattern) = parsed else { return Err(invalid("Filter is not an object".to_owned())) };
    pattern::check(&pattern).map_err(invalid)?;
    Ok(pattern)
}

fn shown(events: &Events, region: &str, name: &str, rule: &Rule) -> Value {
    let mut shown = json!({
        "Name": name, "Arn": events.arn(region, name), "State": if rule.enabled { "ENABLED" } else { "DISABLED" },
        "EventBusName": "default",
    });
    if let Some(pattern) = &rule.pattern {
        shown["EventPattern"] = json!(pattern.to_string());
    }
    if let Some(schedule) = &rule.schedule {
        shown["ScheduleExpression"] = json!(schedule);
    }
    if !rule.description.is_empty() {
        shown["Description"] = json!(rule.description);
    }
    shown
}
