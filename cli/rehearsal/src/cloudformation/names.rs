//! Names that templates give to resources, and whether somebody has them already.

use super::dynamic::is_dynamic;
use super::intrinsics::Pseudo;
use super::operations::CloudFormation;
use super::stack::{Phase, ResourceRecord, Stack};
use crate::provision::{ReadRequest, Reading};
use como_resources::facts;
use serde_json::{Map, Value};

/// Types of the topology that AWS does not validate before a deployment ("Resource limitations").
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/validate-stack-deployments.html>
const NOT_VALIDATED: [&str; 34] = [
    "AWS::ApiGateway::BasePathMapping",
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::Budgets::Budget",
    "AWS::CertificateManager::Certificate",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::DAX::Cluster",
    "AWS::DAX::ParameterGroup",
    "AWS::DAX::SubnetGroup",
    "AWS::EC2::FlowLog",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::ECR::Repository",
    "AWS::ECS::Cluster",
    "AWS::ECS::ClusterCapacityProviderAssociations",
    "AWS::ECS::Service",
    "AWS::ECS::TaskDefinition",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::IAM::Role",
    "AWS::KMS::Alias",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::Route53::HealthCheck",
    "AWS::Route53::HostedZone",
    "AWS::Route53::RecordSet",
    "AWS::S3::BucketPolicy",
    "AWS::SES::ConfigurationSet",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::Synthetics::Canary",
    "AWS::WAFv2::WebACL",
    "AWS::WAFv2::WebACLAssociation",
];

/// Types whose name is not what identifies them in the schema.
const NAMED: [(&str, &str); 4] = [
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "Name"),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "Name"),
    ("AWS::SecretsManager::Secret", "Name"),
    ("AWS::SQS::Queue", "QueueName"),
];

/// Services with one name space for all regions.
const GLOBAL: [&str; 3] = ["AWS::CloudFront::", "AWS::IAM::", "AWS::S3::"];

pub(super) fn is_validated(resource_type: &str) -> bool {
    facts::of(resource_type).is_some() && !NOT_VALIDATED.contains(&resource_type)
}

/// The name that properties give a resource, if it is one that a second resource cannot have.
pub(super) fn given(resource_type: &str, properties: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| properties.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some((_, property)) = NAMED.iter().find(|(named, _)| *named == resource_type) {
        return text(property).map(str::to_owned);
    }
    let identifier = facts::of(resource_type)?.primary_identifier();
    let parts: Option<Vec<&str>> = identifier.iter().map(|name| text(name)).collect();
    parts.filter(|parts| !parts.is_empty()).map(|parts| parts.join("|"))
}

impl CloudFormation {
    /// Whether a resource of the type has the name. The service knows; where it does not tell, the stacks do.
    pub(super) async fn is_taken(&self, pseudo: &Pseudo, resource_type: &str, name: &str) -> bool {
        let physical_id = match resource_type {
            "AWS::SQS::Queue" => {
                format!("https://sqs.{}.amazonaws.com/{}/{name}", pseudo.region, pseudo.account)
            }
            _ => name.to_owned(),
        };
        let request = ReadRequest {
            account: pseudo.account.clone(),
            region: pseudo.region.clone(),
            resource_type: resource_type.to_owned(),
            physical_id,
            properties: Map::new(),
        };
        match self.provisioner.read(&request).await {
            Ok(Reading::Properties(_)) => true,
            Ok(Reading::Gone) => false,
            Ok(Reading::NotOffered) | Err(_) => self.is_known(pseudo, resource_type, name),
        }
    }

    fn is_known(&self, pseudo: &Pseudo, resource_type: &str, name: &str) -> bool {
        let is_global = GLOBAL.iter().any(|service| resource_type.starts_with(service));
        let has = |properties: &Map<String, Value>| {
            given(resource_type, properties).is_some_and(|other| other == name && !is_dynamic(&Value::from(other)))
        };
        let lives = |record: &ResourceRecord| {
            record.resource_type == resource_type
                && record.physical_id.is_some()
                && record.status != Some(Phase::DeleteComplete)
                && has(&record.properties)
        };
        let holds = |stack: &Stack| {
            let kept = stack.orphans.iter().chain(&stack.leftovers);
            stack.resources.values().any(lives)
                || kept.into_iter().any(|one| one.resource_type == resource_type && has(&one.properties))
        };
        let found =
            self.store.all(|stack| ((is_global || stack.pseudo.region == pseudo.region) && holds(stack)).then_some(()));
        !found.is_empty()
    }
}
