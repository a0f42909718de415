//! The network: two zones, a way out to the partners, ways to AWS services that stay inside.
//!
//! A stand-in has in a stack of its own what costs by the hour: NAT gateways and interface endpoints.

use crate::naming;
use como_config::Environment;
use como_constructs::apigateway::EXECUTION_LOG_PREFIX;
use como_constructs::ec2::{self, FlowLogProps, GatewayService, InterfaceService, NetworkProps, Peer, Rule};
use como_constructs::ec2::{SecurityGroup, SecurityGroupProps, ZoneProps};
use como_constructs::ecs::{INSIGHTS_LOG_PREFIX, insights_log};
use como_constructs::iam::Statement;
use como_constructs::kms::{Key, KeyProps, Replication};
use como_constructs::logs::{LogGroup, LogGroupProps, Retention, let_logs_use_key_for};
use como_constructs::wafv2::FIREWALL_LOG_PREFIX;
use como_contract::output::DEFAULT_SECURITY_GROUP;
use como_core::stack::{Scope, Stack};
use como_core::value::Value;

/// What other stacks take from the network.
pub(crate) struct Network {
    pub(crate) network: ec2::Network,
    /// For every log group of the environment, and for nothing else: who may read logs need not be able to read data.
    pub(crate) log_key: Key,
    /// Around every interface endpoint.
    endpoint_guard: SecurityGroup,
}

/// All of it in one stack.
pub(crate) fn network(environment: &Environment) -> (Stack, Network) {
    let (mut stack, network) = base(environment);
    add_active(&mut stack.scope(), &network);
    (stack, network)
}

/// What costs nothing by the hour, and addresses that partners have on their lists.
pub(crate) fn base(environment: &Environment) -> (Stack, Network) {
    let description = "COMO: VPC, addresses, endpoints, flow log";
    let mut stack = naming::stack(environment, "network", description);
    let mut scope = stack.scope();
    let network = ec2::Network::new(&mut scope, &network_props(environment));
    let log_key = log_key(&mut scope, environment);
    let endpoint_guard = gateway_endpoints(&mut scope, environment, &network);
    let destination = LogGroup::new(
        &mut scope,
        "FlowLogGroup",
        LogGroupProps {
            name: naming::log_group(environment, "vpc-flow"),
            retention: Retention::ThreeMonths,
            key: &log_key,
        },
    );
    let (cluster, retention) = (naming::name(environment, ""), Retention::OneMonth);
    // Here, since it is there before the cluster and kept when a stand-in's cluster goes.
    insights_log(&mut scope, "InsightsLogGroup", &cluster, retention, &log_key);
    ec2::flow_log(&mut scope, &FlowLogProps { network: &network, destination: &destination });
    outputs(&mut scope, &network, &log_key, &endpoint_guard);
    (stack, Network { network, log_key, endpoint_guard })
}

/// What a stand-in makes when it has to serve.
pub(crate) fn active(environment: &Environment, network: &Network) -> Stack {
    let description = "COMO: NAT gateways, interface endpoints";
    let mut stack = naming::stack(environment, "network-active", description);
    add_active(&mut stack.scope(), network);
    stack
}

fn add_active(scope: &mut Scope<'_>, network: &Network) {
    network.network.open_way_out(scope);
    for service in InterfaceService::ALL {
        ec2::interface_endpoint(scope, &network.network, service, &network.endpoint_guard);
    }
}

fn network_props(environment: &Environment) -> NetworkProps {
    let network = environment.network();
    let zones = network.zones().iter().map(|subnets| ZoneProps {
        letter: subnets.zone().letter().as_char(),
        public_cidr: subnets.public().to_string(),
        private_cidr: subnets.private().to_string(),
    });
    NetworkProps {
        name: naming::name(environment, ""),
        cidr: network.cidr().to_string(),
        zones: zones.collect(),
        nat_gateways: network.nat_gateways().get(),
    }
}

fn log_key(scope: &mut Scope<'_>, environment: &Environment) -> Key {
    Key::new(
        scope,
        "LogKey",
        KeyProps {
            description: "Encrypts the log groups of the environment",
            alias: naming::name(environment, "logs"),
            replication: Replication::OneRegion,
            services: vec![let_logs_use_key_for(&encrypted_logs(environment))],
        },
    )
}

/// Groups of our own, and those whose names AWS decides.
fn encrypted_logs(environment: &Environment) -> [String; 4] {
    [
        naming::log_group(environment, "*"),
        format!("{INSIGHTS_LOG_PREFIX}{}/*", naming::name(environment, "")),
        format!("{FIREWALL_LOG_PREFIX}{}", naming::name(environment, "*")),
        format!("{EXECUTION_LOG_PREFIX}*/{}", environment.name()),
    ]
}

fn gateway_endpoints(scope: &mut Scope<'_>, environment: &Environment, network: &ec2::Network) -> SecurityGroup {
    // ECR hands out image layers from a bucket of its own; nothing else of S3 is asked for.
    let layers = Value::substitute("arn:${AWS::Partition}:s3:::prod-${AWS::Region}-starport-layer-bucket/*", []);
    ec2::gateway_endpoint(scope, network, GatewayService::S3, Statement::allow(["s3:GetObject"], [layers]));
    let tables = format!(
        "arn:${{AWS::Partition}}:dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/{}",
        naming::name(environment.primary(), "*")
    );
    // Which table a task may read or write is its role's business; no data leaves for a table of another owner.
    let own_tables = Statement::allow(["dynamodb:*"], [Value::substitute(&tables, [])]);
    ec2::gateway_endpoint(scope, network, GatewayService::DynamoDb, own_tables);
    let private = environment.network().zones().iter().map(|subnets| Rule {
        peer: Peer::Cidr(subnets.private().to_string()),
        port: 443,
        description: "From the private subnets",
    });
    SecurityGroup::new(
        scope,
        "EndpointGuard",
        SecurityGroupProps {
            vpc_id: network.vpc_id(),
            description: "Interface endpoints of the VPC",
            ingress: private.collect(),
            egress: Vec::new(),
        },
    )
}

fn outputs(scope: &mut Scope<'_>, network: &ec2::Network, log_key: &Key, endpoint_guard: &SecurityGroup) {
    network.share(scope);
    for (zone, address) in network.zones().iter().zip(network.nat_addresses()) {
        let letter = zone.letter().to_ascii_uppercase();
        let description = "An address from which partners see us, for their allow-lists";
        scope.output(&format!("NatAddress{letter}"), description, &address);
    }
    let description = "Made by AWS with the VPC; the deployment takes its rules away";
    scope.share(DEFAULT_SECURITY_GROUP, description, &network.default_security_group());
    scope.share("EndpointGuardId", "The security group of interface endpoints", &endpoint_guard.id());
    scope.share("LogKeyArn", "The key of the log groups", &log_key.arn());
}
