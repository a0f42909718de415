//! ECS's operations over the wire that change something.

use super::books::{self, Wish};
use super::describe;
use super::service::Ecs;
use super::task::TaskStatus;
use crate::provision::ProvisionError;
use crate::services::property::Properties;
use crate::services::wire::ServiceError;
use serde_json::{Map, Value, json};

type Answer = Result<Value, ServiceError>;

impl Ecs {
    pub(super) fn register_task_definition(&self, account: &str, region: &str, input: &Value) -> Answer {
        let family = input["family"].as_str().unwrap_or_default().to_owned();
        let containers = input["containerDefinitions"].as_array().map_or(0, Vec::len);
        if family.is_empty() || containers == 0 {
            return Err(ServiceError::new("ClientException", "Container list cannot be empty."));
        }
        let properties = raised(input);
        let definition = self.store.change(|state| {
            let made = books::register(state, account, region, "the API".to_owned(), family, properties);
            Ok::<_, ServiceError>(made)
        })?;
        Ok(json!({ "taskDefinition": describe::task_definition(&definition), "tags": [] }))
    }

    pub(super) fn deregister_task_definition(&self, region: &str, input: &Value) -> Answer {
        let reference = input["taskDefinition"].as_str().unwrap_or_default();
        self.store.change(|state| {
            let arn = state.task_definition(region, reference).map(|known| known.arn.clone());
            let definition = arn.and_then(|arn| state.task_definitions.get_mut(&arn));
            let missing = || ServiceError::new("ClientException", "The specified task definition does not exist.");
            let definition = definition.ok_or_else(missing)?;
            definition.is_active = false;
            Ok(json!({ "taskDefinition": describe::task_definition(definition) }))
        })
    }

    pub(super) fn update_service(&self, region: &str, input: &Value) -> Answer {
        const TAKEN: &[&str] = &[
            "cluster",
            "service",
            "taskDefinition",
            "desiredCount",
            "deploymentConfiguration",
            "loadBalancers",
            "forceNewDeployment",
        ];
        if let Some(other) = input.as_object().and_then(|input| input.keys().find(|key| !TAKEN.contains(&key.as_str())))
        {
            let message = format!("the rehearsal cloud does not offer {other} in ecs UpdateService");
            return Err(ServiceError::new("InvalidParameterException", message));
        }
        let cluster = self.cluster(region, input)?;
        let reference = input["service"].as_str().unwrap_or_default();
        let arn = self.store.read(|state| state.service(&cluster, reference).map(|service| service.arn.clone()));
        let arn = arn.ok_or_else(|| ServiceError::new("ServiceNotFoundException", "Service not found."))?;
        let wish = Wish::of(&raised(input));
        let service = self.store.change(|state| {
            let changed = self.change_service(state, &arn, wish).map_err(refusal)?;
            Ok::<_, ServiceError>(changed.clone())
        })?;
        self.look_again(&arn);
        Ok(json!({ "service": describe::service(&service, self.crew(&arn).as_deref()) }))
    }

    /// ECS starts another task in its place, if it belongs to a service.
    pub(super) fn stop_task(&self, region: &str, input: &Value) -> Answer {
        let cluster = self.cluster(region, input)?;
        let id = input["task"].as_str().and_then(|task| task.rsplit('/').next()).unwrap_or_default();
        let reason = input["reason"].as_str().unwrap_or("Task stopped by user").to_owned();
        for (service, crew) in self.crews_of(&cluster) {
            if let Some(task) = crew.log.tasks().into_iter().find(|task| task.id == id) {
                if task.status != TaskStatus::Stopped {
                    crew.log.update(id, |task| task.stopped_reason = Some(reason));
                    task.stop.cancel();
                }
                return Ok(json!({ "task": describe::task(&service, &task) }));
            }
        }
        Err(ServiceError::new("InvalidParameterException", "The referenced task was not found."))
    }
}

fn refusal(error: ProvisionError) -> ServiceError {
    ServiceError::new("ClientException", error.to_string())
}

/// The API's names start with a small letter, CloudFormation's with a capital; the keys of maps are the user's own.
fn raised(input: &Value) -> Properties {
    let fields = input.as_object().cloned().unwrap_or_default();
    fields.into_iter().map(|(name, value)| (raise_first(&name), raise(&name, value))).collect()
}

fn raise(name: &str, value: Value) -> Value {
    match value {
        Value::Object(fields) if name == "options" || name == "dockerLabels" => Value::Object(fields),
        Value::Object(fields) => {
            let raised: Map<String, Value> =
                fields.into_iter().map(|(name, value)| (raise_first(&name), raise(&name, value))).collect();
            Value::Object(raised)
        }
        Value::Array(items) => items.into_iter().map(|item| raise(name, item)).collect(),
        other => other,
    }
}

fn raise_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
