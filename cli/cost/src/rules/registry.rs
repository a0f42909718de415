//! Each type of resource, by name: priced, free, or billed with another.

use crate::charge::Charge;
use crate::inventory::{Inventory, Resource, Unreadable};
use crate::rules::{compute, data, edge, free, messaging, network, watch};
use como_config::Usage;

/// What becomes of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Priced(Vec<Charge>),
    /// Nothing is charged, and why.
    Free(&'static str),
    /// Charged with something else, and with what.
    Elsewhere(&'static str),
}

/// Why a resource could not be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unjudged {
    /// Nobody has said what the type costs.
    NoRule,
    Unreadable(Unreadable),
}

impl From<Unreadable> for Unjudged {
    fn from(unreadable: Unreadable) -> Self {
        Self::Unreadable(unreadable)
    }
}

/// What a rule sees.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a, 'i> {
    pub(crate) resource: &'i Resource<'a>,
    pub(crate) all: &'i Inventory<'a>,
    /// Which figures there are; what they say is looked up later.
    pub(crate) usage: &'i Usage,
}

pub(crate) type Ruling = Result<Verdict, Unjudged>;

pub(crate) fn judge(case: Case<'_, '_>) -> Ruling {
    let ruling = match case.resource.kind() {
        "AWS::ApiGateway::RestApi" => network::rest_api(case),
        "AWS::ApiGateway::Stage" => network::stage(case),
        "AWS::EC2::EIP" => network::address(case),
        "AWS::EC2::NatGateway" => network::nat_gateway(case),
        "AWS::EC2::VPC" => network::vpc(case),
        "AWS::EC2::VPCEndpoint" => network::endpoint(case),
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => network::load_balancer(case),
        "AWS::DAX::Cluster" => compute::cache(case),
        "AWS::ECS::Cluster" => compute::cluster(case),
        "AWS::ECS::Service" => compute::service(case),
        "AWS::Lambda::Function" => compute::function(case),
        "AWS::Cognito::UserPool" => data::user_pool(case),
        "AWS::Backup::BackupVault" => data::backup_vault(case),
        "AWS::DynamoDB::GlobalTable" => data::table(case),
        "AWS::ECR::ReplicationConfiguration" => data::image_copies(case),
        "AWS::ECR::Repository" => data::images(case),
        "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" => data::key(case),
        "AWS::S3::Bucket" => data::bucket(case),
        "AWS::SecretsManager::Secret" => data::secret(case),
        "AWS::SES::EmailIdentity" => messaging::sender(case),
        "AWS::SNS::Topic" => messaging::topic(case),
        "AWS::SQS::Queue" => messaging::queue(case),
        "AWS::SSM::Parameter" => messaging::parameter(case),
        "AWS::CloudFront::Distribution" => edge::distribution(case),
        "AWS::Route53::HealthCheck" => edge::health_check(case),
        "AWS::Route53::HostedZone" => edge::zone(case),
        "AWS::WAFv2::WebACL" => edge::firewall(case),
        "AWS::CloudWatch::Alarm" => watch::alarm(case),
        "AWS::CloudWatch::CompositeAlarm" => watch::composite_alarm(case),
        "AWS::CloudWatch::Dashboard" => watch::dashboard(case),
        "AWS::Logs::LogGroup" => watch::log_group(case),
        "AWS::Synthetics::Canary" => watch::canary(case),
        "AWS::ECR::RegistryScanningConfiguration" => data::scanning(case),
        kind => return free::verdict(kind).ok_or(Unjudged::NoRule),
    };
    ruling
}

pub(crate) fn priced(charges: impl IntoIterator<Item = Charge>) -> Ruling {
    Ok(Verdict::Priced(charges.into_iter().collect()))
}

pub(crate) fn unreadable(property: &'static str, found: impl Into<String>) -> Ruling {
    Err(Unjudged::Unreadable(Unreadable { property, found: found.into() }))
}
