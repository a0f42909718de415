//! Tasks that a load balancer sends requests to.

use como_core::resource::Handle;
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::elasticloadbalancingv2::{self as elb, target_group};

/// Tasks by address; one that fails its health check twice gets no more requests.
#[derive(Debug, Clone)]
pub struct TargetGroup {
    handle: Handle<elb::TargetGroup>,
}

#[derive(Debug)]
pub struct TargetGroupProps {
    /// At most 32 characters.
    pub name: String,
    pub vpc_id: Value<String>,
    pub port: u16,
    /// Answers 200 when the task can do its work.
    pub health_check_path: &'static str,
}

impl TargetGroup {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: TargetGroupProps) -> Self {
        let attributes = [
            // As long as a task has to drain after SIGTERM.
            ("deregistration_delay.timeout_seconds", "30"),
            ("load_balancing.algorithm.type", "least_outstanding_requests"),
        ];
        let attributes = attributes.map(|(key, value)| target_group::TargetGroupAttribute {
            key: Some(key.into()),
            value: Some(value.into()),
        });
        let handle = scope.add(
            id,
            elb::TargetGroup {
                name: Some(props.name.into()),
                vpc_id: Some(props.vpc_id),
                target_type: Some(target_group::TargetType::Ip.into()),
                port: Some(i64::from(props.port).into()),
                protocol: Some(target_group::Protocol::Http.into()),
                health_check_enabled: Some(true.into()),
                health_check_path: Some(props.health_check_path.into()),
                health_check_protocol: Some(target_group::HealthCheckProtocol::Http.into()),
                health_check_interval_seconds: Some(10.into()),
                health_check_timeout_seconds: Some(5.into()),
                healthy_threshold_count: Some(2.into()),
                unhealthy_threshold_count: Some(2.into()),
                matcher: Some(target_group::Matcher { http_code: Some("200".into()), ..target_group::Matcher::new() }),
                target_group_attributes: Some(attributes.into()),
                ..elb::TargetGroup::new()
            },
        );
        Self { handle }
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.handle.reference()
    }

    /// What its metrics call it, for example `targetgroup/como-prod-accounts/73e2d6bc24d8a067`.
    #[must_use]
    pub fn full_name(&self) -> Value<String> {
        self.handle.get(elb::TargetGroup::TARGET_GROUP_FULL_NAME)
    }
}
