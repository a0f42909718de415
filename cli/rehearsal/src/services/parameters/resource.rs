//! `AWS::SSM::Parameter`.

use super::put::{Wanted, put};
use super::service::Parameters;
use super::state::Place;
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::adoption::Claim;
use crate::services::identifiers::{generated_name, owner};
use crate::services::property::{object, text};
use crate::services::wire::ServiceError;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn create(parameters: &Parameters, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    let name = text(&request.properties, "Name").map_or_else(|| generated_name(request), str::to_owned);
    let owner = owner(request);
    parameters.regions.of(&request.region)?.change(|state| {
        if let Some(known) = state.parameters.get(&name) {
            if known.owner.as_deref() == Some(owner.as_str()) {
                return Ok(());
            }
            return Err(ProvisionError::AlreadyExists { identifier: name.clone() });
        }
        let wanted = Wanted { owner: Some(owner), tags: tags(request), ..wanted(request, &name)? };
        put(state, wanted, Timestamp::now()).map(|_| ()).map_err(refused)
    })?;
    Ok(made(request, &name))
}

pub(super) fn claim(
    parameters: &Parameters,
    request: &CreateRequest,
    claim: Claim,
) -> Result<Option<Provisioned>, ProvisionError> {
    let Some(name) = text(&request.properties, "Name") else { return Ok(None) };
    let is_here = parameters.regions.of(&request.region)?.change(|state| {
        let parameter = state.parameters.get_mut(name);
        let is_here = parameter.is_some();
        if let Some(parameter) = parameter.filter(|_| claim == Claim::Take) {
            parameter.owner = Some(owner(request));
        }
        Ok::<_, ProvisionError>(is_here)
    })?;
    Ok(is_here.then(|| made(request, name)))
}

pub(super) fn update(parameters: &Parameters, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
    let name = &request.physical_id;
    parameters.regions.of(&request.wanted.region)?.change(|state| {
        let wanted = Wanted { overwrite: true, ..wanted(&request.wanted, name)? };
        put(state, wanted, Timestamp::now()).map_err(refused)?;
        state.named_mut(name).map_err(refused)?.tags = tags(&request.wanted);
        Ok::<_, ProvisionError>(())
    })?;
    Ok(made(&request.wanted, name))
}

pub(super) fn delete(parameters: &Parameters, request: &DeleteRequest) -> Result<(), ProvisionError> {
    parameters.regions.of(&request.region)?.change(|state| {
        state.parameters.remove(&request.physical_id);
        Ok(())
    })
}

fn wanted(request: &CreateRequest, name: &str) -> Result<Wanted, ProvisionError> {
    let properties = Value::Object(request.properties.clone());
    // Here tags are a map, and set apart.
    let properties = json!({
        "Name": name, "Value": properties["Value"], "Type": properties["Type"], "Description": properties["Description"],
        "AllowedPattern": properties["AllowedPattern"], "Tier": properties["Tier"], "DataType": properties["DataType"],
        "Policies": properties["Policies"],
    });
    Wanted::of(&properties).map_err(refused)
}

fn tags(request: &CreateRequest) -> BTreeMap<String, String> {
    let tags = object(&request.properties, "Tags").into_iter().flatten();
    tags.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
}

fn made(request: &CreateRequest, name: &str) -> Provisioned {
    let attribute = |key: &str| request.properties.get(key).cloned().unwrap_or_default();
    let arn = Place { account: &request.account, region: &request.region }.arn(name);
    let attributes = [("Type", attribute("Type")), ("Value", attribute("Value")), ("Arn", json!(arn))];
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value));
    Provisioned { physical_id: name.to_owned(), attributes: BTreeMap::from(attributes) }
}

fn refused(error: ServiceError) -> ProvisionError {
    ProvisionError::Refused { message: error.message }
}
