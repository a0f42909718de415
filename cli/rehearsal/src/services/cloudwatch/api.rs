//! CloudWatch's operations, in AWS's JSON protocol and in the older form.

use super::announce;
use super::metrics::{Series, dimensions, key, number, point, time};
use super::rule;
use super::state::{Alarm, AlarmKind, AlarmState, CloudWatch};
use crate::services::property::flag;
use crate::services::query;
use crate::services::wire::{self, Request, Response, ServiceError};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

type Answer = Result<Value, ServiceError>;

const NAMESPACE: &str = "http://monitoring.amazonaws.com/doc/2010-08-01/";

impl CloudWatch {
    pub(crate) fn handle(&self, region: &str, request: &Request) -> Response {
        if let Some(operation) = wire::operation(request) {
            let seconds = |time: Timestamp| json!(time.as_millisecond() as f64 / 1000.0);
            return wire::respond(wire::body(request).and_then(|input| self.run(region, operation, &input, &seconds)));
        }
        let Some((action, input)) = query::parse(request.body()) else { return wire::not_there("monitoring", request) };
        let text = |time: Timestamp| json!(time.to_string());
        match self.run(region, &action, &input, &text) {
            Ok(output) => query::respond(&action, NAMESPACE, &output),
            Err(error) => wire::query_error_response(&error),
        }
    }

    fn run(&self, region: &str, operation: &str, input: &Value, show: &dyn Fn(Timestamp) -> Value) -> Answer {
        match operation {
            "PutMetricData" => self.put_metric_data(region, input),
            "GetMetricStatistics" => self.get_metric_statistics(region, input, show),
            "ListMetrics" => Ok(self.list_metrics(region, input)),
            "PutMetricAlarm" => self.put_alarm(region, input, AlarmKind::Metric),
            "PutCompositeAlarm" => self.put_alarm(region, input, AlarmKind::Composite),
            "DescribeAlarms" => Ok(self.describe_alarms(region, input, show)),
            "DescribeAlarmHistory" => Ok(self.describe_history(region, input, show)),
            "EnableAlarmActions" | "DisableAlarmActions" => {
                let names = texts(&input["AlarmNames"]);
                let enabled = json!(operation == "EnableAlarmActions");
                self.change(|alarms| {
                    let here = alarms.entry(region.to_owned()).or_default();
                    for alarm in here.iter_mut().filter(|(name, _)| names.contains(name)).map(|(_, alarm)| alarm) {
                        alarm.properties.insert("ActionsEnabled".to_owned(), enabled.clone());
                    }
                    Ok::<_, ServiceError>(json!({}))
                })
            }
            "SetAlarmState" => self.set_alarm_state(region, input),
            "DeleteAlarms" => {
                let names = texts(&input["AlarmNames"]);
                self.change(|alarms| {
                    let here = alarms.entry(region.to_owned()).or_default();
                    if let Some(missing) = names.iter().find(|name| !here.contains_key(*name)) {
                        return Err(not_found(missing));
                    }
                    here.retain(|name, _| !names.contains(name));
                    Ok(json!({}))
                })
            }
            _ => Err(ServiceError::unknown_operation("monitoring", operation)),
        }
    }

    fn put_metric_data(&self, region: &str, input: &Value) -> Answer {
        let namespace = input["Namespace"].as_str().unwrap_or_default();
        let invalid = |message: &str| ServiceError::new("InvalidParameterValue", message);
        if namespace.is_empty() {
            return Err(invalid("The parameter Namespace is required."));
        }
        self.metrics.change(|metrics| {
            let here = metrics.entry(region.to_owned()).or_default();
            for datum in input["MetricData"].as_array().into_iter().flatten() {
                let name =
                    datum["MetricName"].as_str().ok_or_else(|| invalid("The parameter MetricName is required."))?;
                let point =
                    point(datum).ok_or_else(|| invalid("At least one of Value or StatisticValues is required."))?;
                let dimensions = dimensions(datum.get("Dimensions"));
                let fresh = || Series {
                    namespace: namespace.to_owned(),
                    name: name.to_owned(),
                    dimensions: dimensions.clone(),
                    points: Vec::new(),
                };
                here.entry(key(namespace, name, &dimensions)).or_insert_with(fresh).add(point);
            }
            Ok::<_, ServiceError>(())
        })?;
        self.evaluate()?;
        Ok(json!({}))
    }

