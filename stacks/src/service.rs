//! One service: its tasks, their rights, the requests that reach them, how many there are.

use crate::compute::Compute;
use crate::data::Data;
use crate::identity::Identity;
use crate::naming;
use crate::network::Network;
use crate::topology::IMAGE_REPOSITORY;
use como_config::{Environment, ServiceName};
use como_constructs::ecs::{self, ScalingProps, SecretVariable, ServiceProps, Task, TaskProps};
use como_constructs::elb::{self, RuleProps, TargetGroup, TargetGroupProps};
use como_constructs::iam::Permissions;
use como_constructs::logs::{LogGroup, LogGroupProps, Retention};
use como_contract::route::{READINESS_PATH, path_patterns};
use como_contract::secret::secrets_of;
use como_contract::service::Service;
use como_contract::task;
use como_core::stack::Stack;
use como_core::value::{Pseudo, Value};

/// The stacks that every service stands on.
pub(crate) struct Foundation<'a> {
    pub(crate) network: &'a Network,
    pub(crate) data: &'a Data,
    pub(crate) identity: &'a Identity,
    pub(crate) compute: &'a Compute,
}

/// Half of what a task has stays free for the minute that a new task needs to come up.
const CPU_TARGET_PERCENT: f64 = 50.0;

pub(crate) fn service(environment: &Environment, service: Service, foundation: &Foundation<'_>) -> Stack {
    let name = service.name();
    let description = format!("COMO: service {name}");
    let mut stack = naming::stack(environment, &format!("svc-{name}"), &description);
    let mut scope = stack.scope();
    let sizes = environment.service(configured(service));
    let logs = LogGroup::new(
        &mut scope,
        "LogGroup",
        LogGroupProps {
            name: naming::log_group(environment, name),
            retention: Retention::ThreeMonths,
            key: &foundation.network.log_key,
        },
    );
    let secrets = foundation.data.secrets(secrets_of(service));
    let task = Task::new(
        &mut scope,
        "Task",
        TaskProps {
            family: naming::name(environment, name),
            container: name,
            repository: IMAGE_REPOSITORY,
            digest: environment.image().as_str(),
            command: command(environment, service, foundation.identity),
            secrets: secrets
                .map(|(secret, construct)| SecretVariable { variable: secret.variable(), secret: construct.clone() })
                .collect(),
            port: task::CONTAINER_PORT,
            cpu: sizes.size().cpu().get(),
            memory_mib: sizes.size().memory().get(),
            logs: &logs,
            permissions: permissions(service, foundation),
        },
    );
    let targets = TargetGroup::new(
        &mut scope,
        "Targets",
        TargetGroupProps {
            name: naming::name(environment, name),
            vpc_id: foundation.network.network.vpc_id(),
            port: task::CONTAINER_PORT,
            health_check_path: READINESS_PATH,
        },
    );
    let rule = elb::forward(
        &mut scope,
        "Rule",
        &RuleProps {
            listener: &foundation.compute.listener,
            priority: priority(service),
            path_patterns: rule_patterns(service),
            strip_prefix: environment.name().as_str(),
            targets: &targets,
        },
    );
    let running = ecs::Service::new(
        &mut scope,
        "Service",
        ServiceProps {
            name,
            cluster: &foundation.compute.cluster,
            task: &task,
            tasks: sizes.tasks().get(),
            subnets: foundation.network.network.private_subnets(),
            guard: &foundation.compute.task_guard,
            targets: &targets,
            after: rule,
        },
    );
    ecs::track_cpu(
        &mut scope,
        &ScalingProps {
            service: &running,
            min: sizes.scaling().min().get(),
            max: sizes.scaling().max().get(),
            cpu_percent: CPU_TARGET_PERCENT,
        },
    );
    stack
}

fn command(environment: &Environment, service: Service, identity: &Identity) -> Vec<Value<String>> {
    vec![
        task::SERVE.into(),
        task::SERVICE.into(),
        service.name().into(),
        task::ENVIRONMENT.into(),
        environment.name().as_str().into(),
        task::REGION.into(),
        Value::pseudo(Pseudo::Region),
        task::USER_POOL_ID.into(),
        identity.members.id(),
        task::USER_POOL_CLIENT_ID.into(),
        identity.client.id(),
        task::PORT.into(),
        task::CONTAINER_PORT.to_string().into(),
    ]
}

/// What the service's own code does with AWS; starting it is the execution role's business.
fn permissions(service: Service, foundation: &Foundation<'_>) -> Permissions {
    let mut permissions = Permissions::none();
    foundation.data.configuration.grant_read(&mut permissions);
    match service {
        Service::Accounts => {
            foundation.data.sessions.grant_read_write(&mut permissions);
            foundation.identity.members.grant_sign_in(&mut permissions);
        }
        Service::Experiences => {}
        Service::Bookings | Service::Redemptions => foundation.data.sessions.grant_read(&mut permissions),
    }
    permissions
}

/// API Gateway puts the stage's name in front of the path of what it sends through a VPC link. So the patterns match with
/// and without it, and the rule takes it off: the service sees the path that the caller wrote.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/private-integration.html>
fn rule_patterns(service: Service) -> Vec<String> {
    path_patterns(service).iter().map(|pattern| format!("*{pattern}")).collect()
}

/// Services' patterns exclude each other, so the order is of no consequence; gaps leave room for exceptions.
const fn priority(service: Service) -> u16 {
    match service {
        Service::Accounts => 10,
        Service::Experiences => 20,
        Service::Bookings => 30,
        Service::Redemptions => 40,
    }
}

/// The contract's service as the environment's file names it.
const fn configured(service: Service) -> ServiceName {
    match service {
        Service::Accounts => ServiceName::Accounts,
        Service::Experiences => ServiceName::Experiences,
        Service::Bookings => ServiceName::Bookings,
        Service::Redemptions => ServiceName::Redemptions,
    }
}
