//! Clusters, services and tasks as ECS describes them.

use super::keeper::Keeper;
use super::state::{Cluster, Service, TaskDefinition};
use super::task::{TaskRecord, TaskStatus};
use crate::router::TargetState;
use crate::services::property::{objects, text};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(super) fn cluster(cluster: &Cluster, services: usize, keepers: &[Arc<Keeper>]) -> Value {
    let tasks: Vec<TaskRecord> = keepers.iter().flat_map(|keeper| keeper.tasks()).collect();
    let (running, pending) = count(&tasks);
    json!({
        "clusterArn": cluster.arn, "clusterName": cluster.name, "status": "ACTIVE", "activeServicesCount": services,
        "runningTasksCount": running, "pendingTasksCount": pending, "registeredContainerInstancesCount": 0,
        "statistics": [], "tags": [], "settings": [], "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
        "defaultCapacityProviderStrategy": [],
    })
}

pub(super) fn service(service: &Service, keeper: Option<&Keeper>) -> Value {
    let tasks = keeper.map(Keeper::tasks).unwrap_or_default();
    let events = keeper.map(Keeper::events).unwrap_or_default();
    let progress = keeper.map(|keeper| *keeper.progress().borrow()).unwrap_or_default();
    let (running, pending) = count(&tasks);
    let rollout = match (progress.broken, progress.steady) {
        (true, _) => ("FAILED", "ECS deployment circuit breaker: tasks failed to start.".to_owned()),
        (false, true) => ("COMPLETED", format!("ECS deployment {} completed.", service.deployment_id)),
        (false, false) => ("IN_PROGRESS", format!("ECS deployment {} in progress.", service.deployment_id)),
    };
    let balancers: Vec<Value> = service
        .target_groups
        .iter()
        .map(|group| {
            json!({ "targetGroupArn": group.arn, "containerName": group.container, "containerPort": group.port })
        })
        .collect();
    let events: Vec<Value> = events
        .iter()
        .map(|event| json!({ "id": event.id, "createdAt": seconds(event.at), "message": event.message }))
        .collect();
    let launch_type = text(&service.properties, "LaunchType").unwrap_or("FARGATE");
    let deployment = json!({
        "id": service.deployment_id, "status": "PRIMARY", "taskDefinition": service.task_definition,
        "desiredCount": service.desired_count, "runningCount": running, "pendingCount": pending,
        "failedTasks": progress.failures, "createdAt": seconds(service.created), "updatedAt": seconds(service.created),
        "launchType": launch_type, "rolloutState": rollout.0, "rolloutStateReason": rollout.1,
    });
    json!({
        "serviceArn": service.arn, "serviceName": service.name, "clusterArn": service.cluster.arn, "status": "ACTIVE",
        "desiredCount": service.desired_count, "runningCount": running, "pendingCount": pending,
        "launchType": launch_type, "taskDefinition": service.task_definition, "loadBalancers": balancers,
        "serviceRegistries": [], "deployments": [deployment], "events": events,
        "createdAt": seconds(service.created), "schedulingStrategy": "REPLICA", "propagateTags": "NONE",
    })
}

pub(super) fn task(keeper: &Keeper, task: &TaskRecord) -> Value {
    let service = &keeper.service;
    let health = match task.health {
        TargetState::Initial => "UNKNOWN",
        TargetState::Healthy => "HEALTHY",
        TargetState::Unhealthy => "UNHEALTHY",
    };
    let container = objects(&keeper.definition.properties, "ContainerDefinitions").next();
    let name = container.and_then(|container| text(container, "Name")).unwrap_or_default();
    let mut container = json!({ "name": name, "taskArn": task.arn, "lastStatus": task.status.name() });
    if let Some(code) = task.exit_code {
        container["exitCode"] = json!(code);
    }
    let desired = if task.status == TaskStatus::Running || task.status == TaskStatus::Provisioning {
        "RUNNING"
    } else {
        "STOPPED"
    };
    let mut description = json!({
        "taskArn": task.arn, "clusterArn": service.cluster.arn, "taskDefinitionArn": service.task_definition,
        "lastStatus": task.status.name(), "desiredStatus": desired, "healthStatus": health,
        "launchType": "FARGATE", "group": format!("service:{}", service.name), "startedBy": service.deployment_id,
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
