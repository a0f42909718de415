//! Targets and what they have, as the API describes them. Each with the name by which it may be asked for.

use super::service::{AutoScaling, DIMENSION, NAMESPACE};
use super::state::Target;
use jiff::Timestamp;
use serde_json::{Value, json};

pub(super) fn targets(target: &Target, scaling: &AutoScaling) -> Vec<(String, Value)> {
    let role = format!(
        "arn:aws:iam::{}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/\
         AWSServiceRoleForApplicationAutoScaling_ECSService",
        scaling.account
    );
    let suspended = target.suspended;
    let shown = of(
        target,
        json!({
            "MinCapacity": target.minimum, "MaxCapacity": target.maximum, "RoleARN": role,
            "CreationTime": seconds(target.created), "ScalableTargetARN": target.arn,
            "SuspendedState": {
                "DynamicScalingInSuspended": suspended.scaling_in, "DynamicScalingOutSuspended": suspended.scaling_out,
                "ScheduledScalingSuspended": suspended.scheduled,
            },
        }),
    );
    vec![(target.resource.clone(), shown)]
}

pub(super) fn policies(target: &Target, scaling: &AutoScaling) -> Vec<(String, Value)> {
    let shown = target.policies.iter().map(|(name, policy)| {
        let shown = of(
            target,
            json!({
                "PolicyARN": policy.arn, "PolicyName": name, "PolicyType": "TargetTrackingScaling",
                "TargetTrackingScalingPolicyConfiguration": policy.configuration,
                "Alarms": scaling.alarms_of(&target.region, policy), "CreationTime": seconds(policy.created),
            }),
        );
        (name.clone(), shown)
    });
    shown.collect()
}

pub(super) fn schedules(target: &Target, _: &AutoScaling) -> Vec<(String, Value)> {
    let shown = target.schedules.iter().map(|(name, schedule)| {
        let mut shown = of(
            target,
            json!({
                "ScheduledActionName": name, "ScheduledActionARN": schedule.arn, "Schedule": schedule.expression,
                "ScalableTargetAction": {}, "CreationTime": seconds(schedule.created),
            }),
        );
        for (name, value) in [("MinCapacity", schedule.minimum), ("MaxCapacity", schedule.maximum)] {
            if let Some(value) = value {
                shown["ScalableTargetAction"][name] = json!(value);
            }
        }
        for (name, time) in [("StartTime", schedule.start), ("EndTime", schedule.end)] {
            if let Some(time) = time {
                shown[name] = seconds(time);
            }
        }
        if let Some(timezone) = &schedule.timezone {
            shown["Timezone"] = json!(timezone);
        }
        (name.clone(), shown)
    });
    shown.collect()
}

pub(super) fn activities(target: &Target, _: &AutoScaling) -> Vec<(String, Value)> {
    let shown = target.activities.iter().map(|activity| {
        let count = activity.count;
        let mut shown = of(
            target,
            json!({
                "ActivityId": activity.id, "Cause": activity.cause, "StartTime": seconds(activity.begun),
                "Description": format!("Setting desired count to {count}."),
                "StatusCode": if activity.ended.is_some() { "Successful" } else { "InProgress" },
            }),
        );
        if let Some(ended) = activity.ended {
            shown["EndTime"] = seconds(ended);
            let words = format!("Successfully set desired count to {count}. Change successfully fulfilled by ecs.");
            shown["StatusMessage"] = json!(words);
        }
        (activity.id.clone(), shown)
    });
    shown.collect()
}

fn of(target: &Target, mut shown: Value) -> Value {
    shown["ServiceNamespace"] = json!(NAMESPACE);
    shown["ResourceId"] = json!(target.resource);
    shown["ScalableDimension"] = json!(DIMENSION);
    shown
}

/// A time in AWS's JSON protocols.
fn seconds(time: Timestamp) -> Value {
    json!(time.as_millisecond() as f64 / 1000.0)
}
