//! Ways to AWS services that do not leave the VPC.

use crate::ec2::{Network, SecurityGroup};
use crate::iam::{Condition, Principal, Statement, policy_document};
use como_core::resource::Handle;
use como_core::stack::Scope;
use como_core::value::{Pseudo, Value};
use como_resources::ec2;

/// Services with a gateway endpoint: free, by route instead of by address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GatewayService {
    DynamoDb,
    S3,
}

/// Services with an interface endpoint: an address in every private subnet, billed by the hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterfaceService {
    EcrApi,
    EcrDocker,
    Logs,
    SecretsManager,
    Sqs,
    Ssm,
}

impl GatewayService {
    const fn name(self) -> &'static str {
        match self {
            Self::DynamoDb => "dynamodb",
            Self::S3 => "s3",
        }
    }

    const fn id(self) -> &'static str {
        match self {
            Self::DynamoDb => "DynamoDbEndpoint",
            Self::S3 => "S3Endpoint",
        }
    }
}

impl InterfaceService {
    pub const ALL: [Self; 6] = [Self::EcrApi, Self::EcrDocker, Self::Logs, Self::SecretsManager, Self::Sqs, Self::Ssm];

    const fn name(self) -> &'static str {
        match self {
            Self::EcrApi => "ecr.api",
            Self::EcrDocker => "ecr.dkr",
            Self::Logs => "logs",
            Self::SecretsManager => "secretsmanager",
            Self::Sqs => "sqs",
            Self::Ssm => "ssm",
        }
    }

    const fn id(self) -> &'static str {
        match self {
            Self::EcrApi => "EcrApiEndpoint",
            Self::EcrDocker => "EcrDockerEndpoint",
            Self::Logs => "LogsEndpoint",
            Self::SecretsManager => "SecretsManagerEndpoint",
            Self::Sqs => "SqsEndpoint",
            Self::Ssm => "SsmEndpoint",
        }
    }
}

/// A gateway endpoint in every route table, through which only `allowed` passes.
pub fn gateway_endpoint(
    scope: &mut Scope<'_>,
    network: &Network,
    service: GatewayService,
    allowed: Statement,
) -> Handle<ec2::VpcEndpoint> {
    let allowed = Statement { principal: Some(Principal::Anyone), ..allowed };
    scope.add(
        service.id(),
        ec2::VpcEndpoint {
            service_name: Some(service_name(service.name())),
            vpc_endpoint_type: Some(ec2::vpc_endpoint::VpcEndpointType::Gateway.into()),
            route_table_ids: Some(network.route_tables().into()),
            policy_document: Some(policy_document(&[allowed])),
            ..ec2::VpcEndpoint::new(network.vpc_id())
        },
    )
}

/// An interface endpoint in every private subnet, for principals of the stack's own account only.
pub fn interface_endpoint(
    scope: &mut Scope<'_>,
    network: &Network,
    service: InterfaceService,
    guard: &SecurityGroup,
) -> Handle<ec2::VpcEndpoint> {
    let own_account = Condition {
        operator: "StringEquals",
        key: "aws:PrincipalAccount",
        values: vec![Value::pseudo(Pseudo::AccountId)],
    };
    // What a principal may do is decided by its own policy; the endpoint keeps strangers' credentials out.
    let statement =
        Statement { principal: Some(Principal::Anyone), conditions: vec![own_account], ..service.allowed() };
    scope.add(
        service.id(),
        ec2::VpcEndpoint {
            service_name: Some(service_name(service.name())),
            vpc_endpoint_type: Some(ec2::vpc_endpoint::VpcEndpointType::Interface.into()),
            private_dns_enabled: Some(true.into()),
            subnet_ids: Some(network.private_subnets().into()),
            security_group_ids: Some([guard.id()].into()),
            policy_document: Some(policy_document(&[statement])),
            ..ec2::VpcEndpoint::new(network.vpc_id())
        },
    )
}

impl InterfaceService {
    fn allowed(self) -> Statement {
        let everything = |actions| Statement::allow([actions], ["*".into()]);
        match self {
            Self::EcrApi | Self::EcrDocker => everything("ecr:*"),
            Self::Logs => everything("logs:*"),
            Self::SecretsManager => everything("secretsmanager:*"),
            Self::Sqs => everything("sqs:*"),
            // Systems Manager can do much besides: run commands on machines, for one. Tasks are started with parameters, which
            // ECS reads by exactly this action, and nothing else in the VPC asks.
            Self::Ssm => Statement::allow(
                ["ssm:GetParameters"],
                [Value::substitute("arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/*", [])],
            ),
        }
    }
}

fn service_name(service: &str) -> Value<String> {
    Value::substitute(&format!("com.amazonaws.${{AWS::Region}}.{service}"), [])
}
