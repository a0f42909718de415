use crate::support::{guard, key, log_group, network, template};
use como_constructs::cloudwatch::{Alarm, AlarmProps, Metric, Statistic, When, WithoutData};
use como_constructs::ec2::Network;
use como_constructs::ecr::Repository;
use como_constructs::ecs::{
    Cluster, ClusterProps, Peak, ScalingProps, Service, ServiceProps, Source, Task, TaskProps, TaskRoles,
    TaskRolesProps, Variable, scale,
};
use como_constructs::elb::{LoadBalancer, LoadBalancerProps, RuleProps, TargetGroup, TargetGroupProps, forward};
use como_constructs::iam::Permissions;
use como_constructs::secretsmanager::{Content, Secret, SecretProps};
use como_constructs::ssm::{Parameter, ParameterProps};
use como_core::stack::Scope;

fn task(scope: &mut Scope<'_>) -> Task {
    let key = key(scope);
    let logs = log_group(scope, &key);
    let props = SecretProps {
        name: "test".to_owned(),
        description: "A secret",
        content: Content::ByHand,
        key: &key,
        replicas: &[],
    };
    let secret = Secret::new(scope, "Secret", props);
    let props = ParameterProps { name: "/test/place".to_owned(), description: "A setting", value: "here".into() };
    let parameter = Parameter::new(scope, "Setting", props);
    let repository = Repository::named("test/web");
    let roles = TaskRoles::new(
        scope,
        "Roles",
        TaskRolesProps {
            repository: &repository,
            logs: &logs,
            secrets: vec![&secret],
            parameters: vec![&parameter],
            permissions: Permissions::none(),
        },
    );
    Task::new(
        scope,
        "Task",
        TaskProps {
            family: "test-web".to_owned(),
            container: "web",
            repository: &repository,
            digest: "sha256:0123".into(),
            command: vec!["serve".into()],
            variables: vec![
                Variable { name: "TOKEN", source: Source::Secret(secret) },
                Variable { name: "PLACE", source: Source::Parameter(parameter) },
            ],
            port: 8080,
            cpu: 256,
            memory_mib: 512,
            logs: &logs,
            roles: &roles,
        },
    )
}

fn alarm(scope: &mut Scope<'_>) -> Alarm {
    let props = AlarmProps {
        name: "test-failing".to_owned(),
        description: "It fails".to_owned(),
        measure: Metric { namespace: "AWS/Test", name: "Errors", statistic: Statistic::Sum, dimensions: Vec::new() }
            .into(),
        when: When::AtLeast(1.0),
        minutes: 1,
        of: 1,
        without_data: WithoutData::Fine,
        tell: None,
    };
    Alarm::new(scope, "Failing", props)
}

fn behind_load_balancer(scope: &mut Scope<'_>, network: &Network, task: &Task) {
    let guard = guard(scope, network);
    let (access_log, certificate) = (&crate::support::log_bucket(scope), crate::support::certificate(scope));
    let props =
        LoadBalancerProps { name: "test".to_owned(), subnets: network.private_subnets(), guard: &guard, access_log };
    let listener = LoadBalancer::new(scope, "LoadBalancer", props).listen(scope, "Listener", &certificate);
    let targets = TargetGroup::new(
        scope,
        "Targets",
        TargetGroupProps {
            name: "test-web".to_owned(),
            vpc_id: network.vpc_id(),
            port: task.port(),
            health_check_path: "/ready",
        },
    );
    let rule = forward(
        scope,
        "Rule",
        &RuleProps {
            listener: &listener,
            priority: 10,
            path_patterns: vec!["*/web/*".to_owned()],
            strip_prefix: "stage",
            targets: &targets,
        },
    );
    let cluster = Cluster::new(scope, "Cluster", ClusterProps { name: "test".to_owned() });
    let failing = alarm(scope);
    let service = Service::new(
        scope,
        "Service",
        ServiceProps {
            name: "web",
            cluster: &cluster,
            task,
            tasks: 2,
            alarms: &[&failing],
            subnets: network.private_subnets(),
            guard: &guard,
            targets: &targets,
            after: rule,
        },
    );
    let peak = Peak { name: "friday", begins: "45 16 ? * FRI *", ends: "0 22 ? * FRI *", min: 9 };
    scale(
        scope,
        &ScalingProps {
            service: &service,
            min: 2,
            max: 4,
            cpu_percent: 50.0,
            memory_percent: 75.0,
            peaks: &[peak],
            time_zone: "Asia/Singapore",
        },
    );
}

#[test]
fn a_task_is_confined_and_reads_its_secrets_only() {
    let template = template(|scope| {
        task(scope);
    });
    let own: Vec<_> =
        template.resources.iter().filter(|(id, _)| id.starts_with("Task") || id.starts_with("Roles")).collect();
    insta::assert_snapshot!(serde_json::to_string_pretty(&own).unwrap());
}

#[test]
fn a_service_waits_for_its_rule_and_scales() {
    let template = template(|scope| {
        let network = network(scope, 1);
        let task = task(scope);
        behind_load_balancer(scope, &network, &task);
    });
    let types = [
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        "AWS::ECS::Cluster",
        "AWS::ECS::Service",
        "AWS::ElasticLoadBalancingV2::Listener",
        "AWS::ElasticLoadBalancingV2::ListenerRule",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
    ];
    insta::assert_snapshot!(crate::support::only(&template, &types));
}
