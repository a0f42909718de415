//! `AWS::SNS::Topic`, `AWS::SNS::TopicPolicy` and `AWS::SNS::Subscription`.

use super::operations::{subscribe, topic_arn};
use super::service::Sns;
use super::state::Topic;
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::adoption::Claim;
use crate::services::declared::describe;
use crate::services::identifiers::{generated_name, owner};
use crate::services::property::{Properties, flag, objects, text, texts};
use crate::services::wire::ServiceError;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn create(sns: &Sns, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    let properties = &request.properties;
    match request.resource_type.as_str() {
        "AWS::SNS::TopicPolicy" => {
            put_policy(sns, request)?;
            let id = generated_name(request);
            Ok(Provisioned { attributes: BTreeMap::from([("Id".to_owned(), json!(id))]), physical_id: id })
        }
        "AWS::SNS::Subscription" => {
            let part = |name: &str| text(properties, name).unwrap_or_default();
            let (protocol, endpoint) = (part("Protocol"), part("Endpoint"));
            let wanted = subscription_attributes(properties);
            let arn =
                subscribe(sns, &request.region, part("TopicArn"), (protocol, endpoint), wanted).map_err(refused)?;
            let attributes = BTreeMap::from([("Arn".to_owned(), json!(arn.0))]);
            Ok(Provisioned { physical_id: arn.0, attributes })
        }
        _ => create_topic(sns, request),
    }
}

pub(super) fn claim(sns: &Sns, request: &CreateRequest, claim: Claim) -> Result<Option<Provisioned>, ProvisionError> {
    let Some(name) = text(&request.properties, "TopicName") else { return Ok(None) };
    let arn = topic_arn(sns, &request.region, name).map_err(refused)?;
    let is_there = sns.regions.of(&request.region)?.change(|state| {
        let topic = state.topics.get_mut(&arn);
        let is_there = topic.is_some();
        if let (Some(topic), Claim::Take) = (topic, claim) {
            topic.owner = Some(owner(request));
        }
        Ok::<_, ProvisionError>(is_there)
    })?;
    is_there.then(|| described(request, name, arn)).transpose()
}

pub(super) fn update(sns: &Sns, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
    let (wanted, id) = (&request.wanted, &request.physical_id);
    let same = Provisioned { physical_id: id.clone(), attributes: request.attributes.clone() };
    match wanted.resource_type.as_str() {
        "AWS::SNS::TopicPolicy" => put_policy(sns, wanted)?,
        "AWS::SNS::Subscription" => sns.regions.of(&wanted.region)?.change(|state| {
            if let Some(subscription) = state.subscriptions.get_mut(id) {
                subscription.attributes = subscription_attributes(&wanted.properties);
            }
            Ok::<_, ProvisionError>(())
        })?,
        _ => {
            sns.regions.of(&wanted.region)?.change(|state| {
                let topic = state.topic_mut(id).map_err(refused)?;
                let policy = topic.attributes.remove("Policy");
                topic.attributes = topic_attributes(&wanted.properties);
                topic.tags = topic_tags(&wanted.properties);
                topic.attributes.extend(policy.map(|policy| ("Policy".to_owned(), policy)));
                Ok::<_, ProvisionError>(())
            })?;
            subscribe_all(sns, wanted, id)?;
        }
    }
    Ok(same)
}

pub(super) fn delete(sns: &Sns, request: &DeleteRequest) -> Result<(), ProvisionError> {
    let id = &request.physical_id;
    sns.regions.of(&request.region)?.change(|state| {
        match request.resource_type.as_str() {
            "AWS::SNS::TopicPolicy" => {
                for arn in texts(&request.properties, "Topics") {
                    if let Some(topic) = state.topics.get_mut(&arn) {
                        topic.attributes.remove("Policy");
                    }
                }
            }
            "AWS::SNS::Subscription" => drop(state.subscriptions.remove(id)),
            _ => state.remove_topic(id),
        }
        Ok(())
    })
}

fn create_topic(sns: &Sns, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    let properties = &request.properties;
    let name = text(properties, "TopicName").map_or_else(
        || {
            let ending = if flag(properties, "FifoTopic").unwrap_or(false) { ".fifo" } else { "" };
            format!("{}{ending}", generated_name(request))
        },
        str::to_owned,
    );
    let arn = topic_arn(sns, &request.region, &name).map_err(refused)?;
    let topic =
        Topic { owner: Some(owner(request)), attributes: topic_attributes(properties), tags: topic_tags(properties) };
    sns.regions.of(&request.region)?.change(|state| match state.topics.get(&arn) {
        // One that is asked for again keeps its subscriptions.
        Some(known) if known.owner == topic.owner => Ok(()),
        Some(_) => Err(ProvisionError::AlreadyExists { identifier: name.clone() }),
        None => {
            state.topics.insert(arn.clone(), topic);
            Ok(())
        }
    })?;
    subscribe_all(sns, request, &arn)?;
    described(request, &name, arn)
}

fn described(request: &CreateRequest, name: &str, arn: String) -> Result<Provisioned, ProvisionError> {
    let mut provisioned = describe(request)?;
    provisioned.attributes.insert("TopicArn".to_owned(), json!(arn));
    provisioned.attributes.insert("TopicName".to_owned(), json!(name));
    provisioned.physical_id = arn;
    Ok(provisioned)
}

fn subscribe_all(sns: &Sns, request: &CreateRequest, arn: &str) -> Result<(), ProvisionError> {
    for wanted in objects(&request.properties, "Subscription") {
        let part = |name: &str| text(wanted, name).unwrap_or_default();
        let target = (part("Protocol"), part("Endpoint"));
        subscribe(sns, &request.region, arn, target, BTreeMap::new()).map_err(refused)?;
    }
    Ok(())
}

fn put_policy(sns: &Sns, request: &CreateRequest) -> Result<(), ProvisionError> {
    let policy = as_text(request.properties.get("PolicyDocument").unwrap_or(&Value::Null));
    sns.regions.of(&request.region)?.change(|state| {
        for arn in texts(&request.properties, "Topics") {
            let topic = state.topic_mut(&arn).map_err(refused)?;
            topic.attributes.insert("Policy".to_owned(), policy.clone());
        }
        Ok(())
    })
}

fn topic_attributes(properties: &Properties) -> BTreeMap<String, String> {
    let known = [
        "ContentBasedDeduplication",
        "DisplayName",
        "FifoTopic",
        "KmsMasterKeyId",
        "SignatureVersion",
        "TracingConfig",
    ];
    known.iter().filter_map(|name| Some(((*name).to_owned(), as_text(properties.get(*name)?)))).collect()
}

fn topic_tags(properties: &Properties) -> BTreeMap<String, String> {
    let tags = objects(properties, "Tags");
    tags.filter_map(|tag| Some((text(tag, "Key")?.to_owned(), text(tag, "Value")?.to_owned()))).collect()
}

fn subscription_attributes(properties: &Properties) -> BTreeMap<String, String> {
    let known = ["FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy"];
    known.iter().filter_map(|name| Some(((*name).to_owned(), as_text(properties.get(*name)?)))).collect()
}

fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn refused(error: ServiceError) -> ProvisionError {
    ProvisionError::Refused { message: error.message }
}
