//! `AWS::Lambda::Function`, `AWS::Lambda::Permission` and `AWS::Lambda::EventSourceMapping`.

use super::operations::statement;
use super::service::Lambda;
use super::state::{Settings, name_of};
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::adoption::Claim;
use crate::services::declared::describe;
use crate::services::identifiers::{fill, generated_name, owner};
use crate::services::property::text;
use crate::services::wire::ServiceError;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) fn create(lambda: &Arc<Lambda>, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    let input = Value::Object(request.properties.clone());
    match request.resource_type.as_str() {
        "AWS::Lambda::Permission" => permit(lambda, request, &generated_name(request)),
        "AWS::Lambda::EventSourceMapping" => {
            let id = fill("{uuid}", request, "");
            lambda.add_mapping(&request.region, &id, Some(owner(request)), &input).map_err(refused)?;
            let arn = format!("arn:aws:lambda:{}:{}:event-source-mapping:{id}", request.region, request.account);
            let attributes = [("Id", id.clone()), ("EventSourceMappingArn", arn)];
            let attributes = attributes.map(|(name, value)| (name.to_owned(), json!(value)));
            Ok(Provisioned { physical_id: id, attributes: BTreeMap::from(attributes) })
        }
        _ => create_function(lambda, request, &input),
    }
}

pub(super) fn claim(
    lambda: &Lambda,
    request: &CreateRequest,
    claim: Claim,
) -> Result<Option<Provisioned>, ProvisionError> {
    let Some(name) = text(&request.properties, "FunctionName") else { return Ok(None) };
    let arn = lambda.regions.of(&request.region)?.change(|state| {
        let Some(function) = state.functions.get_mut(name) else { return Ok(None) };
        if claim == Claim::Take {
            function.owner = Some(owner(request));
        }
        Ok::<_, ProvisionError>(Some(function.arn.clone()))
    })?;
    arn.map(|arn| described(request, name, &arn)).transpose()
}

pub(super) fn update(lambda: &Arc<Lambda>, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
    let wanted = &request.wanted;
    let input = Value::Object(wanted.properties.clone());
    match wanted.resource_type.as_str() {
        "AWS::Lambda::Permission" => permit(lambda, wanted, &request.physical_id),
        "AWS::Lambda::EventSourceMapping" => {
            lambda.change_mapping(&wanted.region, &request.physical_id, &input).map_err(refused)?;
            Ok(Provisioned { physical_id: request.physical_id.clone(), attributes: request.attributes.clone() })
        }
        _ => {
            let code = lambda.fetch_code(&input["Code"], true).map_err(refused)?;
            let changed = lambda.change_function(&wanted.region, &request.physical_id, |function| {
                function.code = code;
                // What the template no longer says goes back to its default.
                function.settings = Settings::of(&input, &Settings::initial())?;
                Ok(())
            });
            let arn = changed.map_err(refused)?.arn;
            described(wanted, &request.physical_id, &arn)
        }
    }
}

pub(super) fn delete(lambda: &Lambda, request: &DeleteRequest) -> Result<(), ProvisionError> {
    let id = request.physical_id.as_str();
    let gone = lambda.regions.of(&request.region)?.change(|state| {
        match request.resource_type.as_str() {
            "AWS::Lambda::Permission" => {
                let function = text(&request.properties, "FunctionName").unwrap_or_default();
                if let Some(function) = state.functions.get_mut(name_of(function)) {
                    function.permissions.remove(id);
                }
            }
            "AWS::Lambda::EventSourceMapping" => drop(state.mappings.remove(id)),
            _ => return Ok::<_, ProvisionError>(state.functions.remove(id)),
        }
        Ok(None)
    })?;
    if let Some(function) = gone {
        lambda.instances.discard(&function.revision);
    }
    Ok(())
}

fn create_function(lambda: &Lambda, request: &CreateRequest, input: &Value) -> Result<Provisioned, ProvisionError> {
    let name = text(&request.properties, "FunctionName").map_or_else(|| generated_name(request), str::to_owned);
    let mut function = lambda.new_function(&request.region, &name, input, true).map_err(refused)?;
    function.owner = Some(owner(request));
    let arn = function.arn.clone();
    lambda.regions.of(&request.region)?.change(|state| match state.functions.get(&name) {
        Some(known) if known.owner == function.owner => Ok(()),
        Some(_) => Err(ProvisionError::AlreadyExists { identifier: name.clone() }),
        None => {
            state.functions.insert(name.clone(), function);
            Ok(())
        }
    })?;
    described(request, &name, &arn)
}

fn permit(lambda: &Lambda, request: &CreateRequest, id: &str) -> Result<Provisioned, ProvisionError> {
    let function = text(&request.properties, "FunctionName").unwrap_or_default();
    let input = Value::Object(request.properties.clone());
    lambda.regions.of(&request.region)?.change(|state| {
        let function = state.function_mut(function).map_err(refused)?;
        let statement = statement(&function.arn, id, &input);
        function.permissions.insert(id.to_owned(), statement);
        Ok::<_, ProvisionError>(())
    })?;
    let attributes = BTreeMap::from([("Id".to_owned(), json!(id))]);
    Ok(Provisioned { physical_id: id.to_owned(), attributes })
}

/// With the attributes that only the schema knows.
fn described(request: &CreateRequest, name: &str, arn: &str) -> Result<Provisioned, ProvisionError> {
    let mut provisioned = describe(request)?;
    provisioned.physical_id = name.to_owned();
    provisioned.attributes.insert("Arn".to_owned(), json!(arn));
    Ok(provisioned)
}

fn refused(error: ServiceError) -> ProvisionError {
    ProvisionError::Refused { message: error.message }
}
