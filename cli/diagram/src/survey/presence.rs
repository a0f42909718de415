//! Which kinds of things are in which regions.

use crate::landscape::{Id, Landscape};
use crate::picture::Kind;
use crate::survey::replicas;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// Items by region and kind. What a resource of one region keeps in another counts in both.
#[derive(Debug)]
pub(crate) struct Presence {
    items: BTreeMap<(String, Kind), Vec<Id>>,
    kinds: BTreeMap<Id, Kind>,
}

impl Presence {
    pub(crate) fn new(landscape: &Landscape<'_>) -> Self {
        let sites = sites(landscape);
        let replicated = replicas::has_replicated_tables(landscape);
        let zones = landscape.of_type("AWS::Route53::HostedZone");
        let zone_region = zones.first().map(|zone| landscape.region(*zone));
        let mut presence = Self { items: BTreeMap::new(), kinds: BTreeMap::new() };
        for id in landscape.ids() {
            let Some(kind) = kind_of(landscape, id, &sites, replicated) else { continue };
            presence.kinds.insert(id, kind);
            let mut regions = replicas::regions(landscape, id);
            let own = landscape.region(id);
            // Names are in no region: they belong to their zone, whichever region's stack makes them.
            let own = if kind == Kind::Names { zone_region.unwrap_or(own) } else { own };
            regions.insert(own.to_owned());
            for region in regions {
                presence.items.entry((region, kind)).or_default().push(id);
            }
        }
        presence
    }

    pub(crate) fn kind(&self, id: Id) -> Option<Kind> {
        self.kinds.get(&id).copied()
    }

    pub(crate) fn is_in(&self, region: &str, kind: Kind) -> bool {
        self.items.contains_key(&(region.to_owned(), kind))
    }

    pub(crate) fn of(&self, region: &str, kind: Kind) -> &[Id] {
        self.items.get(&(region.to_owned(), kind)).map_or(&[], Vec::as_slice)
    }

    /// Kinds of a region, in order, with their items.
    pub(crate) fn in_region<'a>(&'a self, region: &'a str) -> impl Iterator<Item = (Kind, &'a [Id])> {
        self.items.iter().filter(move |((place, _), _)| place == region).map(|((_, kind), ids)| (*kind, ids.as_slice()))
    }

    pub(crate) fn regions(&self) -> BTreeSet<&str> {
        self.items.keys().map(|(region, _)| region.as_str()).collect()
    }

    /// The region of whatever is in no region, which is managed from one.
    pub(crate) fn edge_region(&self) -> Option<&str> {
        let edge = |kind: Kind| matches!(kind, Kind::Names | Kind::Delivery);
        self.items.keys().find(|(_, kind)| edge(*kind)).map(|(region, _)| region.as_str())
    }
}

/// Buckets from which a distribution serves.
fn sites(landscape: &Landscape<'_>) -> BTreeSet<Id> {
    let distributions = landscape.of_type("AWS::CloudFront::Distribution");
    let origins = distributions.iter().flat_map(|id| origins(landscape, *id));
    origins.flat_map(|(_, buckets)| buckets).collect()
}

/// A distribution's origins by their own names, with the buckets behind them.
pub(crate) fn origins(landscape: &Landscape<'_>, distribution: Id) -> Vec<(String, Vec<Id>)> {
    let origins = landscape.list(distribution, &["DistributionConfig", "Origins"]);
    let Some(item) = landscape.item(distribution) else { return Vec::new() };
    let described = origins.iter().map(|origin| {
        let name = origin.get("Id").and_then(|name| landscape.text(item.stack, name)).unwrap_or_default();
        let domain = origin.get("DomainName").unwrap_or(&Json::Null);
        let mut buckets: Vec<Id> = landscape.targets(distribution, domain).into_iter().collect();
        buckets.retain(|id| landscape.resource_type(*id) == "AWS::S3::Bucket");
        if buckets.is_empty() {
            let text = landscape.text(item.stack, domain).unwrap_or_default();
            let bucket = text.split(".s3").next().unwrap_or_default();
            buckets = landscape.named(bucket).to_vec();
        }
        (name, buckets)
    });
    described.collect()
}

fn kind_of(landscape: &Landscape<'_>, id: Id, sites: &BTreeSet<Id>, replicated_tables: bool) -> Option<Kind> {
    let service_and_type = landscape.resource_type(id).strip_prefix("AWS::")?;
    Some(match service_and_type {
        "Route53::HostedZone" | "Route53::RecordSet" | "Route53::HealthCheck" => Kind::Names,
        "CloudFront::Distribution" => Kind::Delivery,
        "ApiGateway::RestApi" | "ApiGateway::DomainName" => Kind::Door,
        "Cognito::UserPool" => Kind::Identity,
        "S3::Bucket" if sites.contains(&id) => Kind::Site,
        "S3::Bucket" => Kind::Buckets,
        // Beside tables with replicas, one without is single-region on purpose.
        "DynamoDB::GlobalTable" if replicated_tables && replicas::regions(landscape, id).is_empty() => {
            Kind::LocalTables
        }
        "DynamoDB::GlobalTable" => Kind::Tables,
        "SecretsManager::Secret" => Kind::Secrets,
        "KMS::Key" | "KMS::ReplicaKey" => Kind::Keys,
        "ECR::Repository" | "ECR::RepositoryCreationTemplate" => Kind::Images,
        "SQS::Queue" => Kind::Queue,
        "SES::EmailIdentity" | "SES::ConfigurationSet" => Kind::Mail,
        "DAX::Cluster" => Kind::Cache,
        "Backup::BackupVault" | "Backup::BackupPlan" => Kind::Backup,
        "CloudWatch::Alarm" | "CloudWatch::CompositeAlarm" | "CloudWatch::Dashboard" | "Logs::LogGroup" => Kind::Watch,
        "SNS::Topic" => Kind::Topics,
        "Lambda::Function" => Kind::Functions,
        "Events::Rule" => Kind::Events,
        "SSM::Parameter" => Kind::Parameters,
        "CertificateManager::Certificate" => Kind::Certificates,
        "Budgets::Budget" => Kind::Budget,
        "IAM::OIDCProvider" => Kind::Trust,
        "ApiGatewayV2::VpcLink" => Kind::Link,
        "ElasticLoadBalancingV2::LoadBalancer" => Kind::Balancer,
        "ECS::Cluster" => Kind::Cluster,
        "ECS::Service" => Kind::Service,
        "EC2::NatGateway" => Kind::Nat,
        _ => return None,
    })
}
