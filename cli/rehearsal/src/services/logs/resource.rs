//! `AWS::Logs::LogGroup`.

use super::operations::check_retention;
use super::service::{Logs, now};
use super::state::{Group, check_group_name};
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::adoption::Claim;
use crate::services::identifiers::{generated_name, owner};
use crate::services::property::{Properties, number, objects, text};
use crate::services::wire::ServiceError;
use serde_json::json;
use std::collections::BTreeMap;

pub(super) fn create(logs: &Logs, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    let name = text(&request.properties, "LogGroupName").map_or_else(|| generated_name(request), str::to_owned);
    check_group_name(&name).map_err(refused)?;
    let owner = Some(owner(request));
    logs.regions.of(&request.region)?.change(|state| {
        // A function that ran before its group was made has made it, which surprises people on AWS too.
        if state.groups.get(&name).is_some_and(|known| known.owner != owner) {
            return Err(ProvisionError::AlreadyExists { identifier: name.clone() });
        }
        let fresh = || Group { owner, created: now(), ..Group::default() };
        settle(state.groups.entry(name.clone()).or_insert_with(fresh), &request.properties)
    })?;
    Ok(provisioned(logs, request, name))
}

pub(super) fn claim(logs: &Logs, request: &CreateRequest, claim: Claim) -> Result<Option<Provisioned>, ProvisionError> {
    let Some(name) = text(&request.properties, "LogGroupName") else { return Ok(None) };
    let is_there = logs.regions.of(&request.region)?.change(|state| {
        let group = state.groups.get_mut(name);
        let is_there = group.is_some();
        if let (Some(group), Claim::Take) = (group, claim) {
            group.owner = Some(owner(request));
        }
        Ok::<_, ProvisionError>(is_there)
    })?;
    Ok(is_there.then(|| provisioned(logs, request, name.to_owned())))
}

pub(super) fn update(logs: &Logs, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
    logs.regions.of(&request.wanted.region)?.change(|state| {
        let group = state.group_mut(&request.physical_id).map_err(refused)?;
        settle(group, &request.wanted.properties)
    })?;
    Ok(Provisioned { physical_id: request.physical_id.clone(), attributes: request.attributes.clone() })
}

pub(super) fn delete(logs: &Logs, request: &DeleteRequest) -> Result<(), ProvisionError> {
    match logs.remove_group(&request.region, &request.physical_id) {
        Err(error) if error.code == "ResourceNotFoundException" => Ok(()),
        other => other.map_err(refused),
    }
}

fn provisioned(logs: &Logs, request: &CreateRequest, name: String) -> Provisioned {
    let arn = format!("{}:*", logs.group_arn(&request.region, &name));
    Provisioned { physical_id: name, attributes: BTreeMap::from([("Arn".to_owned(), json!(arn))]) }
}

fn settle(group: &mut Group, properties: &Properties) -> Result<(), ProvisionError> {
    group.retention_days = number(properties, "RetentionInDays");
    group.retention_days.map_or(Ok(()), check_retention).map_err(refused)?;
    group.kms_key = text(properties, "KmsKeyId").map(str::to_owned);
    group.class = text(properties, "LogGroupClass").map(str::to_owned);
    let tags = objects(properties, "Tags");
    group.tags = tags.filter_map(|tag| Some((text(tag, "Key")?.to_owned(), text(tag, "Value")?.to_owned()))).collect();
    Ok(())
}

fn refused(error: ServiceError) -> ProvisionError {
    ProvisionError::Refused { message: error.message }
}
