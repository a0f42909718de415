//! `AWS::KMS::Key`, `AWS::KMS::ReplicaKey` and `AWS::KMS::Alias`.

use super::operations::{check_alias, tags};
use super::service::Kms;
use super::state::{Alias, Key};
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::identifiers::{fill, owner};
use crate::services::property::{Properties, flag, number, text};
use crate::services::wire::ServiceError;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn create(kms: &Kms, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    match request.resource_type.as_str() {
        "AWS::KMS::Alias" => create_alias(kms, request),
        "AWS::KMS::ReplicaKey" => create_replica(kms, request),
        _ => create_key(kms, request),
    }
}

pub(super) fn update(kms: &Kms, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
    let wanted = &request.wanted;
    let store = kms.regions.of(&wanted.region)?;
    if wanted.resource_type == "AWS::KMS::Alias" {
        let target = text(&wanted.properties, "TargetKeyId").unwrap_or_default();
        store.change(|state| {
            let key = state.resolve(target).map_err(refused)?;
            if let Some(alias) = state.aliases.get_mut(&request.physical_id) {
                alias.key = key;
            }
            Ok::<_, ProvisionError>(())
        })?;
    } else {
        store.change(|state| {
            let key = state.key_mut(&request.physical_id).map_err(refused)?;
            configure(key, &wanted.properties);
            Ok::<_, ProvisionError>(())
        })?;
    }
    Ok(Provisioned { physical_id: request.physical_id.clone(), attributes: request.attributes.clone() })
}

/// A key waits for its deletion as on AWS; one that is asked for after that is another key.
pub(super) fn delete(kms: &Kms, request: &DeleteRequest) -> Result<(), ProvisionError> {
    let id = &request.physical_id;
    let store = kms.regions.of(&request.region)?;
    if request.resource_type == "AWS::KMS::Alias" {
        return store.change(|state| {
            state.aliases.remove(id);
            Ok(())
        });
    }
    let Some(key) = store.read(|state| state.keys.get(id).cloned()) else { return Ok(()) };
    if let Some(mut family) = key.multi_region.clone() {
        if family.primary == request.region && !family.replicas.is_empty() && !request.despite_protection {
            let message = format!("{} has replica keys; delete them first.", key.arn);
            return Err(ProvisionError::Refused { message });
        }
        family.replicas.retain(|replica| *replica != request.region);
        kms.tell_family(id, Some(family)).map_err(refused)?;
    }
    let days = number(&request.properties, "PendingWindowInDays").unwrap_or(30);
    let wait = SignedDuration::from_hours(24 * i64::try_from(days).unwrap_or(30));
    store.change(|state| {
        if request.despite_protection {
            state.keys.remove(id);
        } else if let Some(key) = state.keys.get_mut(id) {
            key.owner = None;
            key.deletion.get_or_insert(Timestamp::now() + wait);
        }
        Ok(())
    })
}

fn create_key(kms: &Kms, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    let properties = &request.properties;
    if let Some(spec) = text(properties, "KeySpec").filter(|spec| *spec != "SYMMETRIC_DEFAULT") {
        let message = format!("the rehearsal cloud does not offer KMS keys of {spec}, only SYMMETRIC_DEFAULT");
        return Err(ProvisionError::Refused { message });
    }
    let id = fill("{key}", request, "");
    let mut key =
        kms.new_key(&request.region, &id, flag(properties, "MultiRegion").unwrap_or(false)).map_err(refused)?;
    key.owner = Some(owner(request));
    configure(&mut key, properties);
    let arn = key.arn.clone();
    // One that is asked for again keeps its material.
    kms.regions.of(&request.region)?.change(|state| {
        state.keys.entry(id.clone()).or_insert(key);
        Ok::<_, ProvisionError>(())
    })?;
    Ok(described(&id, &arn))
}

fn create_replica(kms: &Kms, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    let arn = text(&request.properties, "PrimaryKeyArn").unwrap_or_default();
    let region = arn.split(':').nth(3).unwrap_or_default();
    let primary = kms.regions.of(region)?.read(|state| state.key(arn).cloned()).map_err(refused)?;
    let mut replica = kms.replica_of(&primary, &request.region).map_err(refused)?;
    replica.owner = Some(owner(request));
    configure(&mut replica, &request.properties);
    let replica = kms.add_replica(&primary, replica, &request.region).map_err(refused)?;
    Ok(described(replica.id(), &replica.arn))
}

fn create_alias(kms: &Kms, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    let name = text(&request.properties, "AliasName").unwrap_or_default();
    let target = text(&request.properties, "TargetKeyId").unwrap_or_default();
    let owner = Some(owner(request));
    kms.regions.of(&request.region)?.change(|state| {
        check_alias(name).map_err(refused)?;
        let key = state.resolve(target).map_err(refused)?;
        if state.aliases.get(name).is_some_and(|known| known.owner != owner) {
            return Err(ProvisionError::AlreadyExists { identifier: name.to_owned() });
        }
        state.aliases.insert(name.to_owned(), Alias { owner, key });
        Ok(())
    })?;
    let attributes = BTreeMap::from([("AliasName".to_owned(), json!(name))]);
    Ok(Provisioned { physical_id: name.to_owned(), attributes })
}

fn configure(key: &mut Key, properties: &Properties) {
    key.description = text(properties, "Description").unwrap_or_default().to_owned();
    key.enabled = flag(properties, "Enabled").unwrap_or(true);
    key.rotates = flag(properties, "EnableKeyRotation").unwrap_or(false);
    key.tags = tags(properties.get("Tags").unwrap_or(&Value::Null));
    if let Some(policy) = properties.get("KeyPolicy") {
        key.policy = policy.as_str().map_or_else(|| policy.to_string(), str::to_owned);
    }
}

fn described(id: &str, arn: &str) -> Provisioned {
    let attributes = [("Arn", arn), ("KeyId", id)].map(|(name, value)| (name.to_owned(), json!(value)));
    Provisioned { physical_id: id.to_owned(), attributes: BTreeMap::from(attributes) }
}

fn refused(error: ServiceError) -> ProvisionError {
    ProvisionError::Refused { message: error.message }
}
