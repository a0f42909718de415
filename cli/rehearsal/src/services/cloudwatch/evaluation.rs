//! How a metric alarm judges its metric.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html>, 2026-11

use super::metrics::{Series, number, watched};
use super::state::AlarmState;
use crate::clock::Clock;
use crate::services::property::{Properties, text};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::time::Duration;

/// However fast the clock, a point must be seen before its period is over.
const SHORTEST_PERIOD: Duration = Duration::from_secs(1);

/// The state that the data ask for and why; None when there are no data to judge by, or the alarm asks for something
/// other than one metric's statistic.
pub(super) fn judge(
    properties: &Properties,
    metrics: &BTreeMap<String, Series>,
    clock: &Clock,
    now: Timestamp,
) -> Option<(AlarmState, String)> {
    let series = metrics.get(&watched(properties)?).filter(|series| !series.points.is_empty())?;
    let value = |name: &str| properties.get(name).and_then(number);
    let seconds = value("Period").unwrap_or(60.0).max(1.0);
    let period = clock.wall(Duration::from_secs_f64(seconds)).max(SHORTEST_PERIOD);
    let period = SignedDuration::try_from(period).ok()?;
    let periods = value("EvaluationPeriods").unwrap_or(1.0).clamp(1.0, 1000.0) as i32;
    let needed = value("DatapointsToAlarm").unwrap_or(f64::from(periods)) as i32;
    let statistic = text(properties, "Statistic").unwrap_or("Average");
    let operator = text(properties, "ComparisonOperator").unwrap_or_default();
    let threshold = value("Threshold")?;
    let treatment = text(properties, "TreatMissingData").unwrap_or("missing");

    let (mut breaching, mut missing) = (0, 0);
    for index in 0..periods {
        let until = now - period.checked_mul(index)?;
        match series.statistic(statistic, until - period, until) {
            Some(value) if breaches(value, operator, threshold)? => breaching += 1,
            Some(_) => {}
            None => missing += 1,
        }
    }
    let words = format!(
        "Threshold Crossed: {breaching} out of the last {periods} datapoints {operator} the threshold ({threshold}) \
         (minimum {needed} datapoints for OK -> ALARM transition)."
    );
    if treatment == "breaching" {
        breaching += missing;
        missing = 0;
    }
    if needed <= breaching {
        return Some((AlarmState::Alarm, words));
    }
    if missing == periods {
        return match treatment {
            "notBreaching" => Some((AlarmState::Ok, words)),
            "ignore" => None,
            _ => Some((AlarmState::InsufficientData, "Insufficient Data: no datapoints were received".to_owned())),
        };
    }
    Some((AlarmState::Ok, words))
}

fn breaches(value: f64, operator: &str, threshold: f64) -> Option<bool> {
    match operator {
        "GreaterThanThreshold" => Some(threshold < value),
        "GreaterThanOrEqualToThreshold" => Some(threshold <= value),
        "LessThanThreshold" => Some(value < threshold),
        "LessThanOrEqualToThreshold" => Some(value <= threshold),
        // Bands need a model of the metric, which is not here.
        _ => None,
    }
}
