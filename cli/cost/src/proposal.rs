//! The proposal of 2021, by the rules of today: which of its lines is made of what.
//!
//! The quantities come from the same rules as every estimate, over the templates of `proposal-2021.yaml` and its usage. What is
//! here is only which resources and which of their charges the proposal counted at all; the rest is listed by name.

use crate::book::PriceBook;
use crate::charge::Charge;
use crate::estimate::{Estimate, Line, Missing, estimate_in};
use crate::figures::Figures;
use crate::inventory::{Resource, ResourceName};
use crate::item::{Item, Service};
use crate::problem::Unpriceable;
use crate::rules::LogKind;
use crate::survey::{Scope, Subject};
use como_config::{Kind, Scenario};

/// Which of the proposal's two environments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proposed {
    Production,
    Development,
}

/// A line of the proposal: its number, and what its amount is made of.
struct ProposedLine {
    id: &'static str,
    service: Service,
    /// Of Singapore unless it says otherwise.
    region: Option<&'static str>,
    items: &'static [Item],
}

const fn of(id: &'static str, service: Service, items: &'static [Item]) -> ProposedLine {
    ProposedLine { id, service, region: None, items }
}

const PRODUCTION: [ProposedLine; 16] = [
    of("P01", Service::ApiGateway, &[Item::RestRequest]),
    of("P02", Service::DynamoDb, &[Item::TableStorage]),
    of("P03", Service::Dax, &[Item::DaxNode]),
    of("P04", Service::NatGateway, &[Item::NatHour, Item::NatGb]),
    of("P05", Service::InterfaceEndpoint, &[Item::EndpointHour, Item::EndpointGb]),
    of("P06", Service::Sqs, &[Item::FifoRequest]),
    of(
        "P07",
        Service::CloudWatch,
        &[Item::Metric, Item::LogGb, Item::VendedLogGb, Item::LogToS3Gb, Item::StoredLog, Item::CustomEvent],
    ),
    of("P08", Service::SecretsManager, &[Item::SecretMonth, Item::SecretCall]),
    of("P09", Service::Cognito, &[Item::Member, Item::AdvancedSecurityMember]),
    of("P10", Service::Ecr, &[Item::ImageStorage]),
    of("P11", Service::Waf, &[Item::Acl, Item::AclRule, Item::AclRequest]),
    of("P12", Service::Fargate, &[Item::Vcpu, Item::TaskGb]),
    of("P13", Service::Route53, &[Item::HostedZone, Item::HealthCheck, Item::FirewallDomain, Item::DnsQuery]),
    of("P14", Service::LoadBalancer, &[Item::LoadBalancerHour, Item::LoadBalancerLcu]),
    ProposedLine { id: "P15", service: Service::Ecr, region: Some("ap-southeast-2"), items: &[Item::ImageStorage] },
    of("P16", Service::Lambda, &[Item::LambdaRequest]),
];

const DEVELOPMENT: [ProposedLine; 12] = [
    of("D01", Service::Route53, &[Item::HostedZone, Item::HealthCheck, Item::DnsQuery]),
    of("D02", Service::ApiGateway, &[Item::RestRequest]),
    of("D03", Service::DynamoDb, &[Item::TableStorage]),
    of("D04", Service::NatGateway, &[Item::NatHour, Item::NatGb]),
    of("D05", Service::InterfaceEndpoint, &[Item::EndpointHour, Item::EndpointGb]),
    of("D06", Service::Sqs, &[Item::FifoRequest]),
    of("D07", Service::CloudWatch, &[Item::Metric, Item::LogGb, Item::VendedLogGb, Item::StoredLog, Item::CustomEvent]),
    of("D08", Service::SecretsManager, &[Item::SecretMonth, Item::SecretCall]),
    of("D09", Service::Cognito, &[Item::Member, Item::AdvancedSecurityMember]),
    of("D10", Service::Ecr, &[Item::ImageStorage]),
    of("D11", Service::Fargate, &[Item::Vcpu, Item::TaskGb]),
    of("D12", Service::Lambda, &[Item::LambdaRequest]),
];

/// The one interface endpoint of the proposal; which service it led to is not said, and all cost the same.
const ENDPOINT: &str = "secretsmanager";

impl Proposed {
    fn lines(self) -> &'static [ProposedLine] {
        match self {
            Self::Production => &PRODUCTION,
            Self::Development => &DEVELOPMENT,
        }
    }

    fn has(self, item: Item) -> bool {
        self.lines().iter().any(|line| line.items.contains(&item))
    }
}

impl Scope for Proposed {
    fn has_resource(&self, resource: &Resource<'_>, log_kind: Option<LogKind>) -> bool {
        match resource.kind() {
            // The rules count what is in scope, so that what the proposal's one has is not shared by today's five.
            "AWS::EC2::VPCEndpoint" => {
                let name = resource.get("ServiceName").map(ToString::to_string).unwrap_or_default();
                resource.text("VpcEndpointType") != Some("Interface") || name.contains(ENDPOINT)
            }
            "AWS::Logs::LogGroup" => matches!(log_kind, Some(LogKind::Service | LogKind::Flow)),
            // The proposal has one, with the rules of that in front of the API.
            "AWS::WAFv2::WebACL" => *self == Self::Production && resource.text("Scope") == Some("REGIONAL"),
            "AWS::ElasticLoadBalancingV2::LoadBalancer" => self.has(Item::LoadBalancerHour),
            _ => true,
        }
    }

    fn has_charge(&self, _: &ResourceName, charge: &Charge) -> bool {
        self.has(charge.priced.item)
    }

    fn is_proposal(&self) -> bool {
        true
    }
}

/// One of the two environments of a proposal, under the numbers of its lines.
///
/// # Errors
/// Everything that has no price: its usage or the book of its time lacks something.
pub fn proposed(subject: &Subject<'_>, book: &PriceBook, missing: Missing) -> Result<Estimate, Unpriceable> {
    let which = match subject.environment.kind() {
        Kind::Production | Kind::Recovery => Proposed::Production,
        Kind::Development => Proposed::Development,
    };
    let figures = Figures::new(subject.file, subject.environment.usage(), Scenario::Expected);
    let mut estimate = estimate_in(subject, &which, &figures, book, missing)?;
    for line in &mut estimate.lines {
        if let Some(number) = number(which, line, &estimate.region) {
            line.id = number.to_owned();
        }
    }
    estimate.lines.sort_by(|left, right| left.id.cmp(&right.id));
    Ok(estimate)
}

fn number(which: Proposed, line: &Line, home: &str) -> Option<&'static str> {
    let is_of = |proposed: &&ProposedLine| {
        let region = proposed.region.unwrap_or(home);
        proposed.service == line.service && (line.service.is_global() || region == line.region)
    };
    which.lines().iter().find(is_of).map(|proposed| proposed.id)
}

/// What the proposal calls its environments.
#[must_use]
pub const fn proposed_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Production | Kind::Recovery => "prod",
        Kind::Development => "dev",
    }
}
