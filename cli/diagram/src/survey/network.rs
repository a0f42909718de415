//! A region's VPC and what runs in it.

use crate::landscape::{Id, Landscape};
use crate::picture::{Card, CardId, Cluster, Endpoint, Kind, Network, Service, Tasks, Zone};
use crate::survey::SurveyError;
use crate::words::{count, gigabytes, spoken, vcpu};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// The network of a region, if it has one.
pub(crate) fn network(landscape: &Landscape<'_>, region: &str) -> Result<Option<Network>, SurveyError> {
    let here = |resource_type: &str| -> Vec<Id> {
        landscape.of_type(resource_type).into_iter().filter(|id| landscape.region(*id) == region).collect()
    };
    let vpcs = here("AWS::EC2::VPC");
    let Some(vpc) = vpcs.first().copied() else { return Ok(None) };
    if let Some(other) = vpcs.get(1) {
        let stack = |id: Id| landscape.item(id).map(|item| item.stack.name.clone()).unwrap_or_default();
        let (first, second) = (stack(vpc), stack(*other));
        return Err(SurveyError::TwoNetworks { region: region.to_owned(), first, second });
    }
    let endpoints = here("AWS::EC2::VPCEndpoint").into_iter().filter_map(|id| endpoint(landscape, region, id));
    Ok(Some(Network {
        cidr: landscape.text_at(vpc, &["CidrBlock"]).unwrap_or_default(),
        zones: zones(landscape, region, &here),
        link: here("AWS::ApiGatewayV2::VpcLink").first().map(|_| link(region)),
        balancer: here("AWS::ElasticLoadBalancingV2::LoadBalancer").first().map(|id| balancer(landscape, region, *id)),
        cluster: cluster(landscape, region, &here),
        cache: here("AWS::DAX::Cluster").first().map(|id| cache(landscape, region, *id)),
        endpoints: endpoints.collect(),
    }))
}

type Here<'a> = dyn Fn(&str) -> Vec<Id> + 'a;

fn zones(landscape: &Landscape<'_>, region: &str, here: &Here<'_>) -> Vec<Zone> {
    let public = public_subnets(landscape, here);
    let mut zones: BTreeMap<String, Zone> = BTreeMap::new();
    let mut zone_of = BTreeMap::new();
    for subnet in here("AWS::EC2::Subnet") {
        let name = landscape.text_at(subnet, &["AvailabilityZone"]).unwrap_or_default();
        let letter = name.strip_prefix(region).unwrap_or(&name).to_owned();
        let cidr = landscape.text_at(subnet, &["CidrBlock"]);
        zone_of.insert(subnet, letter.clone());
        let empty = || Zone { letter: letter.clone(), public_cidr: None, private_cidr: None, nat: None };
        let zone = zones.entry(letter.clone()).or_insert_with(empty);
        if public.contains(&subnet) { zone.public_cidr = cidr } else { zone.private_cidr = cidr }
    }
    let mut used = BTreeSet::new();
    for nat in here("AWS::EC2::NatGateway") {
        let addresses = landscape.targets_of_type(nat, &["AllocationId"], "AWS::EC2::EIP");
        let fixed = if addresses.is_empty() { Vec::new() } else { vec!["fixed address".to_owned()] };
        used.extend(addresses);
        for subnet in landscape.targets_of_type(nat, &["SubnetId"], "AWS::EC2::Subnet") {
            let Some(zone) = zone_of.get(&subnet).and_then(|letter| zones.get_mut(letter)) else { continue };
            zone.nat = Some(way_out(region, &zone.letter, Kind::Nat.title(), fixed.clone()));
        }
    }
    // Addresses that nothing uses yet are kept for gateways to come, since partners know them.
    let kept = here("AWS::EC2::EIP").into_iter().filter(|id| !used.contains(id)).count();
    for zone in zones.values_mut().filter(|zone| zone.nat.is_none()).take(kept) {
        zone.nat = Some(way_out(region, &zone.letter, "Fixed address", vec!["kept for later".to_owned()]));
    }
    zones.into_values().collect()
}

fn way_out(region: &str, letter: &str, title: &str, facts: Vec<String>) -> Card {
    Card {
        id: CardId::named(region, Kind::Nat, letter),
        kind: Kind::Nat,
        title: title.to_owned(),
        facts,
        names: Vec::new(),
        guard: None,
    }
}

/// Subnets whose route table has a route through an internet gateway.
fn public_subnets(landscape: &Landscape<'_>, here: &Here<'_>) -> BTreeSet<Id> {
    let routes = here("AWS::EC2::Route")
        .into_iter()
        .filter(|route| !landscape.targets_of_type(*route, &["GatewayId"], "AWS::EC2::InternetGateway").is_empty());
    let tables: BTreeSet<Id> =
        routes.flat_map(|route| landscape.targets_of_type(route, &["RouteTableId"], "AWS::EC2::RouteTable")).collect();
    let associations = here("AWS::EC2::SubnetRouteTableAssociation").into_iter().filter(|association| {
        let table = landscape.targets_of_type(*association, &["RouteTableId"], "AWS::EC2::RouteTable");
        table.iter().any(|table| tables.contains(table))
    });
    associations.flat_map(|id| landscape.targets_of_type(id, &["SubnetId"], "AWS::EC2::Subnet")).collect()
}

fn link(region: &str) -> Card {
    Card {
        id: CardId::new(region, Kind::Link),
        kind: Kind::Link,
        title: Kind::Link.title().to_owned(),
        facts: vec!["private way in".to_owned()],
        names: Vec::new(),
        guard: None,
    }
}

