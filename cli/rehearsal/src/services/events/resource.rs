//! `AWS::Events::Rule`.

use super::operations::{put_rule, targets};
use super::service::Events;
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::adoption::Claim;
use crate::services::declared::describe;
use crate::services::identifiers::{generated_name, owner};
use crate::services::property::text;
use crate::services::wire::ServiceError;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) fn create(events: &Arc<Events>, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    let name = text(&request.properties, "Name").map_or_else(|| generated_name(request), str::to_owned);
    let known = events.regions.of(&request.region)?.read(|state| state.rules.get(&name).cloned());
    if known.is_some_and(|rule| rule.owner != Some(owner(request))) {
        return Err(ProvisionError::AlreadyExists { identifier: name });
    }
    put(events, request, &name)
}

pub(super) fn claim(
    events: &Events,
    request: &CreateRequest,
    claim: Claim,
) -> Result<Option<Provisioned>, ProvisionError> {
    let Some(name) = text(&request.properties, "Name") else { return Ok(None) };
    let is_there = events.regions.of(&request.region)?.change(|state| {
        let rule = state.rules.get_mut(name);
        let is_there = rule.is_some();
        if let (Some(rule), Claim::Take) = (rule, claim) {
            rule.owner = Some(owner(request));
        }
        Ok::<_, ProvisionError>(is_there)
    })?;
    is_there.then(|| described(events, request, name)).transpose()
}

pub(super) fn update(events: &Arc<Events>, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
    put(events, &request.wanted, &request.physical_id)
}

pub(super) fn delete(events: &Events, request: &DeleteRequest) -> Result<(), ProvisionError> {
    events.regions.of(&request.region)?.change(|state| {
        state.rules.remove(&request.physical_id);
        Ok(())
    })
}

fn put(events: &Arc<Events>, request: &CreateRequest, name: &str) -> Result<Provisioned, ProvisionError> {
    if text(&request.properties, "EventBusName").is_some_and(|bus| bus.rsplit('/').next() != Some("default")) {
        let message = "the rehearsal cloud does not offer event buses other than default".to_owned();
        return Err(ProvisionError::Refused { message });
    }
    let input = Value::Object(request.properties.clone());
    let targets = targets(&input["Targets"]).map_err(refused)?;
    put_rule(events, &request.region, name, &input, Some((owner(request), targets))).map_err(refused)?;
    described(events, request, name)
}

fn described(events: &Events, request: &CreateRequest, name: &str) -> Result<Provisioned, ProvisionError> {
    let mut provisioned = describe(request)?;
    name.clone_into(&mut provisioned.physical_id);
    provisioned.attributes.insert("Arn".to_owned(), json!(events.arn(&request.region, name)));
    Ok(provisioned)
}

fn refused(error: ServiceError) -> ProvisionError {
    ProvisionError::Refused { message: error.message }
}
