//! The words of an alarm that turns.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html> and
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html>, 2026-11

use super::metrics::{dimensions, number};
use super::state::{Alarm, AlarmKind, AlarmState, Turn};
use crate::services::property::text;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(super) fn subject(region: &str, name: &str, turn: &Turn) -> String {
    format!("{}: \"{name}\" in {}", turn.to.name(), long_name(region))
}

/// What a topic gets.
pub(super) fn message(account: &str, region: &str, name: &str, alarm: &Alarm, turn: &Turn) -> Value {
    let list = |name: &str| alarm.properties.get(name).cloned().unwrap_or_else(|| json!([]));
    let mut message = json!({
        "AlarmName": name, "AlarmDescription": text(&alarm.properties, "AlarmDescription"), "AWSAccountId": account,
        "AlarmConfigurationUpdatedTimestamp": time(alarm.configured), "NewStateValue": turn.to.name(),
        "NewStateReason": turn.reason, "StateChangeTime": time(turn.at), "Region": long_name(region),
        "AlarmArn": alarm.arn, "OldStateValue": turn.from.name(), "OKActions": list("OKActions"),
        "AlarmActions": list("AlarmActions"), "InsufficientDataActions": list("InsufficientDataActions"),
    });
    match alarm.kind {
        AlarmKind::Composite => message["AlarmRule"] = json!(text(&alarm.properties, "AlarmRule")),
        AlarmKind::Metric => {
            let value = |name: &str| alarm.properties.get(name).and_then(number);
            let whole = |name: &str| value(name).map(|value| value as i64);
            let dimensions: Vec<Value> = dimensions(alarm.properties.get("Dimensions"))
                .into_iter()
                .map(|(name, value)| json!({ "value": value, "name": name }))
                .collect();
            message["Trigger"] = json!({
                "MetricName": text(&alarm.properties, "MetricName"), "Namespace": text(&alarm.properties, "Namespace"),
                "StatisticType": "Statistic",
                "Statistic": text(&alarm.properties, "Statistic").unwrap_or("Average").to_uppercase(),
                "Unit": text(&alarm.properties, "Unit"), "Dimensions": dimensions, "Period": whole("Period"),
                "EvaluationPeriods": whole("EvaluationPeriods"), "DatapointsToAlarm": whole("DatapointsToAlarm"),
                "ComparisonOperator": text(&alarm.properties, "ComparisonOperator"), "Threshold": value("Threshold"),
                "TreatMissingData": text(&alarm.properties, "TreatMissingData").unwrap_or("missing"),
                "EvaluateLowSampleCountPercentile": "",
            });
        }
    }
    message
}

/// What a function gets.
pub(super) fn invocation(account: &str, region: &str, name: &str, alarm: &Alarm, turn: &Turn) -> Value {
    json!({
        "source": "aws.cloudwatch", "alarmArn": alarm.arn, "accountId": account, "time": time(turn.at),
        "region": region, "alarmData": event(name, alarm, turn),
    })
}

/// The detail of the event.
pub(super) fn event(name: &str, alarm: &Alarm, turn: &Turn) -> Value {
    let state = |state: AlarmState, reason: &str, since: Timestamp| {
        let state = state.name();
        json!({ "value": state, "reason": reason, "timestamp": time(since) })
    };
    json!({
        "alarmName": name, "state": state(turn.to, &turn.reason, turn.at),
        "previousState": state(turn.from, &turn.from_reason, turn.from_since), "configuration": configuration(alarm),
    })
}

fn configuration(alarm: &Alarm) -> Value {
    let mut configuration = match alarm.kind {
        AlarmKind::Composite => json!({ "alarmRule": text(&alarm.properties, "AlarmRule") }),
        AlarmKind::Metric => {
            let of = |name: &str| text(&alarm.properties, name).unwrap_or_default();
            let metric = json!({
                "namespace": of("Namespace"), "name": of("MetricName"),
                "dimensions": dimensions(alarm.properties.get("Dimensions")),
            });
            let period = alarm.properties.get("Period").and_then(number).unwrap_or(60.0) as i64;
            let stat = text(&alarm.properties, "Statistic").unwrap_or("Average");
            let digest = Sha256::digest(alarm.arn.as_bytes());
            let id = digest.iter().take(16).fold(0_u128, |id, byte| (id << 8) | u128::from(*byte));
            json!({ "metrics": [{
                "id": uuid::Uuid::from_u128(id).to_string(), "metricStat": { "metric": metric, "period": period, "stat": stat },
                "returnData": true,
            }] })
        }
    };
    if let Some(description) = text(&alarm.properties, "AlarmDescription") {
        configuration["description"] = json!(description);
    }
    configuration
}

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string()
}

/// As CloudWatch writes regions in mails; only those that COMO names.
fn long_name(region: &str) -> &str {
    match region {
        "ap-southeast-1" => "Asia Pacific (Singapore)",
        "ap-southeast-2" => "Asia Pacific (Sydney)",
        "ap-northeast-1" => "Asia Pacific (Tokyo)",
        "us-east-1" => "US East (N. Virginia)",
        other => other,
    }
}
