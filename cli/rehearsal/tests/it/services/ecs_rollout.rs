//! Deployments that roll, fail, and roll back.

use super::cloud::{Cloud, refused};
use super::ecs::{Ground, add_rule, ground, service};
use como_rehearsal::hosting::Hosted;
use como_rehearsal::provision::Provisioned;
use serde_json::{Value, json};

const SERVICE: &str = "AWS::ECS::Service";
const BREAKER: &str = "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.";

/// A service of two healthy tasks.
pub(super) struct Running {
    pub(super) cloud: Cloud,
    pub(super) created: Provisioned,
    pub(super) properties: Value,
}

pub(super) async fn running(cloud: Cloud) -> Running {
    let ground: Ground = ground(&cloud).await;
    add_rule(&cloud, &ground, 1, "*").await;
    let properties = service(&cloud, &ground, json!([])).await;
    let created = cloud.create(SERVICE, "Service", properties.clone()).await;
    cloud.stabilise(SERVICE, &created).await.unwrap();
    Running { cloud, created, properties }
}

/// Another revision of the family.
pub(super) async fn revision(cloud: &Cloud, name: &str, image: &str, behaviour: &str) -> String {
    let environment = json!([{ "Name": "STAND_IN", "Value": behaviour }]);
    let definition = json!({
        "Family": "como-accounts",
        "ContainerDefinitions": [{ "Name": "accounts", "Image": image, "Environment": environment }],
    });
    cloud.create("AWS::ECS::TaskDefinition", name, definition).await.physical_id
}

pub(super) async fn described(cloud: &Cloud) -> Value {
    let input = json!({ "cluster": "como", "services": ["accounts"] });
    cloud.ok("ecs", "DescribeServices", input).await["services"][0].clone()
}

pub(super) fn events(service: &Value) -> Vec<&str> {
    service["events"].as_array().unwrap().iter().filter_map(|event| event["message"].as_str()).collect()
}

#[tokio::test]
async fn a_new_revision_replaces_the_tasks_without_a_gap() {
    let Running { cloud, created, mut properties } = running(Cloud::new().await).await;
    let before = cloud.services.status().await.tasks;
    let next = revision(&cloud, "Next", "x@sha256:2", "well").await;
    properties["TaskDefinition"] = json!(next);
    cloud.update(SERVICE, "Service", &created, properties.clone()).await.unwrap();
    let service = described(&cloud).await;
    assert_eq!(service["deployments"].as_array().unwrap().len(), 2, "{service}");
    assert_eq!(service["deployments"][0]["rolloutState"], json!("IN_PROGRESS"));
    let mut fewest = usize::MAX;
    let settled = cloud.stabilise(SERVICE, &created);
    tokio::pin!(settled);
    loop {
        tokio::select! {
            biased;
            settled = &mut settled => break settled.unwrap(),
            status = cloud.services.status() => {
                fewest = fewest.min(status.tasks.iter().filter(|task| task.health == "HEALTHY").count());
                tokio::task::yield_now().await;
            }
        }
    }
    assert!(2 <= fewest, "{fewest} healthy tasks during the deployment");
    let service = described(&cloud).await;
    assert_eq!(service["deployments"].as_array().unwrap().len(), 1);
    assert_eq!(service["taskDefinition"], json!(next));
    assert_eq!(service["runningCount"], json!(2));
    let after = cloud.services.status().await.tasks;
    assert_eq!(after.len(), 2);
    assert!(after.iter().all(|task| before.iter().all(|old| old.task_id != task.task_id)));
    // The same change again, as after a restart of the supervisor, starts nothing.
    cloud.update(SERVICE, "Service", &created, properties).await.unwrap();
    assert_eq!(described(&cloud).await["deployments"], service["deployments"]);
    cloud.services.stop().await;
}