    fn get_metric_statistics(&self, region: &str, input: &Value, show: &dyn Fn(Timestamp) -> Value) -> Answer {
        let invalid =
            || ServiceError::new("InvalidParameterCombination", "StartTime, EndTime and Period are required.");
        let (start, end) = time(&input["StartTime"]).zip(time(&input["EndTime"])).ok_or_else(invalid)?;
        let period = number(&input["Period"]).filter(|period| 1.0 <= *period).ok_or_else(invalid)?;
        let period = SignedDuration::from_secs(period as i64);
        let text = |name: &str| input[name].as_str().unwrap_or_default();
        let key = key(text("Namespace"), text("MetricName"), &dimensions(input.get("Dimensions")));
        let wanted = texts(&input["Statistics"]);
        let points = self.metrics.read(|metrics| {
            let Some(series) = metrics.get(region).and_then(|here| here.get(&key)) else { return Vec::new() };
            let mut points = Vec::new();
            let mut from = start;
            // As many as CloudWatch gives at most.
            while from < end && points.len() < 1440 {
                let mut shown = json!({ "Timestamp": show(from), "Unit": "None" });
                let mut any = false;
                for name in &wanted {
                    if let Some(value) = series.statistic(name, from, from + period) {
                        shown[name] = json!(value);
                        any = true;
                    }
                }
                points.extend(any.then_some(shown));
                from += period;
            }
            points
        });
        Ok(json!({ "Label": text("MetricName"), "Datapoints": points }))
    }

    fn list_metrics(&self, region: &str, input: &Value) -> Value {
        let asked = |name: &str, value: &str| input[name].as_str().is_none_or(|wanted| wanted == value);
        let metrics: Vec<Value> = self.metrics.read(|metrics| {
            let here = metrics.get(region).into_iter().flat_map(BTreeMap::values);
            let here = here.filter(|one| asked("Namespace", &one.namespace) && asked("MetricName", &one.name));
            here.map(|one| {
                let dimensions: Vec<Value> =
                    one.dimensions.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
                json!({ "Namespace": one.namespace, "MetricName": one.name, "Dimensions": dimensions })
            })
            .collect()
        });
        json!({ "Metrics": metrics })
    }

    fn put_alarm(&self, region: &str, input: &Value, kind: AlarmKind) -> Answer {
        let name = input["AlarmName"].as_str().unwrap_or_default().to_owned();
        let properties = input.as_object().cloned().unwrap_or_default();
        if name.is_empty() {
            return Err(ServiceError::new("ValidationError", "AlarmName is required."));
        }
        announce::check(&properties).map_err(|message| ServiceError::new("ValidationError", message))?;
        if let (AlarmKind::Composite, rule) = (kind, input["AlarmRule"].as_str().unwrap_or_default()) {
            rule::holds(rule, &BTreeMap::new()).map_err(|message| ServiceError::new("ValidationError", message))?;
        }
        let arn = format!("arn:aws:cloudwatch:{region}:{}:alarm:{name}", self.account);
        self.change(|alarms| {
            let here = alarms.entry(region.to_owned()).or_default();
            let fresh = || Alarm::new("the API".to_owned(), arn, kind, properties.clone());
            here.entry(name).or_insert_with(fresh).properties = properties.clone();
            Ok::<_, ServiceError>(())
        })?;
        self.evaluate()?;
        Ok(json!({}))
    }

