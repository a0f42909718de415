//! Where the services run and how requests reach them: cluster, load balancer, VPC link.
//!
//! Requests travel API Gateway → VPC link → load balancer → task, all inside the VPC. The listener speaks plain HTTP until
//! the environment has its DNS zone: a certificate is validated by a record in it.

use crate::naming;
use crate::network::Network;
use como_config::Environment;
use como_constructs::apigateway::{VpcLink, VpcLinkProps};
use como_constructs::ec2::{Peer, Rule, SecurityGroup, SecurityGroupProps};
use como_constructs::ecs::{Cluster, ClusterProps};
use como_constructs::elb::{Listener, LoadBalancer, LoadBalancerProps};
use como_contract::task::CONTAINER_PORT;
use como_core::stack::{Scope, Stack};

/// What other stacks take from the compute.
pub(crate) struct Compute {
    pub(crate) cluster: Cluster,
    pub(crate) load_balancer: LoadBalancer,
    pub(crate) listener: Listener,
    pub(crate) link: VpcLink,
    /// Around every task.
    pub(crate) task_guard: SecurityGroup,
}

const LISTENER_PORT: u16 = 80;

struct Guards {
    link: SecurityGroup,
    load_balancer: SecurityGroup,
    task: SecurityGroup,
}

pub(crate) fn compute(environment: &Environment, network: &Network) -> (Stack, Compute) {
    let mut stack = naming::stack(environment, "compute", "COMO: cluster, internal load balancer, VPC link");
    let mut scope = stack.scope();
    let network = &network.network;
    let guards = guards(&mut scope, network);
    let cluster = Cluster::new(&mut scope, "Cluster", ClusterProps { name: naming::name(environment, "") });
    let load_balancer = LoadBalancer::new(
        &mut scope,
        "LoadBalancer",
        LoadBalancerProps {
            name: naming::name(environment, ""),
            subnets: network.private_subnets(),
            guard: &guards.load_balancer,
        },
    );
    let listener = load_balancer.listen_http(&mut scope, "Listener", LISTENER_PORT);
    let link = VpcLink::new(
        &mut scope,
        "VpcLink",
        VpcLinkProps { name: naming::name(environment, ""), subnets: network.private_subnets(), guard: &guards.link },
    );
    scope.share("ClusterName", "The ECS cluster", &cluster.name());
    scope.share("LoadBalancerArn", "The internal load balancer", &load_balancer.arn());
    scope.share("LoadBalancerDnsName", "The internal load balancer", &load_balancer.dns_name());
    scope.share("ListenerArn", "Where services add their rules", &listener.arn());
    scope.share("VpcLinkId", "The way from API Gateway to the load balancer", &link.id());
    scope.share("TaskGuardId", "The security group of every task", &guards.task.id());
    (stack, Compute { cluster, load_balancer, listener, link, task_guard: guards.task })
}

/// Each hop may speak to the next one only; tasks may speak HTTPS to the partners and to AWS.
fn guards(scope: &mut Scope<'_>, network: &como_constructs::ec2::Network) -> Guards {
    let mut group = |id: &str, description: &'static str, egress: Rule| {
        let props =
            SecurityGroupProps { vpc_id: network.vpc_id(), description, ingress: Vec::new(), egress: vec![egress] };
        SecurityGroup::new(scope, id, props)
    };
    let anywhere = Peer::Cidr("0.0.0.0/0".to_owned());
    let to_partners = Rule { peer: anywhere, port: 443, description: "To partners and AWS services" };
    let task = group("TaskGuard", "Tasks of all services", to_partners);
    let to_tasks = Rule { peer: Peer::Group(task.clone()), port: CONTAINER_PORT, description: "To the tasks" };
    let load_balancer = group("LoadBalancerGuard", "Internal load balancer", to_tasks);
    let to_load_balancer =
        Rule { peer: Peer::Group(load_balancer.clone()), port: LISTENER_PORT, description: "To the load balancer" };
    let link = group("LinkGuard", "VPC link of the API", to_load_balancer);
    let from_link = Rule { peer: Peer::Group(link.clone()), port: LISTENER_PORT, description: "From the VPC link" };
    load_balancer.accept(scope, "LoadBalancerFromLink", &from_link);
    let from_load_balancer =
        Rule { peer: Peer::Group(load_balancer.clone()), port: CONTAINER_PORT, description: "From the load balancer" };
    task.accept(scope, "TaskFromLoadBalancer", &from_load_balancer);
    Guards { link, load_balancer, task }
}
