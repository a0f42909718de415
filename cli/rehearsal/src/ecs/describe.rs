//! Clusters, services and tasks as ECS describes them.

use super::crew::Crew;
use super::state::{Cluster, Deployment, Failure, Rollout, Service, TaskDefinition};
use super::task::{TaskRecord, TaskStatus};
use crate::router::TargetState;
use crate::services::property::{number, objects, text};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(super) fn cluster(cluster: &Cluster, crews: &[(Service, Arc<Crew>)]) -> Value {
    let tasks: Vec<TaskRecord> = crews.iter().flat_map(|(_, crew)| crew.log.tasks()).collect();
    let (running, pending) = count(&tasks);
    json!({
        "clusterArn": cluster.arn, "clusterName": cluster.name, "status": "ACTIVE", "activeServicesCount": crews.len(),
        "runningTasksCount": running, "pendingTasksCount": pending, "registeredContainerInstancesCount": 0,
        "statistics": [], "tags": [], "settings": [], "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
        "defaultCapacityProviderStrategy": [],
    })
}

pub(super) fn service(service: &Service, crew: Option<&Crew>) -> Value {
    let tasks = crew.map(|crew| crew.log.tasks()).unwrap_or_default();
    let events = crew.map(|crew| crew.log.events()).unwrap_or_default();
    let (running, pending) = count(&tasks);
    let primary = service.primary();
    let balancers: Vec<Value> = primary
        .iter()
        .flat_map(|deployment| &deployment.target_groups)
        .map(|group| {
            json!({ "targetGroupArn": group.arn, "containerName": group.container, "containerPort": group.port })
        })
        .collect();
    let events: Vec<Value> = events
        .iter()
        .map(|event| json!({ "id": event.id, "createdAt": seconds(event.at), "message": event.message }))
        .collect();
    let deployments: Vec<Value> = service
        .deployments
        .iter()
        .enumerate()
        .map(|(index, one)| deployment(service, one, index == 0, crew, &tasks))
        .collect();
    json!({
        "serviceArn": service.arn, "serviceName": service.name, "clusterArn": service.cluster.arn, "status": "ACTIVE",
        "desiredCount": service.desired_count, "runningCount": running, "pendingCount": pending,
        "launchType": launch_type(service), "taskDefinition": primary.map(|deployment| &deployment.task_definition),
        "loadBalancers": balancers, "serviceRegistries": [], "deployments": deployments, "events": events,
        "deploymentConfiguration": {
            "deploymentCircuitBreaker": {
                "enable": service.configuration.breaks, "rollback": service.configuration.rolls_back,
            },
            "alarms": {
                "alarmNames": service.configuration.alarms.names, "enable": service.configuration.alarms.watches,
                "rollback": service.configuration.alarms.rolls_back,
            },
            "strategy": "ROLLING", "maximumPercent": service.configuration.maximum_percent,
            "minimumHealthyPercent": service.configuration.minimum_healthy_percent,
        },
        "createdAt": seconds(service.created), "schedulingStrategy": "REPLICA", "propagateTags": "NONE",
        "deploymentController": { "type": "ECS" }, "enableExecuteCommand": false, "placementConstraints": [],
        "placementStrategy": [], "platformVersion": "1.4.0", "platformFamily": "Linux",
        "healthCheckGracePeriodSeconds": number(&service.properties, "HealthCheckGracePeriodSeconds"),
    })
}

fn deployment(
    service: &Service,
    deployment: &Deployment,
    is_primary: bool,
    crew: Option<&Crew>,
    tasks: &[TaskRecord],
) -> Value {
    let own: Vec<TaskRecord> = tasks.iter().filter(|task| task.deployment == deployment.id).cloned().collect();
    let (running, pending) = count(&own);
    let keeper = crew.and_then(|crew| crew.keeper(&deployment.id));
    let desired = if is_primary { service.desired_count } else { keeper.as_ref().map_or(0, |one| one.wanted()) };
    let rollout = match deployment.rollout {
        Rollout::Failed => ("FAILED", words(service.failure).to_owned()),
        Rollout::Completed => ("COMPLETED", format!("ECS deployment {} completed.", deployment.id)),
        Rollout::InProgress => ("IN_PROGRESS", format!("ECS deployment {} in progress.", deployment.id)),
    };
    json!({
        "id": deployment.id, "status": if is_primary { "PRIMARY" } else { "ACTIVE" },
        "taskDefinition": deployment.task_definition, "desiredCount": desired, "runningCount": running,
        "pendingCount": pending, "failedTasks": keeper.map_or(0, |keeper| keeper.failures()),
        "createdAt": seconds(deployment.created), "updatedAt": seconds(deployment.created),
        "launchType": launch_type(service), "rolloutState": rollout.0, "rolloutStateReason": rollout.1,
    })
}

