//! Types without a data plane: they exist, have identifiers and attributes, and are unique by their names.

use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::adoption::Claim;
use crate::services::catalogue::{self, Shape};
use crate::services::identifiers::{fill, generated_name};
use crate::services::regional::Regional;
use crate::services::schema;
use crate::services::store::{Store, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The declared resources of all regions.
pub(crate) struct Declared {
    /// One file for each type, so that a change writes no more than that. By type, with dashes for its colons.
    types: Regional<BTreeMap<String, Record>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Record {
    stack_id: String,
    logical_id: String,
    properties: Map<String, Value>,
    attributes: BTreeMap<String, Value>,
}

/// Region, properties and attributes.
pub(crate) type Found = (String, Map<String, Value>, BTreeMap<String, Value>);

impl Declared {
    pub(crate) fn open(dir: &Path) -> Result<Self, StoreError> {
        Ok(Self { types: Regional::open(dir.join("declared"))? })
    }

    fn store(&self, resource_type: &str) -> Result<Arc<Store<BTreeMap<String, Record>>>, StoreError> {
        self.types.of(&resource_type.replace("::", "-"))
    }

    pub(crate) fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        let provisioned = describe(request)?;
        let key = key(&request.region, &request.resource_type, &provisioned.physical_id);
        self.store(&request.resource_type)?.change(|records| {
            if let Some(record) = records.get(&key)
                && (record.stack_id != request.stack_id || record.logical_id != request.logical_id)
            {
                return Err(ProvisionError::AlreadyExists { identifier: provisioned.physical_id.clone() });
            }
            records.insert(
                key,
                Record {
                    stack_id: request.stack_id.clone(),
                    logical_id: request.logical_id.clone(),
                    properties: request.properties.clone(),
                    attributes: provisioned.attributes.clone(),
                },
            );
            Ok(())
        })?;
        Ok(provisioned)
    }

    pub(crate) fn claim(&self, request: &CreateRequest, claim: Claim) -> Result<Option<Provisioned>, ProvisionError> {
        let provisioned = describe(request)?;
        let key = key(&request.region, &request.resource_type, &provisioned.physical_id);
        let is_known = self.store(&request.resource_type)?.change(|records| {
            let Some(record) = records.get_mut(&key) else { return Ok(false) };
            if claim == Claim::Take {
                record.stack_id.clone_from(&request.stack_id);
                record.logical_id.clone_from(&request.logical_id);
            }
            Ok::<_, ProvisionError>(true)
        })?;
        Ok(is_known.then_some(provisioned))
    }

    /// Every resource of a type, in all regions.
    pub(crate) fn all(&self, resource_type: &str) -> Vec<Found> {
        let Ok(store) = self.store(resource_type) else { return Vec::new() };
        store.read(|records| {
            let found = records.iter().filter_map(|(key, record)| {
                let (region, _) = key.split_once(' ')?;
                Some((region.to_owned(), record.properties.clone(), record.attributes.clone()))
            });
            found.collect()
        })
    }

    /// Identifiers follow from what cannot change, so that the new properties give the same ones.
    pub(crate) fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        let wanted = &request.wanted;
        let Provisioned { attributes, .. } = describe(wanted)?;
        let key = key(&wanted.region, &wanted.resource_type, &request.physical_id);
        self.store(&wanted.resource_type)?.change(|records| {
            let Some(record) = records.get_mut(&key) else {
                let message = format!("{} '{}' does not exist", wanted.resource_type, request.physical_id);
                return Err(ProvisionError::Refused { message });
            };
            record.properties.clone_from(&wanted.properties);
            record.attributes.clone_from(&attributes);
            Ok(())
        })?;
        Ok(Provisioned { physical_id: request.physical_id.clone(), attributes })
    }

    pub(crate) fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        self.store(&request.resource_type)?.change(|records| {
            records.remove(&key(&request.region, &request.resource_type, &request.physical_id));
            Ok(())
        })
    }
}

impl From<StoreError> for ProvisionError {
    fn from(error: StoreError) -> Self {
        Self::Refused { message: format!("Internal Failure: {error}") }
    }
}

/// Identifier and attributes of a resource; a pure function.
pub(crate) fn describe(request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    let entry = catalogue::entry(&request.resource_type);
    let identifier = schema::primary_identifier(&request.resource_type);
    if entry.is_none() && identifier.is_none() {
        let message = format!("the rehearsal cloud does not offer {}", request.resource_type);
        return Err(ProvisionError::Refused { message });
    }
    let physical_id = match entry {
        Some(entry) => fill(entry.physical_id, request, ""),
        None => named_by_schema(request, &identifier.unwrap_or_default()),
    };
    let mut attributes = BTreeMap::new();
    for (name, shape) in entry.map(|entry| entry.attributes).unwrap_or_default() {
        let value = match shape {
            Shape::Text(pattern) => Value::String(fill(pattern, request, &physical_id)),
            Shape::One(pattern) => json!([fill(pattern, request, &physical_id)]),
            Shape::Empty => json!([]),
            Shape::Number(number) => json!(number),
        };
        attributes.insert((*name).to_owned(), value);
    }
    for name in schema::attributes(&request.resource_type) {
        let value = Value::String(believable(request, &name, &physical_id));
        attributes.entry(name).or_insert(value);
    }
    Ok(Provisioned { physical_id, attributes })
}

/// IAM and Route 53 have one name space for all regions.
fn key(region: &str, resource_type: &str, physical_id: &str) -> String {
    let global = ["AWS::IAM::", "AWS::Route53::", "AWS::CloudFront::"];
    let scope = if global.iter().any(|service| resource_type.starts_with(service)) { "global" } else { region };
    format!("{scope} {resource_type} {physical_id}")
}

/// The primary identifier where it is a property, else a generated name.
fn named_by_schema(request: &CreateRequest, identifier: &[String]) -> String {
    let parts: Option<Vec<&str>> =
        identifier.iter().map(|name| request.properties.get(name).and_then(Value::as_str)).collect();
    match parts {
        Some(parts) if !parts.is_empty() => parts.join("|"),
        _ => generated_name(request),
    }
}

fn believable(request: &CreateRequest, attribute: &str, physical_id: &str) -> String {
    let last = attribute.rsplit('.').next().unwrap_or(attribute);
    let mut segments = request.resource_type.split("::").skip(1).map(str::to_lowercase);
    let (service, kind) = (segments.next().unwrap_or_default(), segments.next().unwrap_or_default());
    if physical_id.starts_with("arn:") && last.ends_with("Arn") {
        return physical_id.to_owned();
    }
    if last.ends_with("Arn") {
        return fill(&format!("arn:aws:{service}:{{region}}:{{account}}:{kind}/{{ref}}"), request, physical_id);
    }
    if last == "Id" || last == format!("{}Id", request.resource_type.rsplit("::").next().unwrap_or_default()) {
        return physical_id.to_owned();
    }
    if last.ends_with("Time") || last.ends_with("Timestamp") {
        return "2026-01-01T00:00:00Z".to_owned();
    }
    if last.ends_with("Id") {
        return fill(&format!("{kind}-{{hex:17:{last}}}"), request, physical_id);
    }
    physical_id.to_owned()
}
