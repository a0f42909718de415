//! Which service answers for which resource type.

use super::autoscaling::AutoScaling;
use super::certificates::Certificates;
use super::cloudfront::CloudFront;
use super::messaging::Messaging;
use super::watching::Watching;

/// Who answers for a resource type.
pub(super) enum Owner {
    AutoScaling,
    Certificates,
    CloudFront,
    Cognito,
    DynamoDb,
    Ecr,
    Ecs,
    LoadBalancers,
    Messaging,
    Parameters,
    RestApis,
    Secrets,
    Watching,
    /// Nobody needs it to do anything.
    Declared,
}

impl Owner {
    pub(super) fn of(resource_type: &str) -> Self {
        match resource_type {
            "AWS::Cognito::UserPool"
            | "AWS::Cognito::UserPoolClient"
            | "AWS::Cognito::UserPoolDomain"
            | "AWS::Cognito::UserPoolGroup"
            | "AWS::Cognito::UserPoolResourceServer" => Self::Cognito,
            "AWS::DynamoDB::GlobalTable" | "AWS::DynamoDB::Table" => Self::DynamoDb,
            "AWS::ECR::ReplicationConfiguration" | "AWS::ECR::Repository" => Self::Ecr,
            "AWS::ECS::Cluster" | "AWS::ECS::Service" | "AWS::ECS::TaskDefinition" => Self::Ecs,
            "AWS::ElasticLoadBalancingV2::Listener"
            | "AWS::ElasticLoadBalancingV2::ListenerRule"
            | "AWS::ElasticLoadBalancingV2::LoadBalancer"
            | "AWS::ElasticLoadBalancingV2::TargetGroup" => Self::LoadBalancers,
            "AWS::SSM::Parameter" => Self::Parameters,
            "AWS::ApiGateway::Deployment" | "AWS::ApiGateway::RestApi" | "AWS::ApiGateway::Stage" => Self::RestApis,
            "AWS::SecretsManager::Secret" => Self::Secrets,
            other if AutoScaling::owns(other) => Self::AutoScaling,
            other if Certificates::owns(other) => Self::Certificates,
            other if CloudFront::owns(other) => Self::CloudFront,
            other if Messaging::owns(other) => Self::Messaging,
            other if Watching::owns(other) => Self::Watching,
            _ => Self::Declared,
        }
    }
}
