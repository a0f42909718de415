//! How many tasks a service has, by its load and by the clock.

use crate::ecs::Service;
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::applicationautoscaling::{self as autoscaling, scalable_target, scaling_policy};

#[derive(Debug)]
pub struct ScalingProps<'a> {
    pub service: &'a Service,
    pub min: u16,
    pub max: u16,
    /// The mean CPU use that is aimed at, in percent.
    pub cpu_percent: f64,
    /// The mean memory use that is aimed at, in percent.
    pub memory_percent: f64,
    /// Hours that are known to be busy.
    pub peaks: &'a [Peak<'a>],
    /// In which `peaks` are written, for example `Asia/Singapore`.
    pub time_zone: &'a str,
}

/// At least `min` tasks from one time to another, again and again.
#[derive(Debug, Clone, Copy)]
pub struct Peak<'a> {
    pub name: &'a str,
    /// Six fields: minutes, hours, day of month, month, day of week, year.
    pub begins: &'a str,
    pub ends: &'a str,
    pub min: u16,
}

/// Out within a minute, in only after five: a peak of bookings has a tail.
const SCALE_OUT_COOLDOWN_S: i64 = 60;
const SCALE_IN_COOLDOWN_S: i64 = 300;

/// Adds and removes tasks so that the mean use of CPU and memory stays near a target, and never fewer than a peak wants.
pub fn scale(scope: &mut Scope<'_>, props: &ScalingProps<'_>) {
    use scaling_policy::PredefinedMetricSpecificationPredefinedMetricType as Metric;
    let scheduled: Vec<_> = props.peaks.iter().flat_map(|peak| scheduled_actions(props, peak)).collect();
    let target = scope.add(
        "ScalableTarget",
        autoscaling::ScalableTarget {
            scheduled_actions: (!scheduled.is_empty()).then_some(scheduled),
            ..autoscaling::ScalableTarget::new(
                i64::from(props.max),
                i64::from(props.min),
                props.service.scaling_id(),
                scalable_target::ScalableDimension::EcsServiceDesiredCount,
                scalable_target::ServiceNamespace::Ecs,
            )
        },
    );
    let mut track = |id: &str, name: &str, metric: Metric, percent: f64| {
        scope.add(id, tracking_policy(name, target.reference(), metric, percent));
    };
    track("CpuTracking", "cpu", Metric::ECSServiceAverageCPUUtilization, props.cpu_percent);
    track("MemoryTracking", "memory", Metric::ECSServiceAverageMemoryUtilization, props.memory_percent);
}

fn tracking_policy(
    name: &str,
    target: Value<String>,
    metric: scaling_policy::PredefinedMetricSpecificationPredefinedMetricType,
    percent: f64,
) -> autoscaling::ScalingPolicy {
    let tracking = scaling_policy::TargetTrackingScalingPolicyConfiguration {
        predefined_metric_specification: Some(scaling_policy::PredefinedMetricSpecification::new(metric)),
        scale_in_cooldown: Some(SCALE_IN_COOLDOWN_S.into()),
        scale_out_cooldown: Some(SCALE_OUT_COOLDOWN_S.into()),
        ..scaling_policy::TargetTrackingScalingPolicyConfiguration::new(percent)
    };
    autoscaling::ScalingPolicy {
        scaling_target_id: Some(target),
        target_tracking_scaling_policy_configuration: Some(tracking),
        ..autoscaling::ScalingPolicy::new(name, scaling_policy::PolicyType::TargetTrackingScaling)
    }
}

fn scheduled_actions(props: &ScalingProps<'_>, peak: &Peak<'_>) -> [scalable_target::ScheduledAction; 2] {
    let action = |when: &str, schedule: &str, min: u16| scalable_target::ScheduledAction {
        scalable_target_action: Some(scalable_target::ScalableTargetAction {
            min_capacity: Some(i64::from(min).into()),
            max_capacity: Some(i64::from(props.max).into()),
        }),
        timezone: Some(props.time_zone.into()),
        ..scalable_target::ScheduledAction::new(format!("cron({schedule})"), format!("{}-{when}", peak.name))
    };
    // A peak never wants more than the most that there may be.
    [action("begins", peak.begins, peak.min.min(props.max)), action("ends", peak.ends, props.min)]
}
