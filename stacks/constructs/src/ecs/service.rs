//! Tasks that are kept running behind a load balancer.

use crate::cloudwatch::Alarm;
use crate::ec2::SecurityGroup;
use crate::ecs::{Cluster, Task};
use crate::elb::TargetGroup;
use como_core::resource::{Dependency, Handle, Options};
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::ecs;

/// A rolling service in private subnets. A deployment whose tasks do not become healthy, or that sets off
/// an alarm, is taken back by ECS itself.
#[derive(Debug, Clone)]
pub struct Service {
    handle: Handle<ecs::Service>,
    cluster: Cluster,
}

#[derive(Debug)]
pub struct ServiceProps<'a> {
    pub name: &'a str,
    pub cluster: &'a Cluster,
    pub task: &'a Task,
    /// How many tasks a deployment starts with.
    pub tasks: u16,
    /// A deployment during which one of them sounds is taken back.
    pub alarms: &'a [&'a Alarm],
    pub subnets: Vec<Value<String>>,
    pub guard: &'a SecurityGroup,
    pub targets: &'a TargetGroup,
    /// The listener rule that leads to `targets`: ECS refuses a target group that no load balancer knows.
    pub after: Dependency,
}

/// A task has this long to answer its first health check.
const GRACE_PERIOD_S: i64 = 30;

impl Service {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: ServiceProps<'_>) -> Self {
        use ecs::service::{AssignPublicIp, AvailabilityZoneRebalancing, LaunchType, PropagateTags};
        let network = ecs::service::AwsVpcConfiguration {
            assign_public_ip: Some(AssignPublicIp::Disabled.into()),
            security_groups: Some([props.guard.id()].into()),
            subnets: Some(props.subnets.into()),
        };
        let service = ecs::Service {
            availability_zone_rebalancing: Some(AvailabilityZoneRebalancing::Enabled.into()),
            cluster: Some(props.cluster.name()),
            deployment_configuration: Some(ecs::service::DeploymentConfiguration {
                alarms: (!props.alarms.is_empty()).then(|| {
                    let names: Vec<Value<String>> = props.alarms.iter().map(|alarm| alarm.reference()).collect();
                    ecs::service::DeploymentAlarms::new(names, true, true)
                }),
                deployment_circuit_breaker: Some(ecs::service::DeploymentCircuitBreaker::new(true, true)),
                // New tasks first, old ones after: never fewer than asked for.
                minimum_healthy_percent: Some(100.into()),
                maximum_percent: Some(200.into()),
                ..ecs::service::DeploymentConfiguration::new()
            }),
            desired_count: Some(i64::from(props.tasks).into()),
            enable_ecs_managed_tags: Some(true.into()),
            enable_execute_command: Some(false.into()),
            health_check_grace_period_seconds: Some(GRACE_PERIOD_S.into()),
            launch_type: Some(LaunchType::Fargate.into()),
            load_balancers: Some(vec![ecs::service::LoadBalancer {
                container_name: Some(props.task.container().into()),
                container_port: Some(i64::from(props.task.port()).into()),
                target_group_arn: Some(props.targets.arn()),
                ..ecs::service::LoadBalancer::new()
            }]),
            network_configuration: Some(ecs::service::NetworkConfiguration { awsvpc_configuration: Some(network) }),
            platform_version: Some("LATEST".into()),
            propagate_tags: Some(PropagateTags::Service.into()),
            service_name: Some(props.name.into()),
            task_definition: Some(props.task.arn()),
            ..ecs::Service::new()
        };
        let options = Options { depends_on: vec![props.after], ..Options::default() };
        Self { handle: scope.add_with(id, &service, options), cluster: props.cluster.clone() }
    }

    #[must_use]
    pub fn name(&self) -> Value<String> {
        self.handle.get(ecs::Service::NAME)
    }

    /// `service/<cluster>/<service>`: what Application Auto Scaling calls it.
    #[must_use]
    pub fn scaling_id(&self) -> Value<String> {
        Value::join("/", ["service".into(), self.cluster.name(), self.name()])
    }
}
