//! How many tasks a service has, by its load.

use crate::ecs::Service;
use como_core::stack::Scope;
use como_resources::applicationautoscaling::{self as autoscaling, scalable_target, scaling_policy};

#[derive(Debug)]
pub struct ScalingProps<'a> {
    pub service: &'a Service,
    pub min: u16,
    pub max: u16,
    /// The mean CPU use that is aimed at, in percent.
    pub cpu_percent: f64,
}

/// Out within a minute, in only after five: a peak of bookings has a tail.
const SCALE_OUT_COOLDOWN_S: i64 = 60;
const SCALE_IN_COOLDOWN_S: i64 = 300;

/// Adds and removes tasks so that the mean CPU use stays near a target.
pub fn track_cpu(scope: &mut Scope<'_>, props: &ScalingProps<'_>) {
    use scaling_policy::PredefinedMetricSpecificationPredefinedMetricType as Metric;
    let target = scope.add(
        "ScalableTarget",
        autoscaling::ScalableTarget::new(
            i64::from(props.max),
            i64::from(props.min),
            props.service.scaling_id(),
            scalable_target::ScalableDimension::EcsServiceDesiredCount,
            scalable_target::ServiceNamespace::Ecs,
        ),
    );
    let tracking = scaling_policy::TargetTrackingScalingPolicyConfiguration {
        predefined_metric_specification: Some(scaling_policy::PredefinedMetricSpecification::new(
            Metric::ECSServiceAverageCPUUtilization,
        )),
        scale_in_cooldown: Some(SCALE_IN_COOLDOWN_S.into()),
        scale_out_cooldown: Some(SCALE_OUT_COOLDOWN_S.into()),
        ..scaling_policy::TargetTrackingScalingPolicyConfiguration::new(props.cpu_percent)
    };
    scope.add(
        "CpuTracking",
        autoscaling::ScalingPolicy {
            scaling_target_id: Some(target.reference()),
            target_tracking_scaling_policy_configuration: Some(tracking),
            ..autoscaling::ScalingPolicy::new("cpu", scaling_policy::PolicyType::TargetTrackingScaling)
        },
    );
}
