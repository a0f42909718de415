//! One service: its tasks, the requests that reach them, how many there are.
//!
//! While a stand-in only prepares itself, there is the task definition, and nothing that costs by the hour.

use crate::access::TaskAccess;
use crate::compute::{Compute, Door};
use crate::identity::Identity;
use crate::lease;
use crate::naming;
use crate::network::Network;
use crate::presence::{Presence, Tasks};
use crate::topology::IMAGE_REPOSITORY;
use como_config::Environment;
use como_constructs::cloudwatch::{Alarm, AlarmProps, Metric, Statistic, When, WithoutData};
use como_constructs::ecr::Repository;
use como_constructs::ecs::{self, Peak, ScalingProps, ServiceProps, Task, TaskProps};
use como_constructs::elb::{self, RuleProps, TargetGroup, TargetGroupProps};
use como_constructs::ssm::{Parameter, ParameterProps};
use como_contract::route::READINESS_PATH;
use como_contract::service::Definition;
use como_contract::setting::{IMAGE_DIGEST_PARAMETER, deployed_digest};
use como_contract::task;
use como_core::stack::{Scope, Stack};
use como_core::template;
use como_core::value::{Pseudo, Value};

/// The stacks that every service stands on.
pub(crate) struct Foundation<'a> {
    pub(crate) network: &'a Network,
    pub(crate) identity: &'a Identity,
    pub(crate) compute: &'a Compute,
}

/// What there is to say of a service: for all environments, for this one, and what its tasks are given.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) service: &'static Definition,
    pub(crate) configured: &'a como_config::Service,
    pub(crate) access: &'a TaskAccess,
}

/// What watches over a service.
pub(crate) struct Deployed {
    pub(crate) service: &'static Definition,
    /// Of a service that serves.
    pub(crate) targets: Option<TargetGroup>,
}

/// Half of what a task has stays free for the minute that a new task needs to come up.
const CPU_TARGET_PERCENT: f64 = 50.0;
/// Memory does not come in bursts, but a task without any dies.
const MEMORY_TARGET_PERCENT: f64 = 75.0;
/// Peaks are written in the time of those who come.
const TIME_ZONE: &str = "Asia/Singapore";
/// More answers of 5xx in a minute than a single member's bad luck.
pub(crate) const FAILED_ANSWERS: f64 = 5.0;

pub(crate) fn service(
    environment: &Environment,
    subject: Subject<'_>,
    foundation: &Foundation<'_>,
    presence: Presence,
) -> (Stack, Deployed) {
    let Subject { service, configured, access } = subject;
    let name = service.name;
    let description = format!("COMO: service {name}");
    let mut stack = naming::stack(environment, &format!("svc-{name}"), &description);
    let mut scope = stack.scope();
    let digest = image_digest(&mut scope, environment, service);
    let size = configured.size();
    let task = Task::new(
        &mut scope,
        "Task",
        TaskProps {
            family: naming::name(environment, name),
            container: name,
            repository: &Repository::named(IMAGE_REPOSITORY),
            digest,
            command: command(environment, service, foundation.identity),
            variables: access.variables.clone(),
            port: task::CONTAINER_PORT,
            cpu: size.cpu().get(),
            memory_mib: size.memory().get(),
            logs: &access.logs,
            roles: &access.roles,
        },
    );
    scope.share("TaskDefinitionArn", "What a task runs", &task.arn());
    let targets = match (presence, &foundation.compute.door) {
        (Presence::Serving(tasks), Some(door)) => {
            Some(serve(&mut scope, environment, subject, foundation, door, &task, tasks))
        }
        (Presence::Prepared, _) | (_, None) => None,
    };
    (stack, Deployed { service, targets })
}

/// The image is a parameter, so that a release changes a service without a new template; its digest can be looked up.
fn image_digest(scope: &mut Scope<'_>, environment: &Environment, service: &'static Definition) -> Value<String> {
    let digest = scope.parameter(
        IMAGE_DIGEST_PARAMETER,
        template::Parameter {
            default: Some(environment.image().as_str().to_owned()),
            allowed_pattern: Some("sha256:[0-9a-f]{64}".to_owned()),
            ..template::Parameter::required_string(Some("The image, by the digest of its content".to_owned()))
        },
    );
    let name = deployed_digest(environment.name().as_str(), service);
    let props = ParameterProps { name, description: "The image that the service runs", value: digest.clone() };
    Parameter::new(scope, "DeployedDigest", props);
    digest
}

