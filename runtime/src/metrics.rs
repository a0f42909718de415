//! Numbers for CloudWatch, as lines of the log in its embedded metric format: CloudWatch Logs makes metrics of them, and the
//! service needs neither a client nor a right for it.
//!
//! Code says that something is to be measured by an event (`como_contract::metric::event`); a layer of the log writes the line.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::io::Write;
use std::sync::Mutex;

use como_contract::metric::{self, event};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// One number, as an event has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Measurement {
    pub metric: String,
    pub value: u64,
    pub partner: Option<String>,
}

/// The line of a measurement, without its end. `environment` is the one whose data the service works with.
#[must_use]
pub fn line(environment: &str, at: Timestamp, measurement: &Measurement) -> String {
    let mut dimensions = vec![(metric::ENVIRONMENT, environment)];
    dimensions.extend(measurement.partner.as_deref().map(|partner| (metric::PARTNER, partner)));
    let names: Vec<&str> = dimensions.iter().map(|(name, _)| *name).collect();
    let directive = json!({
        "Namespace": metric::NAMESPACE,
        "Dimensions": [names],
        "Metrics": [{ "Name": measurement.metric, "Unit": "Count" }],
    });
    let mut fields = Map::new();
    fields.insert("_aws".to_owned(), json!({ "Timestamp": at.as_millisecond(), "CloudWatchMetrics": [directive] }));
    fields.extend(dimensions.into_iter().map(|(name, value)| (name.to_owned(), json!(value))));
    fields.insert(measurement.metric.clone(), json!(measurement.value));
    Value::Object(fields).to_string()
}

/// Writes a line for each measurement, and nothing for any other event.
pub(crate) struct Metrics<W> {
    environment: String,
    out: Mutex<W>,
}

impl<W: Write + Send + 'static> Metrics<W> {
    pub(crate) const fn new(environment: String, out: W) -> Self {
        Self { environment, out: Mutex::new(out) }
    }
}

impl<S: Subscriber, W: Write + Send + 'static> Layer<S> for Metrics<W> {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() != event::TARGET {
            return;
        }
        let mut measurement = Measurement::default();
        event.record(&mut measurement);
        let line = line(&self.environment, Timestamp::now(), &measurement);
        if let Ok(mut out) = self.out.lock() {
            // Whole, so that no other line comes between; a log that takes nothing any more is nobody's to complain to.
            let _lost = out.write_all(format!("{line}\n").as_bytes());
        }
    }
}

impl Visit for Measurement {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            event::NAME => value.clone_into(&mut self.metric),
            event::PARTNER => self.partner = Some(value.to_owned()),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == event::VALUE {
            self.value = value;
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_measurement_becomes_a_line_that_cloudwatch_reads() {
        let log = Log::default();
        let subscriber = tracing_subscriber::registry().with(Metrics::new("prod".to_owned(), log.clone()));
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!("a sentence");
            tracing::info!(
                target: event::TARGET,
                metric = metric::PARTNER_ERRORS,
                value = 1_u64,
                partner = metric::PARTNERS[0]
            );
            tracing::info!(target: event::TARGET, metric = metric::OPEN_ACTIONS, value = 3_u64);
        });
        let written = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<Value> = written.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2, "{written}");
        let directive = |line: &Value| line["_aws"]["CloudWatchMetrics"][0].clone();
        assert_eq!(
            directive(&lines[0]),
            json!({
                "Namespace": "Como", "Dimensions": [["Environment", "Partner"]],
                "Metrics": [{ "Name": "PartnerErrors", "Unit": "Count" }],
            })
        );
        assert_eq!(lines[0]["Environment"], "prod");
        assert_eq!(lines[0]["Partner"], "memberson");
        assert_eq!(lines[0]["PartnerErrors"], 1);
        assert!(lines[0]["_aws"]["Timestamp"].is_i64(), "milliseconds");
        assert_eq!(directive(&lines[1])["Dimensions"], json!([["Environment"]]));
        assert_eq!(lines[1]["OpenManualActions"], 3);
    }
}
