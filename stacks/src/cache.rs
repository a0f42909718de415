//! DynamoDB Accelerator, where the environment asks for it. The services' own caches serve without.
//!
//! It costs by the hour, so a stand-in has it while it serves. Its role is in the stack of access, made beforehand.

use crate::naming;
use crate::network::Network;
use como_config::{Cache, Environment};
use como_constructs::dax::{Cluster, ClusterProps, TLS_PORT};
use como_constructs::ec2::{Peer, Rule, SecurityGroup, SecurityGroupProps};
use como_constructs::iam::Role;
use como_core::stack::Stack;

/// `role` is what the cache may read.
pub(crate) fn cache(environment: &Environment, cache: &Cache, network: &Network, role: &Role) -> Stack {
    let mut stack = naming::stack(environment, "cache", "COMO: DynamoDB Accelerator");
    let mut scope = stack.scope();
    let private = environment.network().zones().iter().map(|subnets| Rule {
        peer: Peer::Cidr(subnets.private().to_string()),
        port: TLS_PORT,
        description: "From the private subnets",
    });
    let guard = SecurityGroup::new(
        &mut scope,
        "CacheGuard",
        SecurityGroupProps {
            vpc_id: network.network.vpc_id(),
            description: "Cache of the tables",
            ingress: private.collect(),
            egress: Vec::new(),
        },
    );
    let cluster = Cluster::new(
        &mut scope,
        "Cache",
        ClusterProps {
            name: naming::name(environment, ""),
            description: "Hot reads of the configuration",
            node_type: cache.node().as_str(),
            nodes: cache.nodes().get(),
            subnets: network.network.private_subnets(),
            guard: &guard,
            role,
        },
    );
    scope.output("CacheEndpoint", "Where a client of the cache begins", &cluster.endpoint());
    stack
}
