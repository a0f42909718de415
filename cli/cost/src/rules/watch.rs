//! What watches and what is written down.

use crate::charge::{Charge, HOURS, days_of_a_month};
use crate::inventory::{Inventory, Resource};
use crate::item::{GLOBAL, Item};
use crate::rules::registry::{Case, Ruling, priced, unreadable};
use como_config::UsageKey;
use rust_decimal::Decimal;
use serde_json::Value as Json;

const LOG_GROUP: &str = "AWS::Logs::LogGroup";
/// What CloudWatch keeps of a gigabyte that was sent; AWS's calculator counts with it.
const COMPRESSION: Decimal = Decimal::from_parts(15, 0, 0, false, 2);
const COMPRESSED: &str = "logs are kept compressed: 0.15 in AWS's calculator";
const MINUTES_OF_AN_HOUR: Decimal = Decimal::from_parts(60, 0, 0, false, 0);
/// Shorter periods make an alarm a high-resolution one, at another price.
const STANDARD_PERIOD_S: Decimal = Decimal::from_parts(60, 0, 0, false, 0);

/// Who writes into a log group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LogKind {
    Service,
    Api,
    Flow,
    Firewall,
    Dns,
}

impl LogKind {
    /// By what refers to the group; services write with roles of their own.
    pub(crate) fn of(group: &Resource<'_>, all: &Inventory<'_>) -> Self {
        let writers = [
            ("AWS::EC2::FlowLog", Self::Flow),
            ("AWS::WAFv2::LoggingConfiguration", Self::Firewall),
            ("AWS::Route53::HostedZone", Self::Dns),
            ("AWS::ApiGateway::Stage", Self::Api),
        ];
        writers.into_iter().find(|(kind, _)| all.is_referred_by(group, kind)).map_or(Self::Service, |(_, kind)| kind)
    }

    /// Logs that AWS's services write themselves have prices of their own.
    const fn item(self) -> Item {
        match self {
            Self::Service => Item::LogGb,
            Self::Api | Self::Flow | Self::Firewall | Self::Dns => Item::VendedLogGb,
        }
    }

    const fn key(self) -> UsageKey {
        match self {
            Self::Service => UsageKey::ServiceLogGb,
            Self::Api => UsageKey::ApiLogGb,
            Self::Flow => UsageKey::FlowLogGb,
            Self::Firewall => UsageKey::FirewallLogGb,
            Self::Dns => UsageKey::DnsLogGb,
        }
    }
}

pub(crate) fn log_group(case: Case<'_, '_>) -> Ruling {
    let region = case.resource.region();
    let kind = LogKind::of(case.resource, case.all);
    // Each firewall writes its own; what all services write together is one figure.
    let groups = match kind {
        LogKind::Service => case.all.of_kind(LOG_GROUP).filter(|group| LogKind::of(group, case.all) == kind).count(),
        LogKind::Api | LogKind::Flow | LogKind::Firewall | LogKind::Dns => 1,
    };
    let written = |item| Charge::new(item, region).usage(kind.key()).share(groups, "log groups");
    let kept = written(Item::StoredLog).convention(COMPRESSION, "compressed", COMPRESSED);
    let kept = match (case.usage.get(UsageKey::LogStoredMonths), case.resource.number("RetentionInDays")?) {
        (Some(_), _) => kept.usage(UsageKey::LogStoredMonths),
        (None, Some(days)) => kept.template(days / days_of_a_month(), "months kept", "RetentionInDays"),
        (None, None) => {
            return unreadable("RetentionInDays", "nothing: logs that are kept for ever cost more every month");
        }
    };
    priced([written(kind.item()), kept])
}

/// An alarm over an expression is charged for each metric that it reads.
pub(crate) fn alarm(case: Case<'_, '_>) -> Ruling {
    let read = case.resource.list("Metrics").iter().filter_map(|metric| metric.get("MetricStat"));
    let mut periods: Vec<&Json> = read.clone().filter_map(|metric| metric.get("Period")).collect();
    periods.extend(case.resource.get("Period"));
    let is_fast =
        |period: &&&Json| Decimal::from_str_exact(&period.to_string()).is_ok_and(|seconds| seconds < STANDARD_PERIOD_S);
    if let Some(period) = periods.iter().find(is_fast) {
        return unreadable(
            "Period",
            format!("{period}, which makes a high-resolution alarm, of which no book has a price"),
        );
    }
    let metrics = if case.resource.get("MetricName").is_some() { 1 } else { read.count() };
    priced([Charge::new(Item::AlarmMetric, case.resource.region()).template(metrics, "metrics", "Metrics")])
}

pub(crate) fn composite_alarm(case: Case<'_, '_>) -> Ruling {
    priced([Charge::new(Item::CompositeAlarm, case.resource.region()).one("alarm")])
}

pub(crate) fn dashboard(_: Case<'_, '_>) -> Ruling {
    priced([Charge::new(Item::Dashboard, GLOBAL).one("dashboard")])
}

/// `rate(1 minute)` is 43,800 runs a month, which cost more than most of what they watch.
pub(crate) fn canary(case: Case<'_, '_>) -> Ruling {
    let Some(expression) = case.resource.text("Schedule.Expression") else {
        return unreadable("Schedule.Expression", "nothing");
    };
    let Some(runs) = runs_a_month(expression) else { return unreadable("Schedule.Expression", expression) };
    priced([Charge::new(Item::CanaryRun, case.resource.region()).template(runs, "runs", "Schedule.Expression")])
}

fn runs_a_month(expression: &str) -> Option<Decimal> {
    let (number, unit) = expression.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    let every = Decimal::from_str_exact(number).ok().filter(|every| !every.is_zero())?;
    match unit {
        "minute" | "minutes" => Some(HOURS * MINUTES_OF_AN_HOUR / every),
        "hour" | "hours" => Some(HOURS / every),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::runs_a_month;

    #[test]
    fn a_run_every_minute_is_43_800_a_month() {
        let check = |expression, runs: Option<&str>| {
            assert_eq!(runs_a_month(expression).map(|runs| runs.to_string()).as_deref(), runs, "{expression}");
        };
        check("rate(1 minute)", Some("43800"));
        check("rate(5 minutes)", Some("8760"));
        check("rate(1 hour)", Some("730"));
        check("rate(0 minutes)", None);
        check("cron(0 10 * * ? *)", None);
    }
}
