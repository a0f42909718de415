//! Changes of records, and what a name server would answer.

use super::state::{Record, Route53, Zone, whole};
use super::xml::many;
use crate::services::wire::ServiceError;
use serde_json::{Value, json};

/// What tells one record set from another.
fn identity(set: &Value) -> (String, &str, &str) {
    let text = |name: &str| set[name].as_str().unwrap_or_default();
    (whole(text("Name")), text("Type"), text("SetIdentifier"))
}

/// Applies one change as ChangeResourceRecordSets does.
pub(super) fn apply(zone: &mut Zone, action: &str, set: &Value, owner: Option<String>) -> Result<(), ServiceError> {
    let mut set = set.clone();
    let (name, kind, identifier) = identity(&set);
    let (kind, identifier) = (kind.to_owned(), identifier.to_owned());
    let said = if identifier.is_empty() { String::new() } else { format!(", set-identifier='{identifier}'") };
    let invalid = |message: String| ServiceError::new("InvalidChangeBatch", format!("[{message}]"));
    if !name.ends_with(&zone.name) {
        return Err(invalid(format!("RRSet with DNS name {name} is not permitted in zone {}", zone.name)));
    }
    if set["AliasTarget"].is_null() && many(&set["ResourceRecords"]["ResourceRecord"]).is_empty() {
        return Err(invalid(
            "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords]".to_owned(),
        ));
    }
    let has_policy = ["Failover", "Weight", "Region"].iter().any(|policy| !set[*policy].is_null());
    if has_policy == identifier.is_empty() {
        let message = "Invalid request: A set identifier and a routing policy (Failover, Weight, Region) go together";
        return Err(invalid(message.to_owned()));
    }
    let position = zone.records.iter().position(|record| identity(&record.set) == (name.clone(), &kind, &identifier));
    match (action, position) {
        ("CREATE", Some(_)) => {
            let message = format!(
                "Tried to create resource record set [name='{name}', type='{kind}'{said}] but it already exists"
            );
            return Err(invalid(message));
        }
        ("DELETE", None) => {
            let message = format!(
                "Tried to delete resource record set [name='{name}', type='{kind}'{said}] but it was not found"
            );
            return Err(invalid(message));
        }
        ("DELETE", Some(position)) => {
            zone.records.remove(position);
            return Ok(());
        }
        _ => {}
    }
    // Simple and policy records of one name and type exclude each other, and so do two of one failover role.
    for (index, other) in zone.records.iter().enumerate() {
        let (other_name, other_kind, other_identifier) = identity(&other.set);
        if Some(index) == position || (other_name.as_str(), other_kind) != (name.as_str(), kind.as_str()) {
            continue;
        }
        let same_role = !set["Failover"].is_null() && other.set["Failover"] == set["Failover"];
        if other_identifier.is_empty() != identifier.is_empty() || same_role {
            let message = format!(
                "RRSet with DNS name {name}, type {kind}{said} cannot be created as other RRSets exist with the same name and type."
            );
            return Err(invalid(message));
        }
    }
    set["Name"] = json!(name);
    let record = Record { owner, set };
    match position {
        Some(position) => {
            if let Some(slot) = zone.records.get_mut(position) {
                *slot = record;
            }
        }
        None => zone.records.push(record),
    }
    zone.records.sort_by(|one, other| identity(&one.set).cmp(&identity(&other.set)));
    Ok(())
}

impl Route53 {
    /// The record set that a name server would answer with now, health checks considered.
    pub(super) fn answer(&self, zone: Option<&str>, name: &str, kind: &str) -> Option<Value> {
        let name = whole(name);
        let candidates: Vec<Value> = self.store.read(|state| {
            let zones = state.zones.iter().filter(|(id, _)| zone.is_none_or(|zone| zone == id.as_str()));
            let records = zones.flat_map(|(_, zone)| &zone.records).map(|record| &record.set);
            let fitting = records.filter(|set| {
                let (own, own_kind, _) = identity(set);
                own == name && (own_kind == kind || own_kind == "CNAME")
            });
            fitting.cloned().collect()
        });
        let is_healthy =
            |set: &&Value| set["HealthCheckId"].as_str().is_none_or(|check| self.is_healthy(check).unwrap_or(true));
        let weight = |set: &Value| set["Weight"].as_u64().or_else(|| set["Weight"].as_str()?.parse().ok()).unwrap_or(1);
        let in_role = |role: &str| candidates.iter().find(|set| set["Failover"] == role);
        let primary = in_role("PRIMARY");
        if primary.is_some() || in_role("SECONDARY").is_some() {
            // With nobody healthy, Route 53 answers with the primary.
            let secondary = in_role("SECONDARY");
            let chosen = primary.filter(is_healthy).or_else(|| secondary.filter(is_healthy)).or(primary);
            return chosen.or(secondary).cloned();
        }
        let healthy = candidates.iter().filter(is_healthy).max_by_key(|set| weight(set));
        healthy.or_else(|| candidates.first()).cloned()
    }
}
