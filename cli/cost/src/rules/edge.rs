//! What stands at the edge: names, pages, firewalls.

use crate::charge::Charge;
use crate::item::{GLOBAL, Item};
use crate::rules::registry::{Case, Ruling, priced, unreadable};
use como_config::UsageKey;

/// Members are in South-East Asia and Australia; Asia's prices are the higher ones for what is handed out.
const EDGE: &str = "edge-asia";

pub(crate) fn zone(case: Case<'_, '_>) -> Ruling {
    let zones = case.all.count(case.resource.kind());
    let queries = Charge::new(Item::DnsQuery, GLOBAL).usage(UsageKey::DnsQueries);
    priced([Charge::new(Item::HostedZone, GLOBAL).one("zone"), queries.share(zones, "zones")])
}

/// Checks of an alarm or of other checks are counted as checks of AWS endpoints.
pub(crate) fn health_check(case: Case<'_, '_>) -> Ruling {
    match case.resource.text("HealthCheckConfig.Type") {
        Some("CLOUDWATCH_METRIC" | "CALCULATED" | "RECOVERY_CONTROL") => {
            priced([Charge::new(Item::HealthCheck, GLOBAL).one("check")])
        }
        Some("HTTP" | "TCP") => priced([Charge::new(Item::OtherHealthCheck, GLOBAL).one("check")]),
        Some("HTTPS" | "HTTP_STR_MATCH") => priced([
            Charge::new(Item::OtherHealthCheck, GLOBAL).one("check"),
            Charge::new(Item::HealthCheckOption, GLOBAL).template(1, "option", "HealthCheckConfig.Type"),
        ]),
        Some("HTTPS_STR_MATCH") => priced([
            Charge::new(Item::OtherHealthCheck, GLOBAL).one("check"),
            Charge::new(Item::HealthCheckOption, GLOBAL).template(2, "options", "HealthCheckConfig.Type"),
        ]),
        other => unreadable("HealthCheckConfig.Type", other.unwrap_or("nothing")),
    }
}

/// A group of managed rules counts as one.
pub(crate) fn firewall(case: Case<'_, '_>) -> Ruling {
    let (region, key) = match case.resource.text("Scope") {
        Some("REGIONAL") => (case.resource.region(), UsageKey::FirewallRequests),
        Some("CLOUDFRONT") => (GLOBAL, UsageKey::SiteRequests),
        other => return unreadable("Scope", other.unwrap_or("nothing")),
    };
    let same =
        case.all.of_kind(case.resource.kind()).filter(|other| other.text("Scope") == case.resource.text("Scope"));
    priced([
        Charge::new(Item::Acl, region).one("ACL"),
        Charge::new(Item::AclRule, region).template(case.resource.list("Rules").len(), "rules", "Rules"),
        Charge::new(Item::AclRequest, region).usage(key).share(same.count(), "ACLs"),
    ])
}

pub(crate) fn distribution(case: Case<'_, '_>) -> Ruling {
    let distributions = case.all.count(case.resource.kind());
    let uses = [(Item::SiteRequest, UsageKey::SiteRequests), (Item::SiteOut, UsageKey::SiteOutGb)];
    priced(uses.map(|(item, key)| Charge::new(item, EDGE).usage(key).share(distributions, "distributions")))
}
