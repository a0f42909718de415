//! Changes of records.

use super::state::{Record, Zone, whole};
use super::xml::many;
use crate::services::wire::ServiceError;
use serde_json::{Value, json};

/// How Route 53 chooses among several record sets of one name and type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    Simple,
    Failover,
    Weighted,
    Latency,
    Multivalue,
}

impl Policy {
    /// Policies that are not here are refused by name when a record is put.
    const ABSENT: [&str; 3] = ["GeoLocation", "GeoProximityLocation", "CidrRoutingConfig"];

    pub(super) fn of(set: &Value) -> Self {
        [("Failover", Self::Failover), ("Weight", Self::Weighted), ("Region", Self::Latency)]
            .into_iter()
            .find_map(|(field, policy)| (!set[field].is_null()).then_some(policy))
            .unwrap_or(if says(&set["MultiValueAnswer"]) { Self::Multivalue } else { Self::Simple })
    }
}

/// True as JSON or as the text that XML and templates have.
pub(super) fn says(value: &Value) -> bool {
    value.as_bool().or_else(|| value.as_str()?.parse().ok()).unwrap_or(false)
}

/// What tells one record set from another.
pub(super) fn identity(set: &Value) -> (String, &str, &str) {
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
    if let Some(absent) = Policy::ABSENT.iter().find(|policy| !set[**policy].is_null()) {
        return Err(invalid(format!("the rehearsal cloud does not offer {absent} in a record set")));
    }
    let policy = Policy::of(&set);
    if (policy == Policy::Simple) != identifier.is_empty() {
        let message = "Invalid request: A set identifier and a routing policy (Failover, Weight, Region, MultiValueAnswer) go together";
        return Err(invalid(message.to_owned()));
    }
    if policy == Policy::Multivalue && !set["AliasTarget"].is_null() {
        return Err(invalid("Invalid request: A multivalue answer cannot be an alias".to_owned()));
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
    // Records of one name and type have one policy, and one failover role each.
    for (index, other) in zone.records.iter().enumerate() {
        let (other_name, other_kind, other_identifier) = identity(&other.set);
        if Some(index) == position || other_name != name {
            continue;
        }
        if other_kind != kind {
            // A name that is an alias of another (CNAME) has nothing else.
            if other_kind == "CNAME" || kind == "CNAME" {
                let message = format!(
                    "RRSet of type {kind} with DNS name {name} is not permitted as it conflicts with other records with the \
                     same DNS name in zone {}",
                    zone.name
                );
                return Err(invalid(message));
            }
            continue;
        }
        let same_role = policy == Policy::Failover && other.set["Failover"] == set["Failover"];
        let alone = other_identifier.is_empty() || identifier.is_empty();
        if alone || Policy::of(&other.set) != policy || same_role {
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
