//! How many resources of a type an account may have: AWS's standing quotas, before anybody has asked for more.
//!
//! What a change set would make beyond one is a warning; making it all the same fails, as the service says. Figures are those
//! of the services' own pages of quotas, read in November 2026; a type that is not here has none that a stack would meet.
//! <https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html>

use super::change_set::ResourceChange;
use super::finding::{Check, ValidationFinding};
use super::operations::CloudFormation;
use super::stack::{Phase, ResourceRecord, Stack};
use crate::provision::{CreateRequest, ProvisionError};
use std::collections::BTreeMap;

/// Of what a quota counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Region,
    /// The service is global, or counts all regions together.
    Account,
}

struct Quota {
    resource_type: &'static str,
    most: usize,
    scope: Scope,
    /// In the plural, as the service calls them.
    things: &'static str,
}

const fn of(resource_type: &'static str, most: usize, scope: Scope, things: &'static str) -> Quota {
    Quota { resource_type, most, scope, things }
}

const QUOTAS: [Quota; 16] = [
    of("AWS::ApiGateway::RestApi", 600, Scope::Region, "regional APIs"),
    of("AWS::Cognito::UserPool", 1_000, Scope::Region, "user pools"),
    of("AWS::DynamoDB::GlobalTable", 2_500, Scope::Region, "tables"),
    of("AWS::DynamoDB::Table", 2_500, Scope::Region, "tables"),
    of("AWS::EC2::EIP", 5, Scope::Region, "addresses"),
    of("AWS::EC2::InternetGateway", 5, Scope::Region, "internet gateways"),
    of("AWS::EC2::VPC", 5, Scope::Region, "VPCs"),
    of("AWS::ECS::Cluster", 10_000, Scope::Region, "clusters"),
    of("AWS::ElasticLoadBalancingV2::LoadBalancer", 50, Scope::Region, "load balancers"),
    of("AWS::ElasticLoadBalancingV2::TargetGroup", 3_000, Scope::Region, "target groups"),
    of("AWS::IAM::OIDCProvider", 100, Scope::Account, "OpenID Connect providers"),
    of("AWS::IAM::Role", 1_000, Scope::Account, "roles"),
    of("AWS::Route53::HealthCheck", 200, Scope::Account, "health checks"),
    of("AWS::Route53::HostedZone", 500, Scope::Account, "hosted zones"),
    of("AWS::S3::Bucket", 10_000, Scope::Account, "buckets"),
    of("AWS::WAFv2::WebACL", 100, Scope::Region, "web ACLs"),
];

impl Quota {
    fn of_type(resource_type: &str) -> Option<&'static Self> {
        QUOTAS.iter().find(|quota| quota.resource_type == resource_type)
    }

    /// The living resources of all stacks that count, and those that were replaced and are not gone yet.
    fn used(&self, cloud: &CloudFormation, region: &str) -> usize {
        let counts = |stack: &Stack| self.scope == Scope::Account || stack.pseudo.region == region;
        let in_stack = |stack: &Stack| {
            let records = stack.resources.values().filter(|record| record.resource_type == self.resource_type);
            let is_living =
                |record: &&ResourceRecord| record.physical_id.is_some() && record.status != Some(Phase::DeleteComplete);
            let living = records.filter(is_living).count();
            let leftovers = stack.leftovers.iter().filter(|leftover| leftover.resource_type == self.resource_type);
            living + leftovers.count()
        };
        cloud
            .store
            .all(|stack| (stack.status != Phase::DeleteComplete && counts(stack)).then(|| in_stack(stack)))
            .into_iter()
            .sum()
    }
}

/// Whether the account may have one more.
///
/// # Errors
/// When it has as many as it may; `HandlerErrorCode` is `ServiceLimitExceeded`.
pub(super) fn check(cloud: &CloudFormation, request: &CreateRequest) -> Result<(), ProvisionError> {
    match Quota::of_type(&request.resource_type) {
        Some(quota) if quota.most <= quota.used(cloud, &request.region) => Err(ProvisionError::QuotaExceeded {
            message: format!("The maximum number of {} has been reached.", quota.things),
        }),
        _ => Ok(()),
    }
}

/// What the changes of a change set would make beyond a quota: a warning at each resource of the type that is added. The user
/// guide has the check, not its words.
pub(super) fn exceeded(cloud: &CloudFormation, region: &str, changes: &[ResourceChange]) -> Vec<ValidationFinding> {
    let is_made = |change: &&ResourceChange| change.action == "Add" || change.replacement.as_deref() == Some("True");
    let goes = |change: &&ResourceChange| {
        change.action == "Remove" && matches!(change.policy_action.as_deref(), Some("Delete"))
    };
    // What goes, goes at the end, when everything new is there: only a whole update that fits is without a warning.
    let mut made: BTreeMap<&str, Vec<&ResourceChange>> = BTreeMap::new();
    for change in changes.iter().filter(is_made) {
        made.entry(change.resource_type.as_str()).or_default().push(change);
    }
    let mut findings = Vec::new();
    for (resource_type, added) in made {
        let Some(quota) = Quota::of_type(resource_type) else { continue };
        let used = quota.used(cloud, region);
        if used + added.len() <= quota.most {
            continue;
        }
        let going = changes.iter().filter(goes).filter(|change| change.resource_type == resource_type).count();
        let note = if going == 0 { String::new() } else { format!(" {going} of them are deleted only afterwards.") };
        let reason = format!(
            "The account has {used} of at most {} {} in this scope and the change set adds {}.{note} Request a quota \
             increase in Service Quotas or remove resources before you execute the change set.",
            quota.most,
            quota.things,
            added.len(),
        );
        findings.extend(added.iter().map(|change| {
            ValidationFinding::new(Check::ServiceQuota, &change.logical_id, resource_type, reason.clone(), "")
        }));
    }
    findings
}
