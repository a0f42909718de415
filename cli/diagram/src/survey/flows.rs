//! Who calls whom.

use crate::landscape::{Id, Landscape};
use crate::picture::{CardId, Flow, FlowKind, Kind, Outside, Region};
use crate::survey::presence::{self, Presence};
use crate::survey::{access, network};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// All arrows but those of replication.
pub(crate) fn flows(
    landscape: &Landscape<'_>,
    presence: &Presence,
    regions: &[Region],
    outside: &Outside,
) -> BTreeSet<Flow> {
    let mut flows = Flows { landscape, presence, found: BTreeSet::new() };
    flows.names();
    flows.delivery();
    flows.doors();
    flows.services();
    flows.operations();
    flows.enter();
    for region in regions {
        flows.within(region, outside);
    }
    flows.found
}

struct Flows<'a> {
    landscape: &'a Landscape<'a>,
    presence: &'a Presence,
    found: BTreeSet<Flow>,
}

impl Flows<'_> {
    fn add(&mut self, from: CardId, to: CardId, kind: FlowKind) {
        self.found.insert(Flow { from, to, kind });
    }

    fn card(&self, id: Id) -> Option<CardId> {
        Some(CardId::new(self.landscape.region(id), self.presence.kind(id)?))
    }

    /// Records point at APIs and distributions; the second of a pair answers after a fail-over.
    fn names(&mut self) {
        for record in self.landscape.of_type("AWS::Route53::RecordSet") {
            let secondary = self.landscape.text_at(record, &["Failover"]).as_deref() == Some("SECONDARY");
            let kind = if secondary { FlowKind::Standby } else { FlowKind::Traffic };
            let targets = self.landscape.targets(record, self.landscape.property(record, &["AliasTarget"]));
            for target in targets {
                let wanted = matches!(self.presence.kind(target), Some(Kind::Door | Kind::Delivery));
                if let (true, Some(from), Some(to)) = (wanted, self.card(record), self.card(target)) {
                    self.add(from, to, kind);
                }
            }
        }
    }

    /// The first member of an origin group is asked first; the others when it fails.
    fn delivery(&mut self) {
        for distribution in self.landscape.of_type("AWS::CloudFront::Distribution") {
            let groups = self.landscape.list(distribution, &["DistributionConfig", "OriginGroups", "Items"]);
            let later: BTreeSet<&str> = groups
                .iter()
                .filter_map(|group| group.pointer("/Members/Items")?.as_array())
                .flat_map(|members| members.iter().skip(1))
                .filter_map(|member| member.get("OriginId").and_then(Json::as_str))
                .collect();
            for (name, buckets) in presence::origins(self.landscape, distribution) {
                let kind = if later.contains(name.as_str()) { FlowKind::Standby } else { FlowKind::Traffic };
                for bucket in buckets {
                    if let (Some(from), Some(to)) = (self.card(distribution), self.card(bucket)) {
                        self.add(from, to, kind);
                    }
                }
            }
        }
    }

    /// An API asks its authorizer, and reaches a load balancer through its VPC link.
    fn doors(&mut self) {
        for api in self.landscape.of_type("AWS::ApiGateway::RestApi") {
            let Some(from) = self.card(api) else { continue };
            let targets = self.landscape.targets(api, self.landscape.property(api, &["Body"]));
            let kinds: BTreeSet<Kind> = targets.iter().filter_map(|id| self.presence.kind(*id)).collect();
            let region = self.landscape.region(api);
            if kinds.contains(&Kind::Identity) {
                self.add(from.clone(), CardId::new(region, Kind::Identity), FlowKind::Traffic);
            }
            let way = if kinds.contains(&Kind::Link) { Kind::Link } else { Kind::Balancer };
            if kinds.contains(&way) {
                self.add(from, CardId::new(region, way), FlowKind::Traffic);
            }
            if kinds.contains(&Kind::Link) && kinds.contains(&Kind::Balancer) {
                self.add(CardId::new(region, Kind::Link), CardId::new(region, Kind::Balancer), FlowKind::Traffic);
            }
        }
    }

    fn services(&mut self) {
        for service in self.landscape.of_type("AWS::ECS::Service") {
            let region = self.landscape.region(service).to_owned();
            let definitions = self.landscape.targets_of_type(service, &["TaskDefinition"], "AWS::ECS::TaskDefinition");
            let Some(definition) = definitions.first().copied() else { continue };
            let named = self.landscape.text_at(service, &["ServiceName"]);
            let name = named.unwrap_or_else(|| network::container_name(self.landscape, definition));
            let card = CardId::named(&region, Kind::Service, &name);
            if self.is_balanced(service) {
                self.add(CardId::new(&region, Kind::Balancer), card.clone(), FlowKind::Traffic);
            }
            for (place, kind) in access::of_workload(self.landscape, self.presence, definition) {
                self.add(card.clone(), CardId::new(&place, kind), FlowKind::Traffic);
            }
        }
    }

    /// Whether a rule of a listener forwards to a target group of the service.
    fn is_balanced(&self, service: Id) -> bool {
        let group = "AWS::ElasticLoadBalancingV2::TargetGroup";
        let groups = self.landscape.targets_of_type(service, &["LoadBalancers"], group);
        let rules = self.landscape.of_type("AWS::ElasticLoadBalancingV2::ListenerRule").into_iter().filter(|rule| {
            let targets = self.landscape.targets(*rule, self.landscape.property(*rule, &["Actions"]));
            groups.iter().any(|group| targets.contains(group))
        });
        let listener = "AWS::ElasticLoadBalancingV2::Listener";
        let mut listeners = rules.flat_map(|rule| self.landscape.targets_of_type(rule, &["ListenerArn"], listener));
        listeners.any(|id| {
            let balancer = "AWS::ElasticLoadBalancingV2::LoadBalancer";
            !self.landscape.targets_of_type(id, &["LoadBalancerArn"], balancer).is_empty()
        })
    }

    /// Alarms reach topics, rules start functions.
    fn operations(&mut self) {
        for (resource_type, path) in [
            ("AWS::CloudWatch::Alarm", "AlarmActions"),
            ("AWS::CloudWatch::CompositeAlarm", "AlarmActions"),
            ("AWS::Events::Rule", "Targets"),
        ] {
            for id in self.landscape.of_type(resource_type) {
                for target in self.landscape.targets(id, self.landscape.property(id, &[path])) {
                    let wanted = matches!(self.presence.kind(target), Some(Kind::Topics | Kind::Functions));
                    if let (true, Some(from), Some(to)) = (wanted, self.card(id), self.card(target)) {
                        self.add(from, to, FlowKind::Event);
                    }
                }
            }
        }
    }

    /// Callers ask for names first; without any they know the doors themselves.
    fn enter(&mut self) {
        let edge = self.presence.edge_region().map(str::to_owned);
        if let Some(edge) = edge.filter(|region| self.presence.is_in(region, Kind::Names)) {
            self.add(CardId::callers(), CardId::new(&edge, Kind::Names), FlowKind::Traffic);
            return;
        }
        for region in self.presence.regions() {
            for kind in [Kind::Delivery, Kind::Door] {
                if self.presence.is_in(region, kind) {
                    let to = CardId::new(region, kind);
                    self.found.insert(Flow { from: CardId::callers(), to, kind: FlowKind::Traffic });
                }
            }
        }
    }

    /// Tasks reach the partners through the NAT gateways.
    fn within(&mut self, region: &Region, outside: &Outside) {
        let Some(network) = &region.network else { return };
        let runs = network.cluster.as_ref().filter(|cluster| !cluster.services.is_empty());
        for zone in &network.zones {
            let Some(nat) = zone.nat.as_ref().filter(|nat| nat.title == Kind::Nat.title()) else { continue };
            if let Some(cluster) = runs {
                self.add(cluster.id.clone(), nat.id.clone(), FlowKind::Traffic);
            }
            if !outside.partners.is_empty() {
                self.add(nat.id.clone(), CardId::partners(), FlowKind::Traffic);
            }
        }
    }
}
