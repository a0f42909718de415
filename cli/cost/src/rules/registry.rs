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

type Rule = fn(Case<'_, '_>) -> Ruling;

/// By type; what costs nothing by itself is in `free`.
const RULES: &[(&str, Rule)] = &[
    ("AWS::ApiGateway::RestApi", network::rest_api),
    ("AWS::ApiGateway::Stage", network::stage),
    ("AWS::Backup::BackupVault", data::backup_vault),
    ("AWS::CloudFront::Distribution", edge::distribution),
    ("AWS::CloudWatch::Alarm", watch::alarm),
    ("AWS::CloudWatch::CompositeAlarm", watch::composite_alarm),
    ("AWS::CloudWatch::Dashboard", watch::dashboard),
    ("AWS::Cognito::UserPool", data::user_pool),
    ("AWS::DAX::Cluster", compute::cache),
    ("AWS::DynamoDB::GlobalTable", data::table),
    ("AWS::EC2::EIP", network::address),
    ("AWS::EC2::NatGateway", network::nat_gateway),
    ("AWS::EC2::VPC", network::vpc),
    ("AWS::EC2::VPCEndpoint", network::endpoint),
    ("AWS::ECR::RegistryScanningConfiguration", data::scanning),
    ("AWS::ECR::ReplicationConfiguration", data::image_copies),
    ("AWS::ECR::Repository", data::images),
    ("AWS::ECS::Cluster", compute::cluster),
    ("AWS::ECS::Service", compute::service),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", network::load_balancer),
    ("AWS::KMS::Key", data::key),
    ("AWS::KMS::ReplicaKey", data::key),
    ("AWS::Lambda::Function", compute::function),
    ("AWS::Logs::LogGroup", watch::log_group),
    ("AWS::Route53::HealthCheck", edge::health_check),
    ("AWS::Route53::HostedZone", edge::zone),
    ("AWS::S3::Bucket", data::bucket),
    ("AWS::SES::EmailIdentity", messaging::sender),
    ("AWS::SNS::Topic", messaging::topic),
    ("AWS::SQS::Queue", messaging::queue),
    ("AWS::SSM::Parameter", messaging::parameter),
    ("AWS::SecretsManager::Secret", data::secret),
    ("AWS::Synthetics::Canary", watch::canary),
    ("AWS::WAFv2::WebACL", edge::firewall),
];

fn rule(kind: &str) -> Option<Rule> {
    RULES.iter().find(|(known, _)| *known == kind).map(|(_, rule)| *rule)
}

/// Whether somebody has said what a type costs.
pub(crate) fn has_rule(kind: &str) -> bool {
    rule(kind).is_some() || free::verdict(kind).is_some()
}

pub(crate) fn judge(case: Case<'_, '_>) -> Ruling {
    match rule(case.resource.kind()) {
        Some(rule) => rule(case),
        None => free::verdict(case.resource.kind()).ok_or(Unjudged::NoRule),
    }
}

pub(crate) fn priced(charges: impl IntoIterator<Item = Charge>) -> Ruling {
    Ok(Verdict::Priced(charges.into_iter().collect()))
}

pub(crate) fn unreadable(property: &'static str, found: impl Into<String>) -> Ruling {
    Err(Unjudged::Unreadable(Unreadable { property, found: found.into() }))
}
