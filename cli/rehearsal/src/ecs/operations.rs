//! ECS's operations over the wire.

use super::crew::Crew;
use super::describe::{cluster, service, task, task_definition};
use super::service::Ecs;
use super::state::{Cluster, Service};
use crate::services::wire::{self, Request, Response, ServiceError};
use serde_json::{Value, json};
use std::sync::Arc;

type Answer = Result<Value, ServiceError>;

impl Ecs {
    pub(crate) fn handle(&self, account: &str, region: &str, request: &Request) -> Response {
        let Some(operation) = wire::operation(request) else { return wire::not_there("ecs", request) };
        wire::respond(wire::body(request).and_then(|input| self.run(account, region, operation, &input)))
    }

    fn run(&self, account: &str, region: &str, operation: &str, input: &Value) -> Answer {
        match operation {
            "RegisterTaskDefinition" => self.register_task_definition(account, region, input),
            "DeregisterTaskDefinition" => self.deregister_task_definition(region, input),
            "UpdateService" => self.update_service(region, input),
            "StopTask" => self.stop_task(region, input),
            "DescribeClusters" => self.describe_clusters(region, input),
            "ListClusters" => {
                let arns = self.store.read(|state| {
                    let here = state.clusters.values().filter(|cluster| cluster.region == region);
                    here.map(|cluster| cluster.arn.clone()).collect()
                });
                page("clusterArns", arns, input)
            }
            "DescribeServices" => self.describe_services(region, input),
            "ListServices" => {
                let cluster = self.cluster(region, input)?;
                let arns = self.store.read(|state| {
                    let here = state.services.values().filter(|service| service.cluster.arn == cluster.arn);
                    here.map(|service| service.arn.clone()).collect()
                });
                page("serviceArns", arns, input)
            }
            "DescribeTasks" => self.describe_tasks(region, input),
            "ListTasks" => self.list_tasks(region, input),
            "DescribeTaskDefinition" => {
                let reference = input["taskDefinition"].as_str().unwrap_or_default();
                self.store.read(|state| {
                    let definition = state.task_definition(region, reference);
                    let definition = definition
                        .ok_or_else(|| ServiceError::new("ClientException", "Unable to describe task definition."))?;
                    Ok(json!({ "taskDefinition": task_definition(definition) }))
                })
            }
            "ListTaskDefinitions" => {
                let family = input["familyPrefix"].as_str();
                let arns = self.store.read(|state| {
                    let here = state.task_definitions.values().filter(|definition| {
                        definition.region == region
                            && definition.is_active
                            && family.is_none_or(|family| definition.family == family)
                    });
                    here.map(|definition| definition.arn.clone()).collect()
                });
                page("taskDefinitionArns", arns, input)
            }
            _ => Err(ServiceError::unknown_operation("ecs", operation)),
        }
    }

    fn describe_clusters(&self, region: &str, input: &Value) -> Answer {
        let mut references = texts(&input["clusters"]);
        if references.is_empty() {
            references.push("default".to_owned());
        }
        let (mut clusters, mut failures) = (Vec::new(), Vec::new());
        for reference in references {
            match self.store.read(|state| state.cluster(region, &reference).cloned()) {
                Some(found) => clusters.push(cluster(&found, &self.crews_of(&found))),
                None => failures.push(missing(&reference)),
            }
        }
        Ok(json!({ "clusters": clusters, "failures": failures }))
    }

    fn describe_services(&self, region: &str, input: &Value) -> Answer {
        let cluster = self.cluster(region, input)?;
        let references = texts(&input["services"]);
        if references.is_empty() {
            return Err(ServiceError::new("InvalidParameterException", "Services cannot be empty."));
        }
        let (mut services, mut failures) = (Vec::new(), Vec::new());
        for reference in references {
            match self.store.read(|state| state.service(&cluster, &reference).cloned()) {
                Some(found) => services.push(service(&found, self.crew(&found.arn).as_deref())),
                None => failures.push(missing(&reference)),
            }
        }
        Ok(json!({ "services": services, "failures": failures }))
    }

    fn describe_tasks(&self, region: &str, input: &Value) -> Answer {
        let cluster = self.cluster(region, input)?;
        let (mut tasks, mut failures) = (Vec::new(), Vec::new());
        for reference in texts(&input["tasks"]) {
            let id = reference.rsplit('/').next().unwrap_or_default();
            let found = self.crews_of(&cluster).into_iter().find_map(|(service, crew)| {
                let record = crew.log.tasks().into_iter().find(|task| task.id == id)?;
                Some(task(&service, &record))
            });
            match found {
                Some(found) => tasks.push(found),
                None => failures.push(missing(&reference)),
            }
        }
        Ok(json!({ "tasks": tasks, "failures": failures }))
    }

    fn list_tasks(&self, region: &str, input: &Value) -> Answer {
        let cluster = self.cluster(region, input)?;
        let wanted = input["serviceName"].as_str();
        if let Some(name) = wanted
            && self.store.read(|state| state.service(&cluster, name).is_none())
        {
            return Err(ServiceError::new("ServiceNotFoundException", "Service not found."));
        }
        let wants_stopped = input["desiredStatus"].as_str() == Some("STOPPED");
        let mut arns = Vec::new();
        for (service, crew) in self.crews_of(&cluster) {
            if wanted.is_some_and(|name| name != service.name && name != service.arn) {
                continue;
            }
            let tasks = crew.log.tasks().into_iter().filter(|task| task.stopped.is_some() == wants_stopped);
            arns.extend(tasks.map(|task| task.arn));
        }
        page("taskArns", arns, input)
    }

    pub(super) fn crews_of(&self, cluster: &Cluster) -> Vec<(Service, Arc<Crew>)> {
        let services: Vec<Service> = self.store.read(|state| {
            let here = state.services.values().filter(|service| service.cluster.arn == cluster.arn);
            here.cloned().collect()
        });
        services.into_iter().filter_map(|service| Some((service.clone(), self.crew(&service.arn)?))).collect()
    }

    pub(super) fn cluster(&self, region: &str, input: &Value) -> Result<Cluster, ServiceError> {
        let reference = input["cluster"].as_str().unwrap_or("default");
        let found = self.store.read(|state| state.cluster(region, reference).cloned());
        found.ok_or_else(|| ServiceError::new("ClusterNotFoundException", "Cluster not found."))
    }
}

/// One page of a list; the token is how many came before.
fn page(name: &str, arns: Vec<String>, input: &Value) -> Answer {
    let size = input["maxResults"].as_u64().and_then(|size| usize::try_from(size).ok()).unwrap_or(100).max(1);
    let start = match input["nextToken"].as_str() {
        Some(token) => token.parse().map_err(|_| ServiceError::new("InvalidParameterException", "Invalid token"))?,
        None => 0_usize,
    };
    let shown: Vec<&String> = arns.iter().skip(start).take(size).collect();
    let mut answer = json!({ name: shown });
    if start + size < arns.len() {
        answer["nextToken"] = json!((start + size).to_string());
    }
    Ok(answer)
}

fn missing(reference: &str) -> Value {
    json!({ "arn": reference, "reason": "MISSING" })
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