fn balancer(landscape: &Landscape<'_>, region: &str, id: Id) -> Card {
    let scheme = landscape.text_at(id, &["Scheme"]).unwrap_or_else(|| "internet-facing".to_owned());
    let listeners = landscape.of_type("AWS::ElasticLoadBalancingV2::Listener").into_iter().filter(|listener| {
        landscape.targets(*listener, landscape.property(*listener, &["LoadBalancerArn"])).contains(&id)
    });
    let ports = listeners.filter_map(|listener| {
        let protocol = landscape.text_at(listener, &["Protocol"])?;
        Some(format!("{protocol} {}", landscape.text_at(listener, &["Port"])?))
    });
    let facts = std::iter::once(scheme).chain(ports).collect::<Vec<_>>().join(", ");
    Card {
        id: CardId::new(region, Kind::Balancer),
        kind: Kind::Balancer,
        title: Kind::Balancer.title().to_owned(),
        facts: vec![facts],
        names: Vec::new(),
        guard: None,
    }
}

fn cache(landscape: &Landscape<'_>, region: &str, id: Id) -> Card {
    let nodes = landscape.text_at(id, &["ReplicationFactor"]).unwrap_or_default();
    let nodes = nodes.parse().map(|nodes| count(nodes, "node")).unwrap_or(nodes);
    let size = landscape.text_at(id, &["NodeType"]).unwrap_or_default();
    Card {
        id: CardId::new(region, Kind::Cache),
        kind: Kind::Cache,
        title: Kind::Cache.title().to_owned(),
        facts: vec![nodes, size],
        names: Vec::new(),
        guard: None,
    }
}

fn cluster(landscape: &Landscape<'_>, region: &str, here: &Here<'_>) -> Option<Cluster> {
    let mut services: Vec<Service> =
        here("AWS::ECS::Service").into_iter().map(|id| service(landscape, region, id, here)).collect();
    let running: BTreeSet<Id> = here("AWS::ECS::Service")
        .into_iter()
        .flat_map(|id| landscape.targets(id, landscape.property(id, &["TaskDefinition"])))
        .collect();
    for definition in here("AWS::ECS::TaskDefinition") {
        if !running.contains(&definition) {
            let name = container_name(landscape, definition);
            services.push(Service {
                id: CardId::named(region, Kind::Service, &name),
                size: size(landscape, definition),
                name,
                tasks: Tasks::Defined,
            });
        }
    }
    services.sort_by(|left, right| left.name.cmp(&right.name));
    let exists = !services.is_empty() || !here("AWS::ECS::Cluster").is_empty();
    exists.then(|| Cluster { id: CardId::new(region, Kind::Cluster), services })
}

fn service(landscape: &Landscape<'_>, region: &str, id: Id, here: &Here<'_>) -> Service {
    let definitions = landscape.targets_of_type(id, &["TaskDefinition"], "AWS::ECS::TaskDefinition");
    let named = landscape.text_at(id, &["ServiceName"]);
    let name = named
        .or_else(|| definitions.first().map(|definition| container_name(landscape, *definition)))
        .unwrap_or_else(|| spoken(landscape.path(id)));
    let number = |id: Id, key: &str| landscape.text_at(id, &[key]).and_then(|text| text.parse().ok());
    let desired = number(id, "DesiredCount").unwrap_or(1);
    let scaling = here("AWS::ApplicationAutoScaling::ScalableTarget")
        .into_iter()
        .find(|target| landscape.targets(*target, landscape.property(*target, &["ResourceId"])).contains(&id));
    Service {
        id: CardId::named(region, Kind::Service, &name),
        name,
        size: definitions.first().map(|definition| size(landscape, *definition)).unwrap_or_default(),
        tasks: Tasks::Running { desired, most: scaling.and_then(|id| number(id, "MaxCapacity")).unwrap_or(desired) },
    }
}

/// A task's name is its first container's.
pub(crate) fn container_name(landscape: &Landscape<'_>, definition: Id) -> String {
    let containers = landscape.list(definition, &["ContainerDefinitions"]);
    let name = containers.first().and_then(|container| container.get("Name")).and_then(Json::as_str);
    name.map_or_else(|| spoken(landscape.path(definition)), str::to_owned)
}

fn size(landscape: &Landscape<'_>, definition: Id) -> String {
    let cpu = landscape.text_at(definition, &["Cpu"]).and_then(|units| vcpu(&units));
    let memory = landscape.text_at(definition, &["Memory"]).and_then(|memory| gigabytes(&memory));
    cpu.into_iter().chain(memory).collect::<Vec<_>>().join(", ")
}

fn endpoint(landscape: &Landscape<'_>, region: &str, id: Id) -> Option<Endpoint> {
    let name = landscape.text_at(id, &["ServiceName"])?;
    let service = name.strip_prefix(&format!("com.amazonaws.{region}.")).unwrap_or(&name).to_owned();
    let serves = match service.as_str() {
        "dynamodb" => Some(Kind::Tables),
        "secretsmanager" => Some(Kind::Secrets),
        "sqs" => Some(Kind::Queue),
        "kms" => Some(Kind::Keys),
        "email" => Some(Kind::Mail),
        "cognito-idp" => Some(Kind::Identity),
        service if service.starts_with("ecr.") => Some(Kind::Images),
        _ => None,
    };
    Some(Endpoint { service, serves })
}