#[tokio::test]
async fn the_circuit_breaker_puts_the_last_good_revision_back() {
    let Running { cloud, created, mut properties } = running(Cloud::new().await).await;
    let good = properties["TaskDefinition"].clone();
    properties["TaskDefinition"] = json!(revision(&cloud, "Bad", "x@sha256:2", "fails").await);
    cloud.update(SERVICE, "Service", &created, properties.clone()).await.unwrap();
    assert_eq!(refused(cloud.stabilise(SERVICE, &created).await), BREAKER);
    let service = loop {
        let service = described(&cloud).await;
        if service["deployments"].as_array().unwrap().len() == 1 {
            break service;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(service["taskDefinition"], good);
    assert_eq!(service["runningCount"], json!(2));
    assert_eq!(service["deployments"][0]["rolloutState"], json!("COMPLETED"));
    assert!(events(&service).iter().any(|event| event.contains("rolling back to deployment ecs-svc/")), "{service}");
    // CloudFormation puts its old properties back, which changes nothing more.
    properties["TaskDefinition"] = good;
    cloud.update(SERVICE, "Service", &created, properties).await.unwrap();
    cloud.stabilise(SERVICE, &created).await.unwrap();
    cloud.services.stop().await;
}

#[tokio::test]
async fn a_rollout_goes_on_after_a_restart() {
    let Running { cloud, created, mut properties } = running(Cloud::new().await).await;
    let next = revision(&cloud, "Next", "x@sha256:2", "well").await;
    properties["TaskDefinition"] = json!(next);
    cloud.update(SERVICE, "Service", &created, properties).await.unwrap();
    let cloud = cloud.restart().await;
    cloud.stabilise(SERVICE, &created).await.unwrap();
    let service = described(&cloud).await;
    assert_eq!((&service["taskDefinition"], &service["runningCount"]), (&json!(next), &json!(2)));
    cloud.services.stop().await;
}

#[tokio::test]
async fn a_task_without_its_image_says_so() {
    let home = "123456789012.dkr.ecr.ap-southeast-1.amazonaws.com/como/runtime";
    let digest = |letter: &str| format!("sha256:{}", letter.repeat(64));
    let seeds = json!({ "images": { "como/runtime": [digest("0")] } });
    let Running { cloud, created, mut properties } = running(Cloud::with_seeds(seeds).await).await;
    let missing = format!("{home}@{}", digest("1"));
    properties["TaskDefinition"] = json!(revision(&cloud, "Missing", &missing, "well").await);
    cloud.update(SERVICE, "Service", &created, properties.clone()).await.unwrap();
    assert_eq!(refused(cloud.stabilise(SERVICE, &created).await), BREAKER);
    let stopped = json!({ "cluster": "como", "desiredStatus": "STOPPED" });
    let stopped = cloud.ok("ecs", "ListTasks", stopped).await["taskArns"].clone();
    let stopped = cloud.ok("ecs", "DescribeTasks", json!({ "cluster": "como", "tasks": stopped })).await;
    let task = &stopped["tasks"][0];
    assert_eq!(task["stopCode"], json!("TaskFailedToStart"));
    let reason = task["stoppedReason"].as_str().unwrap();
    assert!(reason.starts_with("CannotPullContainerError: ") && reason.contains("como/runtime"), "{reason}");

    // What the seeds name counts as pushed.
    properties["TaskDefinition"] = json!(revision(&cloud, "Seeded", &format!("{home}@{}", digest("0")), "well").await);
    cloud.update(SERVICE, "Service", &created, properties).await.unwrap();
    cloud.stabilise(SERVICE, &created).await.unwrap();
    let images = cloud.ok("ecr", "DescribeImages", json!({ "repositoryName": "como/runtime" })).await;
    assert_eq!(images["imageDetails"][0]["imageDigest"], json!(digest("0")));
    cloud.services.stop().await;
}

#[tokio::test]
async fn tasks_that_are_not_well_are_given_up() {
    let cloud = Cloud::new().await;
    let ground = ground(&cloud).await;
    add_rule(&cloud, &ground, 1, "*").await;
    let mut properties = service(&cloud, &ground, json!([{ "Name": "STAND_IN", "Value": "sick" }])).await;
    properties["DesiredCount"] = json!(3);
    let created = cloud.create(SERVICE, "Service", properties).await;
    assert_eq!(refused(cloud.stabilise(SERVICE, &created).await), BREAKER);
    let service = described(&cloud).await;
    assert_eq!(service["deployments"][0]["rolloutState"], json!("FAILED"));
    let complaint = "due to (reason Health checks failed with these codes: [503])";
    assert!(events(&service).iter().any(|event| event.ends_with(complaint)), "{service}");
    cloud.delete(SERVICE, &created.physical_id, json!({})).await.unwrap();
}

#[tokio::test]
async fn a_service_is_changed_over_the_wire() {
    let Running { cloud, created, .. } = running(Cloud::new().await).await;
    let old = cloud.ok("ecs", "DescribeTaskDefinition", json!({ "taskDefinition": "como-accounts" })).await;
    let old = &old["taskDefinition"];
    let input = json!({ "family": "como-accounts", "containerDefinitions": old["containerDefinitions"] });
    let registered = cloud.ok("ecs", "RegisterTaskDefinition", input).await["taskDefinition"].clone();
    assert_eq!(registered["revision"], json!(2));
    assert_eq!(registered["containerDefinitions"], old["containerDefinitions"]);
    let change = json!({
        "cluster": "como", "service": "accounts", "taskDefinition": "como-accounts:2", "desiredCount": 1,
        "deploymentConfiguration": { "minimumHealthyPercent": 0, "maximumPercent": 100 },
    });
    let changed = cloud.ok("ecs", "UpdateService", change).await["service"].clone();
    assert_eq!(changed["deployments"][0]["taskDefinition"], registered["taskDefinitionArn"]);
    cloud.stabilise(SERVICE, &created).await.unwrap();
    let service = described(&cloud).await;
    assert_eq!((&service["desiredCount"], &service["runningCount"]), (&json!(1), &json!(1)));

    let task = cloud.ok("ecs", "ListTasks", json!({ "cluster": "como" })).await["taskArns"][0].clone();
    cloud.ok("ecs", "StopTask", json!({ "cluster": "como", "task": task, "reason": "a drill" })).await;
    let stopped = loop {
        let tasks = cloud.ok("ecs", "DescribeTasks", json!({ "cluster": "como", "tasks": [task] })).await;
        if tasks["tasks"][0]["lastStatus"] == json!("STOPPED") {
            break tasks["tasks"][0].clone();
        }
        tokio::task::yield_now().await;
    };
    assert_eq!((&stopped["stoppedReason"], &stopped["stopCode"]), (&json!("a drill"), &json!("UserInitiated")));
    cloud.stabilise(SERVICE, &created).await.unwrap();
    cloud.services.stop().await;
}
