use crate::support::{guard, key, log_group, network, template};
use como_constructs::ec2::Network;
use como_constructs::ecs::{
    Cluster, ClusterProps, ScalingProps, SecretVariable, Service, ServiceProps, Task, TaskProps, track_cpu,
};
use como_constructs::elb::{LoadBalancer, LoadBalancerProps, RuleProps, TargetGroup, TargetGroupProps, forward};
use como_constructs::iam::Permissions;
use como_constructs::secretsmanager::{Content, Secret, SecretProps};
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
    Task::new(
        scope,
        "Task",
        TaskProps {
            family: "test-web".to_owned(),
            container: "web",
            repository: "test/web",
            digest: "sha256:0123",
            command: vec!["serve".into()],
            secrets: vec![SecretVariable { variable: "TOKEN", secret }],
            port: 8080,
            cpu: 256,
            memory_mib: 512,
            logs: &logs,
            permissions: Permissions::none(),
        },
    )
}

fn behind_load_balancer(scope: &mut Scope<'_>, network: &Network, task: &Task) {
    let guard = guard(scope, network);
    let props = LoadBalancerProps { name: "test".to_owned(), subnets: network.private_subnets(), guard: &guard };
    let listener = LoadBalancer::new(scope, "LoadBalancer", props).listen_http(scope, "Listener", 80);
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
    let service = Service::new(
        scope,
        "Service",
        ServiceProps {
            name: "web",
            cluster: &cluster,
            task,
            tasks: 2,
            subnets: network.private_subnets(),
            guard: &guard,
            targets: &targets,
            after: rule,
        },
    );
    track_cpu(scope, &ScalingProps { service: &service, min: 2, max: 4, cpu_percent: 50.0 });
}

#[test]
fn a_task_is_confined_and_reads_its_secrets_only() {
    let template = template(|scope| {
        task(scope);
    });
    let own: Vec<_> = template.resources.iter().filter(|(id, _)| id.starts_with("Task")).collect();
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
