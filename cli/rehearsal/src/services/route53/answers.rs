//! What a name server answers: one record set of several by its policy and health, its aliases followed.
//! <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html>, 2026-11

use super::records::{Policy, identity, says};
use super::state::{Route53, whole};
use super::xml::many;
use crate::faults::Plane;
use serde_json::Value;
use std::sync::atomic::Ordering;

/// Nobody's aliases go as deep; a circle ends there.
const DEEPEST: usize = 8;
/// As many healthy records as a multivalue answer has.
const MOST_VALUES: usize = 8;

impl Route53 {
    /// The values that a resolver gets now: those of a record, or the name of what stands behind its alias.
    pub(super) fn answer(&self, zone: Option<&str>, name: &str, kind: &str) -> Vec<String> {
        self.follow(zone, name, kind, 0)
    }

    /// Whether a zone has a record of this name, whatever its type.
    pub(super) fn knows(&self, zone: &str, name: &str) -> bool {
        let name = whole(name);
        self.store.read(|state| {
            let records = state.zones.get(zone).map(|zone| zone.records.as_slice()).unwrap_or_default();
            records.iter().any(|record| identity(&record.set).0 == name)
        })
    }

    /// Where a name leads: the last name or address of its chain of records.
    pub(crate) fn resolve(&self, name: &str) -> Option<String> {
        let mut name = name.to_owned();
        let mut known = None;
        for _ in 0..DEEPEST {
            let Some(value) = self.answer(None, &name, "A").into_iter().next() else { break };
            name = value.trim_end_matches('.').to_lowercase();
            known = Some(name.clone());
        }
        known
    }

    fn follow(&self, zone: Option<&str>, name: &str, kind: &str, depth: usize) -> Vec<String> {
        let mut values = Vec::new();
        for set in self.choose(self.group(zone, name, kind)) {
            let Some(target) = set["AliasTarget"]["DNSName"].as_str() else {
                let own = many(&set["ResourceRecords"]["ResourceRecord"]);
                values.extend(own.iter().filter_map(|one| one["Value"].as_str()).map(str::to_owned));
                continue;
            };
            let behind = if depth < DEEPEST { self.follow(None, target, kind, depth + 1) } else { Vec::new() };
            if behind.is_empty() {
                values.push(target.to_owned());
            }
            values.extend(behind);
        }
        values
    }

    /// The record sets of one name and type; of a name that stands for another, that.
    fn group(&self, zone: Option<&str>, name: &str, kind: &str) -> Vec<Value> {
        let name = whole(name);
        self.store.read(|state| {
            let zones = state.zones.iter().filter(|(id, _)| zone.is_none_or(|zone| zone == id.as_str()));
            let records = zones.flat_map(|(_, zone)| &zone.records).map(|record| &record.set);
            let fitting = records.filter(|set| {
                let (own, own_kind, _) = identity(set);
                own == name && (own_kind == kind || own_kind == "CNAME")
            });
            fitting.cloned().collect()
        })
    }

    /// By policy among those that are healthy; with nobody healthy, as if everybody were.
    fn choose(&self, group: Vec<Value>) -> Vec<Value> {
        let Some(policy) = group.first().map(Policy::of) else { return group };
        let healthy: Vec<Value> = group.iter().filter(|set| self.is_well(set, 0)).cloned().collect();
        let candidates = if healthy.is_empty() { group } else { healthy };
        let one = match policy {
            Policy::Multivalue => return candidates.into_iter().take(MOST_VALUES).collect(),
            Policy::Simple => candidates.into_iter().next(),
            Policy::Failover => candidates.into_iter().min_by_key(|set| set["Failover"] != "PRIMARY"),
            Policy::Latency => candidates.into_iter().min_by_key(|set| distance(set["Region"].as_str())),
            Policy::Weighted => self.draw(candidates),
        };
        one.into_iter().collect()
    }

    /// Each in turn for as many answers as it weighs, so that the shares are exact. One of weight 0 answers only when no
    /// other does; if all weigh nothing, all are equal.
    fn draw(&self, mut candidates: Vec<Value>) -> Option<Value> {
        if candidates.iter().any(|set| weight(set) != 0) {
            candidates.retain(|set| weight(set) != 0);
        }
        let shares: Vec<u64> = candidates.iter().map(|set| weight(set).max(1)).collect();
        let mut ticket = self.turn.fetch_add(1, Ordering::Relaxed).checked_rem(shares.iter().sum())?;
        for (set, share) in candidates.into_iter().zip(shares) {
            if ticket < share {
                return Some(set);
            }
            ticket -= share;
        }
        None
    }

    /// By its health check, and by what its alias leads to if it evaluates that.
    fn is_well(&self, set: &Value, depth: usize) -> bool {
        let by_check = set["HealthCheckId"].as_str().is_none_or(|check| self.is_healthy(check).unwrap_or(true));
        let alias = &set["AliasTarget"];
        if !by_check || DEEPEST < depth || !says(&alias["EvaluateTargetHealth"]) {
            return by_check;
        }
        let (_, kind, _) = identity(set);
        self.is_target_well(alias["DNSName"].as_str().unwrap_or_default(), kind, depth + 1)
    }

    /// Records are as healthy as the healthiest of them. Of AWS's own names only the service's regional data plane counts,
    /// as for API Gateway on AWS, and not what stands behind it.
    fn is_target_well(&self, name: &str, kind: &str, depth: usize) -> bool {
        let group = self.group(None, name, kind);
        if group.is_empty() {
            return region_of(name).is_none_or(|region| !self.regions.is_dead(region, Plane::Data));
        }
        group.iter().any(|set| self.is_well(set, depth))
    }
}

fn weight(set: &Value) -> u64 {
    let weight = &set["Weight"];
    weight.as_u64().or_else(|| weight.as_str()?.parse().ok()).unwrap_or(0)
}

/// Latency is that from Singapore, where COMO's guests are. Only the order counts.
fn distance(region: Option<&str>) -> u8 {
    match region {
        Some("ap-southeast-1") => 0,
        Some("ap-southeast-2") => 1,
        Some("us-east-1") => 3,
        _ => 2,
    }
}

/// `d-abc.execute-api.ap-southeast-1.amazonaws.com` names its region.
fn region_of(name: &str) -> Option<&str> {
    let name = name.trim_end_matches('.').strip_suffix(".amazonaws.com")?;
    name.rsplit('.').find(|label| {
        let mut parts = label.rsplit('-');
        let number = parts.next().is_some_and(|last| last.len() == 1 && last.parse::<u8>().is_ok());
        number && parts.count() == 2
    })
}

#[cfg(test)]
mod tests {
    use super::region_of;

    #[test]
    fn names_of_aws_tell_their_region() {
        for (name, expected) in [
            ("d-abc.execute-api.ap-southeast-1.amazonaws.com.", Some("ap-southeast-1")),
            ("a-b-3.us-east-1.elb.amazonaws.com", Some("us-east-1")),
            ("d123.cloudfront.net", None),
            ("example.com", None),
        ] {
            assert_eq!(region_of(name), expected, "{name}");
        }
    }
}
