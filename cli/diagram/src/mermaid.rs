//! A picture as a Mermaid flowchart, for places that draw Mermaid themselves.

use crate::picture::{Card, CardId, Cluster, Flow, FlowKind, Network, Picture, Region, Service, Tasks};
use std::collections::{BTreeMap, BTreeSet};

/// The picture as the text of a flowchart.
#[must_use]
pub fn write(picture: &Picture) -> String {
    let mut chart = Chart { lines: Vec::new(), depth: 1, nodes: BTreeMap::new() };
    chart.line(&format!("accTitle: {}", picture.title));
    chart.line(&format!("accDescr: {}", picture.extent));
    let called = |id: &CardId| picture.flows.iter().any(|flow| flow.to == *id || flow.from == *id);
    if called(&CardId::callers()) {
        chart.node(&CardId::callers(), &[&picture.callers], Shape::Round);
    }
    if let Some(global) = &picture.global {
        chart.open("global", &format!("Global, managed from {}", global.region));
        for card in global.names.iter().chain(&global.delivery) {
            chart.card(card);
        }
        chart.close();
    }
    for region in &picture.regions {
        chart.region(region);
    }
    if called(&CardId::partners()) {
        chart.node(&CardId::partners(), &[&picture.partners.join(", ")], Shape::Round);
    }
    chart.flows(picture);
    format!("flowchart TB\n{}\n", chart.lines.join("\n"))
}

#[derive(Clone, Copy)]
enum Shape {
    Box,
    Round,
}

struct Chart {
    lines: Vec<String>,
    depth: usize,
    /// Short names, since Mermaid's own may not contain every character.
    nodes: BTreeMap<CardId, String>,
}

impl Chart {
    fn line(&mut self, text: &str) {
        self.lines.push(format!("{}{text}", "  ".repeat(self.depth)));
    }

    fn open(&mut self, id: &str, title: &str) {
        self.line(&format!("subgraph {}[\"{}\"]", identifier(id), escape(title)));
        self.depth += 1;
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.line("end");
    }

    fn node(&mut self, id: &CardId, lines: &[&str], shape: Shape) {
        let text: Vec<String> = lines.iter().filter(|line| !line.is_empty()).map(|line| escape(line)).collect();
        let text = text.join("<br/>");
        let name = identifier(id.as_str());
        match shape {
            Shape::Box => self.line(&format!("{name}[\"{text}\"]")),
            Shape::Round => self.line(&format!("{name}([\"{text}\"])")),
        }
        self.nodes.insert(id.clone(), name);
    }

    fn card(&mut self, card: &Card) {
        let guard = card.guard.as_ref().map(|guard| format!("behind {guard}"));
        let names = card.names.join(", ");
        let lines = std::iter::once(card.title.as_str()).chain(card.facts.iter().map(String::as_str));
        let lines: Vec<&str> = lines.chain(guard.as_deref()).chain([names.as_str()]).collect();
        self.node(&card.id, &lines, Shape::Box);
    }

    fn region(&mut self, region: &Region) {
        self.open(&region.code, &format!("{}, {}", region.city, region.code));
        for card in region.door.iter().chain(&region.identity) {
            self.card(card);
        }
        if let Some(network) = &region.network {
            self.network(&region.code, network);
        }
        for card in region.shelf.iter().chain(&region.operations) {
            self.card(card);
        }
        self.close();
    }

    fn network(&mut self, region: &str, network: &Network) {
        self.open(&format!("{region}.vpc"), &format!("VPC {}", network.cidr));
        for card in network.link.iter().chain(&network.balancer) {
            self.card(card);
        }
        if let Some(cluster) = &network.cluster {
            self.cluster(cluster, network);
        }
        if let Some(cache) = &network.cache {
            self.card(cache);
        }
        for zone in &network.zones {
            let subnets = [("private", &zone.private_cidr), ("public", &zone.public_cidr)];
            let subnets: Vec<String> =
                subnets.iter().filter_map(|(kind, cidr)| Some(format!("{kind} {}", cidr.as_ref()?))).collect();
            self.open(
                &format!("{region}.zone.{}", zone.letter),
                &format!("Zone {}: {}", zone.letter, subnets.join(", ")),
            );
            if let Some(nat) = &zone.nat {
                self.card(nat);
            }
            self.close();
        }
        self.close();
    }

    fn cluster(&mut self, cluster: &Cluster, network: &Network) {
        let letters: Vec<&str> = network.zones.iter().map(|zone| zone.letter.as_str()).collect();
        if cluster.services.is_empty() {
            self.node(&cluster.id, &["ECS on Fargate", "nothing runs yet"], Shape::Box);
            return;
        }
        let title = format!("ECS on Fargate, private subnets of zones {}", letters.join(" and "));
        self.open(cluster.id.as_str(), &title);
        self.nodes.insert(cluster.id.clone(), identifier(cluster.id.as_str()));
        for service in &cluster.services {
            self.service(service);
        }
        self.close();
    }

    fn service(&mut self, service: &Service) {
        let tasks = match service.tasks {
            Tasks::Defined => "task definition".to_owned(),
            Tasks::Running { desired: 0, .. } => "no tasks yet".to_owned(),
            Tasks::Running { desired, most } => format!("{desired} to {most} tasks"),
        };
        self.node(&service.id, &[&service.name, &tasks, &service.size], Shape::Box);
    }

    fn flows(&mut self, picture: &Picture) {
        let mut drawn = BTreeSet::new();
        for flow in &picture.flows {
            let Flow { from, to, kind } = flow;
            let (Some(from), Some(to)) = (self.nodes.get(from).cloned(), self.nodes.get(to).cloned()) else { continue };
            let arrow = match kind {
                FlowKind::Traffic => "-->",
                FlowKind::Standby => "-. after a fail-over .->",
                FlowKind::Copies => "== replicates ==>",
                FlowKind::Mirrors => "<== replicates ==>",
                FlowKind::Event => "-. starts .->",
            };
            if drawn.insert((from.clone(), to.clone(), *kind)) {
                self.line(&format!("{from} {arrow} {to}"));
            }
        }
    }
}

/// Letters, digits and underlines.
fn identifier(text: &str) -> String {
    text.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect()
}

/// Mermaid reads HTML entities in quoted text.
fn escape(text: &str) -> String {
    text.replace('&', "#amp;").replace('"', "#quot;").replace('<', "#lt;").replace('>', "#gt;")
}
