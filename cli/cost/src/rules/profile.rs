//! What no template has and is paid for nevertheless.

use crate::charge::Charge;
use crate::item::{GLOBAL, Item};
use como_config::UsageKey;
use rust_decimal::Decimal;

/// Something that is used besides the resources; it bears the name of the key that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Extra {
    pub(crate) key: UsageKey,
    pub(crate) charges: Vec<Charge>,
}

/// Where the proposal has images copied to, by its text; its templates of today copy none.
const COPIES: &str = "ap-southeast-2";
/// What AWS's calculator counts with for Lambda Insights: metrics a function, and the size of an event in KB.
const INSIGHTS_METRICS: Decimal = Decimal::from_parts(8, 0, 0, false, 0);
const INSIGHTS_EVENT_KB: Decimal = Decimal::from_parts(11, 0, 0, false, 1);
const CALCULATOR: &str = "a constant of AWS's calculator";
const KB_OF_A_GB: Decimal = Decimal::from_parts(1024 * 1024, 0, 0, false, 0);

/// What every environment of today has to say.
const ALWAYS: [UsageKey; 2] = [UsageKey::BuildMinutes, UsageKey::CustomMetrics];

/// In the environment's own region.
pub(crate) fn extras(region: &str, is_proposal: bool, has: impl Fn(UsageKey) -> bool) -> Vec<Extra> {
    let wanted = |key: &UsageKey| has(*key) || !is_proposal && ALWAYS.contains(key);
    let one = |item, key| vec![Charge::new(item, region).usage(key)];
    let charges = |key: UsageKey| match key {
        UsageKey::BuildMinutes => Some(vec![Charge::new(Item::BuildMinute, GLOBAL).usage(key)]),
        UsageKey::CustomMetrics => Some(one(Item::Metric, key)),
        UsageKey::LambdaRequests if is_proposal => Some(one(Item::LambdaRequest, key)),
        UsageKey::LambdaInsightsFunctions => {
            let functions = |item| Charge::new(item, region).usage(key);
            let events = functions(Item::LogGb).usage(UsageKey::LambdaInsightsEventsPerHour).hours();
            Some(vec![
                functions(Item::Metric).convention(INSIGHTS_METRICS, "metrics a function", CALCULATOR),
                events.convention(INSIGHTS_EVENT_KB / KB_OF_A_GB, "GB an event", CALCULATOR),
            ])
        }
        UsageKey::LogsToS3Gb => Some(one(Item::LogToS3Gb, key)),
        UsageKey::CustomEvents => Some(one(Item::CustomEvent, key)),
        UsageKey::ImageCopyGb => Some(vec![Charge::new(Item::ImageStorage, COPIES).usage(key)]),
        UsageKey::HealthChecks => Some(vec![Charge::new(Item::HealthCheck, GLOBAL).usage(key)]),
        UsageKey::OtherHostedZones => Some(vec![Charge::new(Item::HostedZone, GLOBAL).usage(key)]),
        UsageKey::DnsFirewallDomains => Some(one(Item::FirewallDomain, key)),
        _ => None,
    };
    let keys = UsageKey::ALL.iter().copied().filter(|key| wanted(key));
    keys.filter_map(|key| Some(Extra { key, charges: charges(key)? })).collect()
}