    fn describe_alarms(&self, region: &str, input: &Value, show: &dyn Fn(Timestamp) -> Value) -> Value {
        let names = texts(&input["AlarmNames"]);
        let prefix = input["AlarmNamePrefix"].as_str().unwrap_or_default();
        let state = input["StateValue"].as_str();
        let kinds = texts(&input["AlarmTypes"]);
        let mut output = json!({ "MetricAlarms": [], "CompositeAlarms": [] });
        self.alarms.read(|alarms| {
            for (name, alarm) in alarms.get(region).into_iter().flatten() {
                let (list, kind) = match alarm.kind {
                    AlarmKind::Metric => ("MetricAlarms", "MetricAlarm"),
                    AlarmKind::Composite => ("CompositeAlarms", "CompositeAlarm"),
                };
                // Without a word about types, only metric alarms are shown.
                let of_kind = if kinds.is_empty() {
                    kind == "MetricAlarm" || !names.is_empty()
                } else {
                    kinds.iter().any(|one| one == kind)
                };
                let is_meant = (names.is_empty() || names.contains(name)) && name.starts_with(prefix) && of_kind;
                if is_meant && state.is_none_or(|state| state == alarm.state.name()) {
                    let mut shown = Value::Object(alarm.properties.clone());
                    for (key, value) in [
                        ("AlarmArn", json!(alarm.arn)),
                        ("StateValue", json!(alarm.state.name())),
                        ("StateReason", json!(alarm.reason)),
                        ("StateUpdatedTimestamp", show(alarm.since)),
                        ("AlarmConfigurationUpdatedTimestamp", show(alarm.configured)),
                        ("ActionsEnabled", json!(flag(&alarm.properties, "ActionsEnabled").unwrap_or(true))),
                    ] {
                        shown[key] = value;
                    }
                    for key in ["Threshold", "Period", "EvaluationPeriods", "DatapointsToAlarm"] {
                        if let Some(value) = shown.get(key).and_then(number) {
                            let is_whole = key != "Threshold";
                            shown[key] = if is_whole { json!(value as i64) } else { json!(value) };
                        }
                    }
                    if let Some(list) = output[list].as_array_mut() {
                        list.push(shown);
                    }
                }
            }
        });
        output
    }

    fn describe_history(&self, region: &str, input: &Value, show: &dyn Fn(Timestamp) -> Value) -> Value {
        let (wanted, kind) = (input["AlarmName"].as_str(), input["HistoryItemType"].as_str());
        let mut items: Vec<(Timestamp, Value)> = self.alarms.read(|alarms| {
            let here = alarms.get(region).into_iter().flatten();
            let here = here.filter(|(name, _)| wanted.is_none_or(|wanted| wanted == name.as_str()));
            here.flat_map(|(name, alarm)| {
                let turns = alarm.history.iter().map(move |change| {
                    let words = format!("Alarm updated from {} to {}", change.from.name(), change.to.name());
                    (change.at, name, "StateUpdate", words, json!({ "reason": change.reason }))
                });
                let acts = alarm.acts.iter().map(move |act| {
                    let how = if act.failure.is_none() { "Successfully executed" } else { "Failed to execute" };
                    let state = if act.failure.is_none() { "Succeeded" } else { "Failed" };
                    let data =
                        json!({ "actionState": state, "notificationResource": act.target, "error": act.failure });
                    (act.at, name, "Action", format!("{how} action {}", act.target), data)
                });
                turns.chain(acts)
            })
            .filter(|(_, _, of, ..)| kind.is_none_or(|kind| kind == *of))
            .map(|(at, name, kind, words, data)| {
                let item = json!({
                    "AlarmName": name, "Timestamp": show(at), "HistoryItemType": kind, "HistorySummary": words,
                    "HistoryData": data.to_string(),
                });
                (at, item)
            })
            .collect()
        });
        items.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let items: Vec<Value> = items.into_iter().map(|(_, item)| item).collect();
        json!({ "AlarmHistoryItems": items })
    }

    fn set_alarm_state(&self, region: &str, input: &Value) -> Answer {
        let name = input["AlarmName"].as_str().unwrap_or_default();
        let invalid = || ServiceError::new("ValidationError", "StateValue must be OK, ALARM or INSUFFICIENT_DATA.");
        let state = input["StateValue"].as_str().and_then(AlarmState::named).ok_or_else(invalid)?;
        let reason = input["StateReason"].as_str().unwrap_or_default().to_owned();
        self.change(|alarms| {
            let alarm = alarms.get_mut(region).and_then(|here| here.get_mut(name)).ok_or_else(|| not_found(name))?;
            alarm.turn(state, reason);
            Ok(json!({}))
        })
    }
}

fn not_found(name: &str) -> ServiceError {
    ServiceError { status: 404, code: "ResourceNotFound".to_owned(), message: format!("Alarm {name} does not exist") }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
