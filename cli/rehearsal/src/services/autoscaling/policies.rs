//! Policies that track a target value, and the alarms that they make.

use super::service::{Answer, AutoScaling, invalid, member, not_found, resource};
use super::state::Policy;
use crate::services::property::Properties;
use crate::services::wire::ServiceError;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Three minutes above the target, and fifteen below nine tenths of it, as AWS makes the alarms of ECS policies:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html>, 2026-11
const HIGH_PERIODS: u64 = 3;
const LOW_PERIODS: u64 = 15;
const LOW_SHARE: f64 = 0.9;

impl AutoScaling {
    /// `arn` is given where CloudFormation has made one.
    pub(super) fn put_policy(&self, region: &str, owner: String, arn: Option<String>, input: &Value) -> Answer {
        let resource = resource(input)?;
        let name = member(input, "PolicyName")?;
        let kind = input["PolicyType"].as_str().unwrap_or("StepScaling");
        if kind != "TargetTrackingScaling" {
            return Err(invalid(format!("the rehearsal cloud does not offer scaling policies of type {kind}")));
        }
        let configuration = input["TargetTrackingScalingPolicyConfiguration"].clone();
        let metric = metric(&configuration, resource)?;
        let target = real(&configuration["TargetValue"])
            .ok_or_else(|| invalid("A target value is required for a target tracking policy.".to_owned()))?;
        let policy = self.change_target(region, resource, |known| {
            let fresh = || {
                let id = uuid::Uuid::new_v4();
                let made = format!(
                    "arn:aws:autoscaling:{region}:{}:scalingPolicy:{id}:resource/ecs/{resource}:policyName/{name}",
                    self.account
                );
                let alarm = |side: &str| format!("TargetTracking-{resource}-{side}-{}", uuid::Uuid::new_v4());
                Policy {
                    owner,
                    arn: arn.unwrap_or(made),
                    created: Timestamp::now(),
                    configuration: Value::Null,
                    high: alarm("AlarmHigh"),
                    low: alarm("AlarmLow"),
                }
            };
            let policy = known.policies.entry(name.to_owned()).or_insert_with(fresh);
            policy.configuration.clone_from(&configuration);
            Ok(policy.clone())
        })?;
        // Asked for again after a kill in between, the same alarms are made.
        for (alarm, operator, periods, threshold) in [
            (&policy.high, "GreaterThanThreshold", HIGH_PERIODS, target),
            (&policy.low, "LessThanThreshold", LOW_PERIODS, target * LOW_SHARE),
        ] {
            let mut properties = metric.clone();
            properties.extend(
                [
                    ("AlarmName", json!(alarm)),
                    (
                        "AlarmDescription",
                        json!(format!("DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {}.", policy.arn)),
                    ),
                    ("ComparisonOperator", json!(operator)),
                    ("EvaluationPeriods", json!(periods)),
                    ("Threshold", json!(threshold)),
                    ("AlarmActions", json!([policy.arn])),
                ]
                .map(|(name, value)| (name.to_owned(), value)),
            );
            self.alarms.put_for(region, &policy.arn, alarm, properties)?;
        }
        Ok(json!({ "PolicyARN": policy.arn, "Alarms": self.alarms_of(region, &policy) }))
    }

    pub(super) fn delete_policy(&self, region: &str, input: &Value) -> Answer {
        let (resource, name) = (resource(input)?, member(input, "PolicyName")?);
        let gone = self.change_target(region, resource, |target| {
            target.policies.remove(name).ok_or_else(|| not_found("scaling policy", name))
        })?;
        self.alarms.remove(region, &[gone.high, gone.low])?;
        Ok(json!({}))
    }

    pub(super) fn alarms_of(&self, region: &str, policy: &Policy) -> Value {
        let arn = |name: &String| format!("arn:aws:cloudwatch:{region}:{}:alarm:{name}", self.account);
        [&policy.high, &policy.low]
            .map(|name| json!({ "AlarmName": name, "AlarmARN": arn(name) }))
            .into_iter()
            .collect()
    }
}

/// The part of an alarm that says what it watches.
fn metric(configuration: &Value, resource: &str) -> Result<Properties, ServiceError> {
    let own = &configuration["CustomizedMetricSpecification"];
    let (namespace, name, dimensions, statistic) = if own["MetricName"].is_string() {
        (own["Namespace"].clone(), own["MetricName"].clone(), own["Dimensions"].clone(), own["Statistic"].clone())
    } else {
        let kind = configuration["PredefinedMetricSpecification"]["PredefinedMetricType"].as_str().unwrap_or_default();
        let name = match kind {
            "ECSServiceAverageCPUUtilization" => "CPUUtilization",
            "ECSServiceAverageMemoryUtilization" => "MemoryUtilization",
            other => {
                let message = format!("the rehearsal cloud does not offer tracking of the metric '{other}'");
                return Err(invalid(message));
            }
        };
        let mut parts = resource.split('/').skip(1);
        let dimensions = json!([
            { "Name": "ClusterName", "Value": parts.next() }, { "Name": "ServiceName", "Value": parts.next() },
        ]);
        (json!("AWS/ECS"), json!(name), dimensions, json!("Average"))
    };
    let dimensions = if dimensions.is_array() { dimensions } else { json!([]) };
    let fields = [
        ("Namespace", namespace),
        ("MetricName", name),
        ("Dimensions", dimensions),
        ("Statistic", statistic),
        ("Period", json!(60)),
    ];
    Ok(fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect())
}

pub(super) fn real(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}
