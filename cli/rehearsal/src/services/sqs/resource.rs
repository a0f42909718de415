//! `AWS::SQS::Queue` and `AWS::SQS::QueuePolicy`.

use super::attributes::{self, Attributes};
use super::message::Millis;
use super::state::{Place, State, name_of};
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::adoption::Claim;
use crate::services::identifiers::{generated_name, owner};
use crate::services::property::{self, Properties, objects, texts};
use crate::services::wire::ServiceError;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn create(
    state: &mut State,
    place: Place<'_>,
    request: &CreateRequest,
    now: Millis,
) -> Result<Provisioned, ProvisionError> {
    if request.resource_type == "AWS::SQS::QueuePolicy" {
        return create_policy(state, request, now);
    }
    let properties = &request.properties;
    let wanted = attributes::of_properties(properties);
    let name = property::text(properties, "QueueName").map_or_else(
        || {
            let ending = if attributes::flag(&wanted, "FifoQueue") { ".fifo" } else { "" };
            format!("{}{ending}", generated_name(request))
        },
        str::to_owned,
    );
    let owner = Some(owner(request));
    match state.queues.get(&name) {
        // One that is asked for again keeps its messages.
        Some(known) if known.owner == owner => {}
        Some(_) => return Err(ProvisionError::AlreadyExists { identifier: name }),
        None => {
            state.create(&name, wanted, tags(properties), now).map_err(refused)?;
            if let Some(queue) = state.queues.get_mut(&name) {
                queue.owner = owner;
            }
        }
    }
    Ok(described(place, &name))
}

pub(super) fn claim(state: &mut State, place: Place<'_>, request: &CreateRequest, claim: Claim) -> Option<Provisioned> {
    let name = property::text(&request.properties, "QueueName")?;
    let queue = state.queues.get_mut(name)?;
    if claim == Claim::Take {
        queue.owner = Some(owner(request));
    }
    Some(described(place, name))
}

pub(super) fn update(
    state: &mut State,
    place: Place<'_>,
    request: &UpdateRequest,
    now: Millis,
) -> Result<Provisioned, ProvisionError> {
    let wanted = &request.wanted;
    if wanted.resource_type == "AWS::SQS::QueuePolicy" {
        remove_policy(state, &request.before, now);
        create_policy(state, wanted, now)?;
        return Ok(Provisioned { physical_id: request.physical_id.clone(), attributes: request.attributes.clone() });
    }
    // What is no longer wanted goes back to its default; the policy belongs to a resource of its own.
    let mut changes: Attributes =
        attributes::of_properties(&request.before).into_keys().map(|name| (name, String::new())).collect();
    changes.extend(attributes::of_properties(&wanted.properties));
    let name = name_of(&request.physical_id);
    state.set_attributes(name, changes, now).map_err(refused)?;
    state.queue_mut(name).map_err(refused)?.tags = tags(&wanted.properties);
    Ok(described(place, name))
}

pub(super) fn delete(state: &mut State, request: &DeleteRequest, now: Millis) -> Result<(), ProvisionError> {
    if request.resource_type == "AWS::SQS::QueuePolicy" {
        remove_policy(state, &request.properties, now);
        return Ok(());
    }
    state.queues.remove(name_of(&request.physical_id));
    Ok(())
}

fn create_policy(state: &mut State, request: &CreateRequest, now: Millis) -> Result<Provisioned, ProvisionError> {
    let policy = request.properties.get("PolicyDocument").unwrap_or(&Value::Null);
    let policy = policy.as_str().map_or_else(|| policy.to_string(), str::to_owned);
    for queue in texts(&request.properties, "Queues") {
        let change = Attributes::from([("Policy".to_owned(), policy.clone())]);
        state.set_attributes(&queue, change, now).map_err(refused)?;
    }
    let id = generated_name(request);
    Ok(Provisioned { attributes: BTreeMap::from([("Id".to_owned(), json!(id))]), physical_id: id })
}

fn remove_policy(state: &mut State, properties: &Properties, now: Millis) {
    for queue in texts(properties, "Queues") {
        let removed = Attributes::from([("Policy".to_owned(), String::new())]);
        // A queue that is gone took its policy along.
        let _ = state.set_attributes(&queue, removed, now);
    }
}

fn described(place: Place<'_>, name: &str) -> Provisioned {
    let url = place.url(name);
    let attributes = [("Arn", place.arn(name)), ("QueueName", name.to_owned()), ("QueueUrl", url.clone())];
    let attributes = attributes.map(|(name, value)| (name.to_owned(), json!(value)));
    Provisioned { physical_id: url, attributes: BTreeMap::from(attributes) }
}

fn tags(properties: &Properties) -> BTreeMap<String, String> {
    let text = |tag: &Properties, name: &str| property::text(tag, name).unwrap_or_default().to_owned();
    objects(properties, "Tags").map(|tag| (text(tag, "Key"), text(tag, "Value"))).collect()
}

fn refused(error: ServiceError) -> ProvisionError {
    ProvisionError::Refused { message: error.message }
}
