//! Where the services run and how requests reach them: cluster, load balancer, VPC link.
//!
//! Requests travel API Gateway → VPC link → load balancer → task, all inside the VPC and encrypted as far as the load balancer.
//!
//! Cluster and VPC link cost nothing; a stand-in that only prepares itself has no load balancer.

use crate::certificates::Certificates;
use crate::naming;
use crate::network::Network;
use crate::presence::Presence;
use crate::shared::AccountRegion;
use como_config::Environment;
use como_constructs::apigateway::{VpcLink, VpcLinkProps};
use como_constructs::dax::TLS_PORT;
use como_constructs::ec2::{Peer, Rule, SecurityGroup, SecurityGroupProps};
use como_constructs::ecs::{Cluster, ClusterProps};
use como_constructs::elb::{HTTPS, Listener, LoadBalancer, LoadBalancerProps};
use como_contract::task::CONTAINER_PORT;
use como_core::stack::{Scope, Stack};

/// What other stacks take from the compute.
pub(crate) struct Compute {
    pub(crate) cluster: Cluster,
    pub(crate) link: VpcLink,
    /// Where requests come in, unless the environment only prepares itself.
    pub(crate) door: Option<Door>,
    /// Around every task.
    pub(crate) task_guard: SecurityGroup,
}

pub(crate) struct Door {
    pub(crate) load_balancer: LoadBalancer,
    pub(crate) listener: Listener,
}

struct Guards {
    link: SecurityGroup,
    load_balancer: SecurityGroup,
    task: SecurityGroup,
}

/// What the load balancer needs beside its network.
#[derive(Clone, Copy)]
pub(crate) struct Outside<'a> {
    pub(crate) certificates: &'a Certificates,
    pub(crate) account: &'a AccountRegion,
}

pub(crate) fn compute(
    environment: &Environment,
    network: &Network,
    outside: Outside<'_>,
    presence: Presence,
) -> (Stack, Compute) {
    let mut stack = naming::stack(environment, "compute", "COMO: cluster, internal load balancer, VPC link");
    let mut scope = stack.scope();
    let guards = guards(&mut scope, environment, &network.network);
    let cluster = Cluster::new(&mut scope, "Cluster", ClusterProps { name: naming::name(environment, "") });
    let link = VpcLink::new(
        &mut scope,
        "VpcLink",
        VpcLinkProps {
            name: naming::name(environment, ""),
            subnets: network.network.private_subnets(),
            guard: &guards.link,
        },
    );
    scope.share("ClusterName", "The ECS cluster", &cluster.name());
    scope.share("VpcLinkId", "The way from API Gateway to the load balancer", &link.id());
    scope.share("TaskGuardId", "The security group of every task", &guards.task.id());
    let door = presence.is_serving().then(|| door(&mut scope, environment, network, outside, &guards));
    (stack, Compute { cluster, link, door, task_guard: guards.task })
}

fn door(
    scope: &mut Scope<'_>,
    environment: &Environment,
    network: &Network,
    outside: Outside<'_>,
    guards: &Guards,
) -> Door {
    let load_balancer = LoadBalancer::new(
        scope,
        "LoadBalancer",
        LoadBalancerProps {
            name: naming::name(environment, ""),
            subnets: network.network.private_subnets(),
            guard: &guards.load_balancer,
            access_log: &outside.account.logs,
        },
    );
    let listener = load_balancer.listen(scope, "Listener", &outside.certificates.services);
    scope.share("LoadBalancerArn", "The internal load balancer", &load_balancer.arn());
    scope.share("LoadBalancerDnsName", "The internal load balancer", &load_balancer.dns_name());
    scope.share("LoadBalancerFullName", "What metrics call the load balancer", &load_balancer.full_name());
    scope.share("ListenerArn", "Where services add their rules", &listener.arn());
    Door { load_balancer, listener }
}

/// Each hop may speak to the next one only; tasks may speak HTTPS to the partners and to AWS.
fn guards(scope: &mut Scope<'_>, environment: &Environment, network: &como_constructs::ec2::Network) -> Guards {
    let mut group = |id: &str, description: &'static str, egress: Vec<Rule>| {
        let props = SecurityGroupProps { vpc_id: network.vpc_id(), description, ingress: Vec::new(), egress };
        SecurityGroup::new(scope, id, props)
    };
    let anywhere = Peer::Cidr("0.0.0.0/0".to_owned());
    let to_partners = Rule { peer: anywhere, port: 443, description: "To partners and AWS services" };
    let to_cache = environment.cache().into_iter().flat_map(|_| environment.network().zones()).map(|subnets| Rule {
        peer: Peer::Cidr(subnets.private().to_string()),
        port: TLS_PORT,
        description: "To the cache",
    });
    let out = std::iter::once(to_partners).chain(to_cache).collect();
    let task = group("TaskGuard", "Tasks of all services", out);
    let to_tasks = Rule { peer: Peer::Group(task.clone()), port: CONTAINER_PORT, description: "To the tasks" };
    let load_balancer = group("LoadBalancerGuard", "Internal load balancer", vec![to_tasks]);
    let to_load_balancer =
        Rule { peer: Peer::Group(load_balancer.clone()), port: HTTPS, description: "To the load balancer" };
    let link = group("LinkGuard", "VPC link of the API", vec![to_load_balancer]);
    let from_link = Rule { peer: Peer::Group(link.clone()), port: HTTPS, description: "From the VPC link" };
    load_balancer.accept(scope, "LoadBalancerFromLink", &from_link);
    let from_load_balancer =
        Rule { peer: Peer::Group(load_balancer.clone()), port: CONTAINER_PORT, description: "From the load balancer" };
    task.accept(scope, "TaskFromLoadBalancer", &from_load_balancer);
    Guards { link, load_balancer, task }
}
