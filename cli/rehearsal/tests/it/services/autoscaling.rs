//! Counts that follow alarms and schedules.

use super::cloud::{Cloud, refused};
use super::ecs::{Ground, add_rule, ground, service};
use como_rehearsal::hosting::Hosted;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const SCALING: &str = "application-autoscaling";
const TARGET: &str = "AWS::ApplicationAutoScaling::ScalableTarget";
const POLICY: &str = "AWS::ApplicationAutoScaling::ScalingPolicy";

fn of(more: Value) -> Value {
    let mut input = json!({
        "ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount", "ResourceId": "service/como/accounts",
    });
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

/// A service of two tasks that needs no load balancer.
async fn cloud() -> Cloud {
    let cloud = Cloud::new().await;
    let ground: Ground = ground(&cloud).await;
    add_rule(&cloud, &ground, 1, "*").await;
    let properties = service(&cloud, &ground, json!([])).await;
    let created = cloud.create("AWS::ECS::Service", "Service", properties).await;
    cloud.stabilise("AWS::ECS::Service", &created).await.unwrap();
    cloud
}

async fn desired(cloud: &Cloud) -> u64 {
    let input = json!({ "cluster": "como", "services": ["accounts"] });
    cloud.ok("ecs", "DescribeServices", input).await["services"][0]["desiredCount"].as_u64().unwrap()
}

async fn reaches(cloud: &Cloud, count: u64) {
    while desired(cloud).await != count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_policy_follows_the_alarms_that_it_makes() {
    let cloud = cloud().await;
    let target = cloud.create(TARGET, "Target", of(json!({ "MinCapacity": 1, "MaxCapacity": 4 }))).await;
    let tracking = json!({
        "TargetValue": 50, "ScaleOutCooldown": 60, "ScaleInCooldown": 300,
        "PredefinedMetricSpecification": { "PredefinedMetricType": "ECSServiceAverageCPUUtilization" },
    });
    let policy = json!({
        "PolicyName": "cpu", "PolicyType": "TargetTrackingScaling", "ScalingTargetId": target.physical_id,
        "TargetTrackingScalingPolicyConfiguration": tracking,
    });
    let created = cloud.create(POLICY, "Policy", policy.clone()).await;
    // Asked for again, it is the same.
    assert_eq!(cloud.create(POLICY, "Policy", policy).await, created);
    let described = cloud.ok(SCALING, "DescribeScalingPolicies", json!({ "ServiceNamespace": "ecs" })).await;
    let described = &described["ScalingPolicies"][0];
    assert_eq!(described["PolicyARN"], json!(created.physical_id));
    let alarms: Vec<&str> =
        described["Alarms"].as_array().unwrap().iter().map(|alarm| alarm["AlarmName"].as_str().unwrap()).collect();
    assert!(alarms[0].starts_with("TargetTracking-service/como/accounts-AlarmHigh-"), "{alarms:?}");
    let shown = cloud.ok("monitoring", "DescribeAlarms", json!({ "AlarmNames": [alarms[0]] })).await;
    assert_eq!(shown["MetricAlarms"][0]["Threshold"], json!(50.0));
    let set = |name: &str, state: &str| json!({ "AlarmName": name, "StateValue": state, "StateReason": "a drill" });
    cloud.ok("monitoring", "SetAlarmState", set(alarms[0], "ALARM")).await;
    // Out by one at a time while nobody measures, and not beyond the maximum.
    reaches(&cloud, 4).await;
    cloud.ok("monitoring", "SetAlarmState", set(alarms[0], "OK")).await;
    cloud.ok("monitoring", "SetAlarmState", set(alarms[1], "ALARM")).await;
    reaches(&cloud, 1).await;
    cloud.ok("monitoring", "SetAlarmState", set(alarms[1], "OK")).await;
    let activities = cloud.ok(SCALING, "DescribeScalingActivities", of(json!({}))).await;
    let newest = &activities["ScalingActivities"][0];
    assert_eq!(
        (&newest["StatusCode"], &newest["Description"]),
        (&json!("Successful"), &json!("Setting desired count to 1."))
    );
    assert!(newest["Cause"].as_str().unwrap().ends_with("in state ALARM triggered policy cpu"), "{newest}");
    // What a target has goes with it.
    cloud.delete(TARGET, &target.physical_id, of(json!({}))).await.unwrap();
    let left = cloud.ok("monitoring", "DescribeAlarms", json!({ "AlarmNamePrefix": "TargetTracking-" })).await;
    assert_eq!(left["MetricAlarms"], json!([]));
    cloud.services.stop().await;
}

#[tokio::test]
async fn schedules_change_the_limits_and_outlive_a_restart() {
    let cloud = cloud().await;
    let (code, _) = cloud.error(SCALING, "PutScheduledAction", of(json!({ "ScheduledActionName": "x" }))).await;
    assert_eq!(code, "ObjectNotFoundException");
    cloud.ok(SCALING, "RegisterScalableTarget", of(json!({ "MinCapacity": 1, "MaxCapacity": 4 }))).await;
    let soon = (Timestamp::now() + SignedDuration::from_secs(2)).strftime("at(%Y-%m-%dT%H:%M:%S)").to_string();
    let action = json!({
        "ScheduledActionName": "evening", "Schedule": soon, "ScalableTargetAction": { "MinCapacity": 3 },
    });
    cloud.ok(SCALING, "PutScheduledAction", of(action)).await;
    let cloud = cloud.restart().await;
    reaches(&cloud, 3).await;
    let targets = cloud.ok(SCALING, "DescribeScalableTargets", json!({ "ServiceNamespace": "ecs" })).await;
    let target = &targets["ScalableTargets"][0];
    assert_eq!((&target["MinCapacity"], &target["MaxCapacity"]), (&json!(3), &json!(4)));
    let actions = cloud.ok(SCALING, "DescribeScheduledActions", of(json!({}))).await;
    assert_eq!(actions["ScheduledActions"][0]["Schedule"], json!(soon));
    cloud.ok(SCALING, "DeleteScheduledAction", of(json!({ "ScheduledActionName": "evening" }))).await;
    cloud.ok(SCALING, "DeregisterScalableTarget", of(json!({}))).await;
    let targets = cloud.ok(SCALING, "DescribeScalableTargets", json!({ "ServiceNamespace": "ecs" })).await;
    assert_eq!(targets["ScalableTargets"], json!([]));
    cloud.services.stop().await;
}

#[tokio::test]
async fn what_does_not_scale_here_is_named() {
    let cloud = Cloud::new().await;
    let missing = of(json!({ "MinCapacity": 1, "MaxCapacity": 2 }));
    let message = refused(cloud.try_create(TARGET, "Target", missing).await);
    assert_eq!(message, "ECS service doesn't exist: service/como/accounts");
    for (operation, input, words) in [
        ("DescribeScalableTargets", json!({ "ServiceNamespace": "dynamodb" }), "namespace dynamodb"),
        ("DescribeScalableTargets", json!({}), "at 'serviceNamespace' failed"),
        ("PutScalingPolicy", of(json!({ "PolicyName": "p", "PolicyType": "StepScaling" })), "of type StepScaling"),
    ] {
        let (code, message) = cloud.error(SCALING, operation, input).await;
        assert_eq!(code, "ValidationException", "{message}");
        assert!(message.contains(words), "{message}");
    }
    let (code, _) = cloud.error(SCALING, "GetPredictiveScalingForecast", json!({})).await;
    assert_eq!(code, "UnknownOperationException");
}
