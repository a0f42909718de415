//! Zones, records and health checks as CloudFormation makes them.

use super::checks::offered;
use super::records::apply;
use super::state::{Check, Route53, State, Zone, name_servers, whole};
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::identifiers::{fill, owner};
use crate::services::property::{Properties, text};
use crate::services::wire::ServiceError;
use serde_json::{Value, json};
use std::collections::BTreeMap;

impl Route53 {
    pub(crate) fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        let properties = &request.properties;
        match request.resource_type.as_str() {
            "AWS::Route53::HostedZone" => {
                let id = fill("Z{capitals:20}", request, "");
                let zone = Zone {
                    owner: owner(request),
                    name: whole(text(properties, "Name").unwrap_or_default()),
                    is_private: properties.contains_key("VPCs"),
                    records: Vec::new(),
                };
                self.store.change(|state| {
                    state.zones.entry(id.clone()).or_insert(zone);
                    Ok::<_, ProvisionError>(())
                })?;
                let attributes = [("Id", json!(id)), ("NameServers", json!(name_servers(&id)))];
                Ok(provisioned(id, attributes))
            }
            "AWS::Route53::HealthCheck" => {
                let id = fill("{uuid}", request, "");
                let check = Check::new(owner(request), config(properties)?);
                self.store.change(|state| {
                    state.checks.entry(id.clone()).or_insert(check);
                    Ok::<_, ProvisionError>(())
                })?;
                Ok(provisioned(id.clone(), [("HealthCheckId", json!(id))]))
            }
            "AWS::Route53::RecordSet" => self.put_record(request, "CREATE"),
            other => Err(refused(format!("the rehearsal cloud does not offer {other}"))),
        }
    }

    pub(crate) fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        match request.wanted.resource_type.as_str() {
            "AWS::Route53::RecordSet" => self.put_record(&request.wanted, "UPSERT"),
            "AWS::Route53::HealthCheck" => {
                let config = config(&request.wanted.properties)?;
                self.store.change(|state| {
                    if let Some(check) = state.checks.get_mut(&request.physical_id) {
                        check.change(config);
                    }
                    Ok::<_, ProvisionError>(())
                })?;
                Ok(Provisioned { physical_id: request.physical_id.clone(), attributes: request.attributes.clone() })
            }
            _ => Ok(Provisioned { physical_id: request.physical_id.clone(), attributes: request.attributes.clone() }),
        }
    }

    pub(crate) fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        self.store.change(|state| {
            match request.resource_type.as_str() {
                "AWS::Route53::HostedZone" => {
                    // Records of certificates outlive them, and nobody else clears up after a rehearsal.
                    if let Some(zone) = state.zones.get_mut(&request.physical_id).filter(|_| request.despite_protection)
                    {
                        zone.records.clear();
                    }
                    remove_zone(state, &request.physical_id).map_err(refusal)?;
                }
                "AWS::Route53::HealthCheck" => {
                    remove_check(state, &request.physical_id);
                }
                _ => {
                    let zone = zone_of(state, &request.properties);
                    if let Some(zone) = zone.and_then(|zone| state.zones.get_mut(&zone)) {
                        // One that is gone already is no error.
                        let _ = apply(zone, "DELETE", &record(&request.properties), None);
                    }
                }
            }
            Ok(())
        })
    }

    fn put_record(&self, request: &CreateRequest, action: &str) -> Result<Provisioned, ProvisionError> {
        let set = record(&request.properties);
        self.store.change(|state| {
            let id = zone_of(state, &request.properties).ok_or_else(|| refused("No hosted zone found".to_owned()))?;
            let zone =
                state.zones.get_mut(&id).ok_or_else(|| refused(format!("No hosted zone found with ID: {id}")))?;
            let maker = owner(request);
            let is_own = zone.records.iter().any(|known| known.owner.as_ref() == Some(&maker));
            let action = if is_own { "UPSERT" } else { action };
            apply(zone, action, &set, Some(maker)).map_err(refusal)
        })?;
        let name = text(&request.properties, "Name").unwrap_or_default().to_owned();
        Ok(provisioned(name, []))
    }
}

/// A zone goes when it is empty.
pub(super) fn remove_zone(state: &mut State, id: &str) -> Result<(), ServiceError> {
    if state.zones.get(id).is_some_and(|zone| !zone.records.is_empty()) {
        let message = "The specified hosted zone contains non-required resource record sets and so cannot be deleted.";
        return Err(ServiceError::new("HostedZoneNotEmpty", message));
    }
    state.zones.remove(id);
    Ok(())
}

/// Whether there was one.
pub(super) fn remove_check(state: &mut State, id: &str) -> bool {
    state.unwell.remove(id);
    state.checks.remove(id).is_some()
}

fn zone_of(state: &State, properties: &Properties) -> Option<String> {
    if let Some(id) = text(properties, "HostedZoneId") {
        return Some(id.trim_start_matches("/hostedzone/").to_owned());
    }
    let name = whole(text(properties, "HostedZoneName")?);
    state.zones.iter().find(|(_, zone)| zone.name == name).map(|(id, _)| id.clone())
}

/// What a record set's properties and a `ResourceRecordSet` have in common.
const SHARED: &[&str] = &[
    "Name",
    "Type",
    "SetIdentifier",
    "Weight",
    "Region",
    "Failover",
    "MultiValueAnswer",
    "GeoLocation",
    "GeoProximityLocation",
    "CidrRoutingConfig",
    "TTL",
    "AliasTarget",
    "HealthCheckId",
];

/// CloudFormation's properties as a `ResourceRecordSet`.
fn record(properties: &Properties) -> Value {
    let mut set = json!({});
    for name in SHARED {
        if let Some(value) = properties.get(*name) {
            set[*name] = value.clone();
        }
    }
    if let Some(values) = properties.get("ResourceRecords").and_then(Value::as_array) {
        let values: Vec<Value> = values.iter().map(|value| json!({ "Value": value })).collect();
        set["ResourceRecords"] = json!({ "ResourceRecord": values });
    }
    set
}

fn config(properties: &Properties) -> Result<Value, ProvisionError> {
    let config = properties.get("HealthCheckConfig").cloned().unwrap_or_default();
    offered(&config).map_err(refusal)?;
    Ok(config)
}

fn provisioned<const N: usize>(physical_id: String, attributes: [(&str, Value); N]) -> Provisioned {
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value));
    Provisioned { physical_id, attributes: BTreeMap::from(attributes) }
}

fn refusal(error: ServiceError) -> ProvisionError {
    refused(error.message)
}

fn refused(message: String) -> ProvisionError {
    ProvisionError::Refused { message }
}