fn serve(
    scope: &mut Scope<'_>,
    environment: &Environment,
    Subject { service, configured, .. }: Subject<'_>,
    foundation: &Foundation<'_>,
    door: &Door,
    task: &Task,
    tasks: Tasks,
) -> TargetGroup {
    let (first, min, max) = tasks.bounds(configured);
    let targets = TargetGroup::new(
        scope,
        "Targets",
        TargetGroupProps {
            name: naming::name(environment, service.name),
            vpc_id: foundation.network.network.vpc_id(),
            port: task::CONTAINER_PORT,
            health_check_path: READINESS_PATH,
        },
    );
    scope.share("TargetGroupFullName", "What metrics call the tasks", &targets.full_name());
    let rule = elb::forward(
        scope,
        "Rule",
        &RuleProps {
            listener: &door.listener,
            priority: service.priority,
            path_patterns: rule_patterns(service),
            strip_prefix: environment.name().as_str(),
            targets: &targets,
        },
    );
    let failing = deployment_alarm(scope, environment, service, door, &targets);
    let running = ecs::Service::new(
        scope,
        "Service",
        ServiceProps {
            name: service.name,
            cluster: &foundation.compute.cluster,
            task,
            tasks: first,
            alarms: &[&failing],
            subnets: foundation.network.network.private_subnets(),
            guard: &foundation.compute.task_guard,
            targets: &targets,
            after: rule,
        },
    );
    let peaks: Vec<Peak<'_>> = configured.peaks().iter().map(peak).collect();
    ecs::scale(
        scope,
        &ScalingProps {
            service: &running,
            min,
            max,
            cpu_percent: CPU_TARGET_PERCENT,
            memory_percent: MEMORY_TARGET_PERCENT,
            peaks: &peaks,
            time_zone: TIME_ZONE,
        },
    );
    targets
}

fn peak(peak: &como_config::Peak) -> Peak<'_> {
    Peak {
        name: peak.name().as_str(),
        begins: peak.begins().as_str(),
        ends: peak.ends().as_str(),
        min: peak.min().get(),
    }
}

/// Tells nobody: it takes a bad deployment back. Quicker than the alarms that call a person.
fn deployment_alarm(
    scope: &mut Scope<'_>,
    environment: &Environment,
    service: &Definition,
    door: &Door,
    targets: &TargetGroup,
) -> Alarm {
    let props = AlarmProps {
        name: naming::name(environment, &format!("{}-deployment", service.name)),
        description: format!("{} answers with errors; a deployment that is under way is taken back", service.name),
        measure: Metric {
            namespace: "AWS/ApplicationELB",
            name: "HTTPCode_Target_5XX_Count",
            statistic: Statistic::Sum,
            dimensions: vec![("LoadBalancer", door.load_balancer.full_name()), ("TargetGroup", targets.full_name())],
        }
        .into(),
        when: When::AtLeast(FAILED_ANSWERS),
        minutes: 1,
        of: 2,
        without_data: WithoutData::Fine,
        tell: None,
    };
    Alarm::new(scope, "DeploymentAlarm", props)
}

fn command(environment: &Environment, service: &Definition, identity: &Identity) -> Vec<Value<String>> {
    vec![
        task::SERVE.into(),
        task::SERVICE.into(),
        service.name.into(),
        task::ENVIRONMENT.into(),
        // The one whose data it works with: a stand-in has no tables of its own.
        environment.primary().name().as_str().into(),
        task::REGION.into(),
        Value::pseudo(Pseudo::Region),
        task::USER_POOL_ID.into(),
        identity.members.id(),
        task::USER_POOL_CLIENT_ID.into(),
        identity.client.id(),
        task::PORT.into(),
        task::CONTAINER_PORT.to_string().into(),
        task::ORIGINS.into(),
        naming::cors(environment).origins().join(task::BETWEEN_ORIGINS).into(),
        task::LEASE_REGIONS.into(),
        lease_regions(environment).into(),
    ]
}

/// Those that vote, or the only one that there is.
fn lease_regions(environment: &Environment) -> String {
    let primary = environment.primary();
    let votes: Vec<String> = lease::regions(primary).iter().map(ToString::to_string).collect();
    if votes.is_empty() { primary.region().to_string() } else { votes.join(task::BETWEEN_REGIONS) }
}

/// API Gateway puts the stage's name in front of the path of what it sends through a VPC link. So the patterns match with
/// and without it, and the rule takes it off: the service sees the path that the caller wrote.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/private-integration.html>
fn rule_patterns(service: &Definition) -> Vec<String> {
    service.paths.iter().map(|pattern| format!("*{pattern}")).collect()
}
