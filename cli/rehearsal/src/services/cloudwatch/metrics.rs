//! Data points that were put, a few hours of them.

use crate::services::property::Properties;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// By region, then by metric.
pub(super) type Metrics = BTreeMap<String, BTreeMap<String, Series>>;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Series {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) dimensions: BTreeMap<String, String>,
    /// In order of time.
    pub(super) points: Vec<Point>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Point {
    pub(super) at: Timestamp,
    pub(super) sum: f64,
    pub(super) count: f64,
    pub(super) minimum: f64,
    pub(super) maximum: f64,
}

const KEPT: SignedDuration = SignedDuration::from_hours(3);
const KEPT_POINTS: usize = 2000;

pub(super) fn key(namespace: &str, name: &str, dimensions: &BTreeMap<String, String>) -> String {
    let dimensions: Vec<String> = dimensions.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{namespace}/{name} {}", dimensions.join(","))
}

/// From a list of names and values.
pub(super) fn dimensions(list: Option<&Value>) -> BTreeMap<String, String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    let pairs = list.filter_map(|one| Some((one["Name"].as_str()?.to_owned(), one["Value"].as_str()?.to_owned())));
    pairs.collect()
}

/// A number, or its text as forms have it.
pub(super) fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

/// Seconds since 1970, or a text as forms have it.
pub(super) fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(seconds) => Timestamp::from_millisecond((seconds.as_f64()? * 1000.0) as i64).ok(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

impl Series {
    pub(super) fn add(&mut self, point: Point) {
        self.points.push(point);
        self.points.sort_by_key(|point| point.at);
        let oldest = Timestamp::now() - KEPT;
        self.points.retain(|point| oldest <= point.at);
        let surplus = self.points.len().saturating_sub(KEPT_POINTS);
        self.points.drain(..surplus);
    }

    /// The statistic over the points after one time up to another; None without any.
    pub(super) fn statistic(&self, name: &str, after: Timestamp, until: Timestamp) -> Option<f64> {
        let points = self.points.iter().filter(|point| after < point.at && point.at <= until);
        let total = points.copied().reduce(|one, other| Point {
            at: other.at,
            sum: one.sum + other.sum,
            count: one.count + other.count,
            minimum: one.minimum.min(other.minimum),
            maximum: one.maximum.max(other.maximum),
        })?;
        match name {
            "Sum" => Some(total.sum),
            "Minimum" => Some(total.minimum),
            "Maximum" => Some(total.maximum),
            "SampleCount" => Some(total.count),
            "Average" => Some(total.sum / total.count),
            _ => None,
        }
    }
}

/// The point of one entry of PutMetricData.
pub(super) fn point(datum: &Value) -> Option<Point> {
    let at = time(&datum["Timestamp"]).unwrap_or_else(Timestamp::now);
    if let Some(value) = number(&datum["Value"]) {
        return Some(Point { at, sum: value, count: 1.0, minimum: value, maximum: value });
    }
    let set = &datum["StatisticValues"];
    Some(Point {
        at,
        sum: number(&set["Sum"])?,
        count: number(&set["SampleCount"])?,
        minimum: number(&set["Minimum"])?,
        maximum: number(&set["Maximum"])?,
    })
}

/// The series that an alarm watches.
pub(super) fn watched(properties: &Properties) -> Option<String> {
    let text = |name: &str| properties.get(name).and_then(Value::as_str);
    Some(key(text("Namespace")?, text("MetricName")?, &dimensions(properties.get("Dimensions"))))
}