const fn words(failure: Failure) -> &'static str {
    match failure {
        Failure::CircuitBreaker => "ECS deployment circuit breaker: tasks failed to start.",
        Failure::Alarm => "ECS deployment failed: alarm detected.",
    }
}

fn launch_type(service: &Service) -> &str {
    text(&service.properties, "LaunchType").unwrap_or("FARGATE")
}

pub(super) fn task(service: &Service, task: &TaskRecord) -> Value {
    let health = match task.health {
        TargetState::Initial => "UNKNOWN",
        TargetState::Healthy => "HEALTHY",
        TargetState::Unhealthy => "UNHEALTHY",
    };
    let container = objects(&task.definition.properties, "ContainerDefinitions").next();
    let given = |name| container.and_then(|container| text(container, name)).unwrap_or_default();
    let mut container = json!({
        "name": given("Name"), "image": given("Image"), "taskArn": task.arn, "lastStatus": task.status.name(),
    });
    if let Some(code) = task.exit_code {
        container["exitCode"] = json!(code);
    }
    if let (Some(reason), "TaskFailedToStart") = (&task.stopped_reason, task.stop_code) {
        container["reason"] = json!(reason);
    }
    let desired = if task.status == TaskStatus::Running || task.status == TaskStatus::Provisioning {
        "RUNNING"
    } else {
        "STOPPED"
    };
    let mut description = json!({
        "taskArn": task.arn, "clusterArn": service.cluster.arn, "taskDefinitionArn": task.definition.arn,
        "lastStatus": task.status.name(), "desiredStatus": desired, "healthStatus": health,
        "launchType": "FARGATE", "group": format!("service:{}", service.name), "startedBy": task.deployment,
        "createdAt": seconds(task.created), "containers": [container], "attachments": [], "tags": [], "version": 1,
    });
    let times = [("startedAt", task.started), ("stoppedAt", task.stopped)];
    for (name, time) in times {
        if let Some(time) = time {
            description[name] = seconds(time);
        }
    }
    if let Some(reason) = &task.stopped_reason {
        description["stoppedReason"] = json!(reason);
        description["stopCode"] = json!(task.stop_code);
    }
    description
}

/// CloudFormation's names start with a capital, the API's do not; below maps such as `Options` the keys are the user's.
pub(super) fn task_definition(definition: &TaskDefinition) -> Value {
    let mut description = Map::new();
    for (name, value) in &definition.properties {
        if name != "Tags" {
            description.insert(lower_first(name), lowered(value));
        }
    }
    description.insert("taskDefinitionArn".to_owned(), json!(definition.arn));
    description.insert("family".to_owned(), json!(definition.family));
    description.insert("revision".to_owned(), json!(definition.revision));
    let status = if definition.is_active { "ACTIVE" } else { "INACTIVE" };
    description.insert("status".to_owned(), json!(status));
    description.insert("registeredAt".to_owned(), seconds(definition.registered));
    if let Some(containers) = description.get_mut("containerDefinitions").and_then(Value::as_array_mut) {
        for container in containers {
            as_integers(container, &["cpu", "memory", "memoryReservation"]);
        }
    }
    Value::Object(description)
}

fn lowered(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let lower = |(name, value): (&String, &Value)| {
                let value = if name == "Options" || name == "DockerLabels" { value.clone() } else { lowered(value) };
                (lower_first(name), value)
            };
            Value::Object(fields.iter().map(lower).collect())
        }
        Value::Array(items) => items.iter().map(lowered).collect(),
        other => other.clone(),
    }
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn as_integers(value: &mut Value, names: &[&str]) {
    for name in names {
        if let Some(field) = value.get_mut(*name)
            && let Some(number) = crate::services::property::as_number(field)
        {
            *field = json!(number);
        }
    }
}

/// Running and pending tasks.
fn count(tasks: &[TaskRecord]) -> (usize, usize) {
    let with = |status| tasks.iter().filter(|task| task.status == status).count();
    (with(TaskStatus::Running), with(TaskStatus::Provisioning))
}

/// A time in AWS's JSON protocols.
fn seconds(time: Timestamp) -> Value {
    json!(time.as_millisecond() as f64 / 1000.0)
}
