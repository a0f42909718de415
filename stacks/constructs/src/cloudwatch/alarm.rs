//! Alarms: a number that is not as it should be, told to somebody.

use crate::sns::Topic;
use como_core::resource::Handle;
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::cloudwatch::{self, alarm};

/// An alarm over one metric.
#[derive(Debug, Clone)]
pub struct Alarm {
    handle: Handle<cloudwatch::Alarm>,
    name: String,
}

#[derive(Debug)]
pub struct AlarmProps<'a> {
    pub name: String,
    /// What has happened when it sounds, and what to do: it is the text of the mail.
    pub description: String,
    pub measure: Measure,
    pub when: When,
    /// Sounds when so many of the last `of` minutes were as `when` says.
    pub minutes: i64,
    pub of: i64,
    pub without_data: WithoutData,
    pub tell: Option<&'a Topic>,
}

/// What is compared, minute by minute.
#[derive(Debug, Clone)]
pub enum Measure {
    One(Metric),
    /// Metrics that mean the same trouble, added up.
    Sum(Vec<Metric>),
}

/// What is measured, minute by minute.
#[derive(Debug, Clone)]
pub struct Metric {
    pub namespace: &'static str,
    pub name: &'static str,
    pub statistic: Statistic,
    /// In the order in which the service names them.
    pub dimensions: Vec<(&'static str, Value<String>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    Average,
    Maximum,
    Minimum,
    Sum,
    /// The value below which 99 of 100 are.
    P99,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum When {
    AtLeast(f64),
    Below(f64),
}

/// What a minute without any measurement means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithoutData {
    /// Nothing happened, so nothing went wrong.
    Fine,
    /// Whoever should measure does not.
    Wrong,
    /// As before.
    Unchanged,
}

const PERIOD_S: i64 = 60;

impl Alarm {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: AlarmProps<'_>) -> Self {
        let (comparison, threshold) = match props.when {
            When::AtLeast(threshold) => (alarm::ComparisonOperator::GreaterThanOrEqualToThreshold, threshold),
            When::Below(threshold) => (alarm::ComparisonOperator::LessThanThreshold, threshold),
        };
        let tell: Option<Value<Vec<Value<String>>>> = props.tell.map(|topic| [topic.arn()].into());
        let alarm = cloudwatch::Alarm {
            alarm_name: Some(props.name.as_str().into()),
            alarm_description: Some(props.description.into()),
            comparison_operator: Some(comparison.into()),
            threshold: Some(threshold.into()),
            evaluation_periods: Some(props.of.into()),
            datapoints_to_alarm: Some(props.minutes.into()),
            treat_missing_data: Some(props.without_data.treatment().into()),
            alarm_actions: tell.clone(),
            ok_actions: tell,
            ..props.measure.compared()
        };
        Self { handle: scope.add(id, alarm), name: props.name }
    }

    /// The name, as a reference: who uses it waits for the alarm.
    #[must_use]
    pub fn reference(&self) -> Value<String> {
        self.handle.reference()
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.handle.get(cloudwatch::Alarm::ARN)
    }
}

impl From<Metric> for Measure {
    fn from(metric: Metric) -> Self {
        Self::One(metric)
    }
}

impl Measure {
    /// An alarm that compares this and says nothing else yet.
    fn compared(self) -> cloudwatch::Alarm {
        match self {
            Self::One(metric) => {
                let (statistic, extended) = metric.statistic.split();
                cloudwatch::Alarm {
                    namespace: Some(metric.namespace.into()),
                    metric_name: Some(metric.name.into()),
                    statistic: statistic.map(Into::into),
                    extended_statistic: extended.map(Into::into),
                    dimensions: Some(metric.dimensions()),
                    period: Some(PERIOD_S.into()),
                    ..cloudwatch::Alarm::new()
                }
            }
            Self::Sum(metrics) => {
                let sum = alarm::MetricDataQuery {
                    expression: Some("SUM(METRICS())".into()),
                    label: Some("sum".into()),
                    return_data: Some(true.into()),
                    ..alarm::MetricDataQuery::new("sum")
                };
                let parts = metrics.iter().enumerate().map(|(index, metric)| metric.query(index));
                cloudwatch::Alarm { metrics: Some(parts.chain([sum]).collect()), ..cloudwatch::Alarm::new() }
            }
        }
    }
}

impl Metric {
    fn dimensions(&self) -> Vec<alarm::Dimension> {
        self.dimensions.iter().map(|(name, value)| alarm::Dimension::new(*name, value)).collect()
    }

    fn query(&self, index: usize) -> alarm::MetricDataQuery {
        let metric = alarm::Metric {
            namespace: Some(self.namespace.into()),
            metric_name: Some(self.name.into()),
            dimensions: Some(self.dimensions()),
        };
        alarm::MetricDataQuery {
            metric_stat: Some(alarm::MetricStat::new(metric, PERIOD_S, self.statistic.name())),
            return_data: Some(false.into()),
            ..alarm::MetricDataQuery::new(format!("m{index}"))
        }
    }
}

impl Statistic {
    fn split(self) -> (Option<alarm::Statistic>, Option<&'static str>) {
        match self {
            Self::Average => (Some(alarm::Statistic::Average), None),
            Self::Maximum => (Some(alarm::Statistic::Maximum), None),
            Self::Minimum => (Some(alarm::Statistic::Minimum), None),
            Self::Sum => (Some(alarm::Statistic::Sum), None),
            Self::P99 => (None, Some("p99")),
        }
    }

    /// As a dashboard writes it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Average => "Average",
            Self::Maximum => "Maximum",
            Self::Minimum => "Minimum",
            Self::Sum => "Sum",
            Self::P99 => "p99",
        }
    }
}

impl WithoutData {
    const fn treatment(self) -> alarm::TreatMissingData {
        match self {
            Self::Fine => alarm::TreatMissingData::NotBreaching,
            Self::Wrong => alarm::TreatMissingData::Breaching,
            Self::Unchanged => alarm::TreatMissingData::Ignore,
        }
    }
}
