//! What makes ECS replace a task or give a deployment up, besides tasks that end.

use super::cloud::Cloud;
use super::cloud::refused;
use super::ecs_rollout::{Running, described, events, revision, running};
use como_rehearsal::hosting::Hosted;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

const SERVICE: &str = "AWS::ECS::Service";

fn watched(properties: &mut Value) {
    properties["DeploymentConfiguration"]["Alarms"] =
        json!({ "AlarmNames": ["errors"], "Enable": true, "Rollback": true });
}

async fn alarm(cloud: &Cloud) {
    let alarm = json!({
        "AlarmName": "errors", "Namespace": "como", "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold",
    });
    cloud.create("AWS::CloudWatch::Alarm", "Errors", alarm).await;
}

async fn set(cloud: &Cloud, state: &str) {
    let input = json!({ "AlarmName": "errors", "StateValue": state, "StateReason": "a drill" });
    cloud.ok("monitoring", "SetAlarmState", input).await;
}

#[tokio::test]
async fn an_alarm_that_rings_rolls_a_deployment_back() {
    let Running { cloud, created, mut properties } = running(Cloud::new().await).await;
    alarm(&cloud).await;
    watched(&mut properties);
    let good = properties["TaskDefinition"].clone();
    // Never well, so that it is still under way when the alarm rings; the circuit breaker is off.
    properties["DeploymentConfiguration"]["DeploymentCircuitBreaker"] = json!({ "Enable": false, "Rollback": false });
    properties["TaskDefinition"] = json!(revision(&cloud, "Bad", "x@sha256:2", "sick").await);
    cloud.update(SERVICE, "Service", &created, properties.clone()).await.unwrap();
    set(&cloud, "ALARM").await;
    let message = refused(cloud.stabilise(SERVICE, &created).await);
    assert!(message.contains("Alarm"), "{message}");
    let service = loop {
        let service = described(&cloud).await;
        if service["deployments"].as_array().unwrap().len() == 1 {
            break service;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!((&service["taskDefinition"], &service["runningCount"]), (&good, &json!(2)));
    let said = events(&service);
    assert!(said.iter().any(|event| event.ends_with("deployment failed: alarm detected.")), "{service}");
    assert!(said.iter().any(|event| event.contains("rolling back to deployment")), "{service}");
    // A deployment that begins while the alarm rings is there to end that.
    properties["TaskDefinition"] = json!(revision(&cloud, "Fix", "x@sha256:3", "well").await);
    cloud.update(SERVICE, "Service", &created, properties.clone()).await.unwrap();
    cloud.stabilise(SERVICE, &created).await.unwrap();
    assert_eq!(described(&cloud).await["taskDefinition"], properties["TaskDefinition"]);
    cloud.services.stop().await;
}

#[tokio::test]
async fn a_task_that_hangs_is_replaced_before_it_is_stopped() {
    let Running { cloud, created, .. } = running(Cloud::new().await).await;
    let tasks = cloud.services.status().await.tasks;
    let hung = &tasks[0];
    let pid = Pid::from_raw(i32::try_from(hung.pid.unwrap()).unwrap()).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    // The replacement is there while the hung one, which cannot hear SIGTERM, is still on its way out.
    loop {
        let tasks = cloud.services.status().await.tasks;
        let healthy = tasks.iter().filter(|task| task.health == "HEALTHY").count();
        if healthy == 2 && tasks.iter().any(|task| task.task_id == hung.task_id && task.status == "DEACTIVATING") {
            break;
        }
        assert!(tasks.iter().any(|task| task.task_id == hung.task_id), "the hung task is gone before its replacement");
        tokio::task::yield_now().await;
    }
    kill_process(pid, Signal::CONT).unwrap();
    cloud.stabilise(SERVICE, &created).await.unwrap();
    let service = described(&cloud).await;
    let said: Vec<&str> = events(&service).into_iter().rev().collect();
    let position =
        |words: &str| said.iter().position(|event| event.contains(words)).unwrap_or_else(|| panic!("{words}"));
    assert!(position("is unhealthy in (target-group") < position("deregistered 1 targets in (target-group"));
    assert!(
        position("deregistered 1 targets")
            <= position(&format!("has stopped 1 running tasks: (task {})", hung.task_id))
    );
    let stopped = json!({ "cluster": "como", "tasks": [hung.task_id] });
    let stopped = cloud.ok("ecs", "DescribeTasks", stopped).await["tasks"][0].clone();
    let reason = stopped["stoppedReason"].as_str().unwrap();
    assert!(reason.starts_with("Task failed ELB health checks in (target-group "), "{reason}");
    cloud.services.stop().await;
}
