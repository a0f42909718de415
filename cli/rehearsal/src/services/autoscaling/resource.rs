//! Targets and policies as CloudFormation makes them; their properties have the API's names.

use super::service::{AutoScaling, DIMENSION, NAMESPACE};
use super::state::key;
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::declared::describe;
use crate::services::identifiers::owner;
use crate::services::property::{Properties, text};
use crate::services::wire::ServiceError;
use serde_json::{Value, json};

const TARGET: &str = "AWS::ApplicationAutoScaling::ScalableTarget";
const POLICY: &str = "AWS::ApplicationAutoScaling::ScalingPolicy";

impl AutoScaling {
    pub(crate) fn owns(resource_type: &str) -> bool {
        resource_type == TARGET || resource_type == POLICY
    }

    pub(crate) fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        let provisioned = describe(request)?;
        let input = input(&request.properties);
        let (resource, maker) = (input["ResourceId"].as_str().unwrap_or_default(), owner(request));
        let known = self.store.read(|state| {
            let target = state.get(&key(&request.region, resource))?;
            match request.resource_type.as_str() {
                TARGET => Some(target.owner.clone()),
                _ => Some(target.policies.get(input["PolicyName"].as_str()?)?.owner.clone()),
            }
        });
        if known.is_some_and(|known| known != maker) {
            return Err(ProvisionError::AlreadyExists { identifier: provisioned.physical_id });
        }
        self.put(request, maker, &input, &provisioned.physical_id)?;
        Ok(provisioned)
    }

    pub(crate) fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        let wanted = &request.wanted;
        let is_wanted = input(&wanted.properties);
        self.put(wanted, owner(wanted), &is_wanted, &request.physical_id)?;
        let was = input(&request.before);
        let name = |action: &Value| action["ScheduledActionName"].clone();
        let actions = |of: &Value| of["ScheduledActions"].as_array().cloned().unwrap_or_default();
        let kept: Vec<Value> = actions(&is_wanted).iter().map(name).collect();
        for gone in actions(&was).iter().map(name).filter(|gone| !kept.contains(gone)) {
            let mut action = was.clone();
            action["ScheduledActionName"] = gone;
            match self.delete_schedule(&wanted.region, &action) {
                Err(error) if error.code != "ObjectNotFoundException" => return Err(refused(error)),
                _ => {}
            }
        }
        Ok(Provisioned { physical_id: request.physical_id.clone(), attributes: request.attributes.clone() })
    }

    /// One that is gone already is no error.
    pub(crate) fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        let input = input(&request.properties);
        let gone = if request.resource_type == TARGET {
            let resource = request.physical_id.split('|').next().unwrap_or_default();
            self.deregister(&request.region, resource).map(drop)
        } else {
            self.delete_policy(&request.region, &input).map(drop)
        };
        match gone {
            Err(error) if error.code != "ObjectNotFoundException" && error.code != "ValidationException" => {
                Err(refused(error))
            }
            _ => Ok(()),
        }
    }

    fn put(&self, request: &CreateRequest, owner: String, input: &Value, id: &str) -> Result<(), ProvisionError> {
        let region = &request.region;
        if request.resource_type == POLICY {
            return self.put_policy(region, owner, Some(id.to_owned()), input).map(drop).map_err(refused);
        }
        self.register(region, owner, input).map_err(refused)?;
        for action in input["ScheduledActions"].as_array().into_iter().flatten() {
            let mut action = action.clone();
            for name in ["ServiceNamespace", "ScalableDimension", "ResourceId"] {
                action[name] = input[name].clone();
            }
            self.put_schedule(region, &action).map_err(refused)?;
        }
        Ok(())
    }
}

/// A policy may name its target by the target's identifier, `<resource>|<dimension>|<namespace>`.
fn input(properties: &Properties) -> Value {
    let mut input = Value::Object(properties.clone());
    if let Some(target) = text(properties, "ScalingTargetId") {
        let mut parts = target.split('|');
        input["ResourceId"] = json!(parts.next());
        input["ScalableDimension"] = json!(parts.next().unwrap_or(DIMENSION));
        input["ServiceNamespace"] = json!(parts.next().unwrap_or(NAMESPACE));
    }
    input
}

fn refused(error: ServiceError) -> ProvisionError {
    ProvisionError::Refused { message: error.message }
}
