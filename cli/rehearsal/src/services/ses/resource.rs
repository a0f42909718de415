//! `AWS::SES::EmailIdentity`, `AWS::SES::ConfigurationSet` and `AWS::SES::ConfigurationSetEventDestination`.

use super::operations::destination;
use super::service::Ses;
use super::state::ConfigurationSet;
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::declared::describe;
use crate::services::identifiers::owner;
use crate::services::property::{object, text};
use crate::services::wire::ServiceError;
use serde_json::Value;

pub(super) fn create(ses: &Ses, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    let provisioned = describe(request)?;
    let id = provisioned.physical_id.as_str();
    let owner = Some(owner(request));
    let taken = || ProvisionError::AlreadyExists { identifier: id.to_owned() };
    match request.resource_type.as_str() {
        "AWS::SES::ConfigurationSetEventDestination" => put_destination(ses, request)?,
        "AWS::SES::ConfigurationSet" => ses.regions.of(&request.region)?.change(|state| {
            if state.sets.get(id).is_some_and(|known| known.owner != owner) {
                return Err(taken());
            }
            state
                .sets
                .entry(id.to_owned())
                .or_insert_with(|| ConfigurationSet { owner, ..ConfigurationSet::default() });
            Ok(())
        })?,
        _ => ses.regions.of(&request.region)?.change(|state| {
            let name = text(&request.properties, "EmailIdentity").unwrap_or_default().to_lowercase();
            if state.identities.get(&name).is_some_and(|known| *known != owner) {
                return Err(taken());
            }
            let token = |index: u8, part: &str| {
                let value = provisioned.attributes.get(&format!("DkimDNSToken{part}{index}"))?;
                value.as_str().map(str::to_owned)
            };
            let tokens = (1..=3).filter_map(|index| Some((token(index, "Name")?, token(index, "Value")?)));
            if !name.contains('@') {
                state.dkim.insert(name.clone(), tokens.collect());
            }
            state.identities.insert(name, owner);
            Ok(())
        })?,
    }
    Ok(provisioned)
}

pub(super) fn update(ses: &Ses, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
    if request.wanted.resource_type == "AWS::SES::ConfigurationSetEventDestination" {
        put_destination(ses, &request.wanted)?;
    }
    Ok(Provisioned { physical_id: request.physical_id.clone(), attributes: request.attributes.clone() })
}

pub(super) fn delete(ses: &Ses, request: &DeleteRequest) -> Result<(), ProvisionError> {
    ses.regions.of(&request.region)?.change(|state| {
        match request.resource_type.as_str() {
            "AWS::SES::ConfigurationSetEventDestination" => {
                let set = text(&request.properties, "ConfigurationSetName").unwrap_or_default();
                let name = object(&request.properties, "EventDestination").and_then(|given| text(given, "Name"));
                if let Some(set) = state.sets.get_mut(set) {
                    set.destinations.remove(name.unwrap_or(&request.physical_id));
                }
            }
            "AWS::SES::ConfigurationSet" => drop(state.sets.remove(&request.physical_id)),
            _ => {
                let name = request.physical_id.to_lowercase();
                state.identities.remove(&name);
                state.dkim.remove(&name);
            }
        }
        Ok(())
    })
}

fn put_destination(ses: &Ses, request: &CreateRequest) -> Result<(), ProvisionError> {
    let set = text(&request.properties, "ConfigurationSetName").unwrap_or_default();
    let given = request.properties.get("EventDestination").unwrap_or(&Value::Null);
    let name = given["Name"]
        .as_str()
        .map_or_else(|| describe(request).map(|known| known.physical_id), |name| Ok(name.to_owned()))?;
    ses.regions.of(&request.region)?.change(|state| {
        let wanted = destination(given).map_err(refused)?;
        state.set_mut(set).map_err(refused)?.destinations.insert(name, wanted);
        Ok(())
    })
}

fn refused(error: ServiceError) -> ProvisionError {
    ProvisionError::Refused { message: error.message }
}
