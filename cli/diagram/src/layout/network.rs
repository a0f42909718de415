//! A VPC: zones side by side, what spans them as bars across.

use crate::layout::canvas::{Canvas, DETAIL, Frame, QUIET, TITLE};
use crate::layout::cards;
use crate::picture::{Card, CardId, Cluster, Endpoint, FlowKind, Kind, Network, Place, Region, Zone};
use crate::scene::{Anchor, Area, Font, Point, Surface};
use crate::text;
use std::collections::BTreeSet;

const PAD: f64 = 9.0;
const HEADER: f64 = 22.0;
/// Where the lines to the shelf run, on the inner side.
const BUS: f64 = 26.0;
const ZONE_HEADER: f64 = 18.0;
const ZONE_GAP: f64 = 8.0;
const SUBNET_LABEL: f64 = 17.0;
const BAR: f64 = 30.0;
const STEP: f64 = 15.0;
const CLUSTER_HEADER: f64 = 20.0;
const SERVICE_GAP: f64 = 5.0;
const NAT: f64 = 38.0;
/// Below the zones, where the ways out meet.
const FOOT: f64 = 18.0;
const PORT: f64 = 9.0;
/// Where the way through a NAT gateway runs, from its right side, clear of its subnet's label.
const WAY: f64 = 11.0;

/// The height that the network needs.
pub(crate) fn height(network: &Network) -> f64 {
    HEADER + ZONE_HEADER + private_height(network) + public_height(network) + FOOT
}

fn private_height(network: &Network) -> f64 {
    let bars = network.link.iter().chain(&network.balancer).chain(&network.cache);
    let bars: f64 = bars.map(|_| BAR + STEP).sum();
    let cluster = network.cluster.as_ref().map_or(0.0, |cluster| cluster_height(cluster) + 9.0);
    SUBNET_LABEL + bars + cluster + 4.0
}

fn cluster_height(cluster: &Cluster) -> f64 {
    let services: f64 = cluster.services.iter().map(|_| BAR + SERVICE_GAP).sum();
    CLUSTER_HEADER + services.max(16.0) + 4.0
}

fn public_height(network: &Network) -> f64 {
    let is_public = network.zones.iter().any(|zone| zone.public_cidr.is_some());
    if is_public { 8.0 + SUBNET_LABEL + NAT + 7.0 } else { 0.0 }
}

/// The middle of the zones of a network of this width, from its outer side.
pub(crate) fn zones_middle(width: f64) -> f64 {
    PAD + (width - PAD - BUS) / 2.0
}

/// Draws the network into `area`, whose spare height goes to the private subnets.
pub(crate) fn network(canvas: &mut Canvas<'_>, network: &Network, frame: Frame, area: Area) {
    canvas.scene.panel(area, 9.0, Surface::Network, None);
    // Where the picture is mirrored, what leaves the VPC runs along this side.
    let title = Point { x: area.x + if frame.mirrored { BUS } else { 10.0 }, y: area.y + 15.0 };
    canvas.scene.label("VPC", title, Anchor::Start, TITLE);
    let cidr = text::fit(&network.cidr, area.width / 2.0 - 60.0, QUIET.size, QUIET.weight);
    canvas.scene.label(&cidr, Point { x: title.x + 32.0, y: title.y }, Anchor::Start, QUIET);
    let zones_x = if frame.mirrored { area.x + BUS } else { area.x + PAD };
    let width = area.width - PAD - BUS;
    let zones = Area::new(zones_x, area.y + HEADER, width, area.height - HEADER - FOOT);
    let public = public_height(network);
    let parts = split(&zones, network.zones.len());
    for (zone, part) in network.zones.iter().zip(&parts) {
        draw_zone(canvas, zone, *part, public);
    }
    let top = zones.y + ZONE_HEADER + SUBNET_LABEL;
    let spare = zones.height - ZONE_HEADER - private_height(network) - public;
    let inner = Area::new(zones.x + 8.0, top, zones.width - 16.0, zones.height);
    bars(canvas, network, inner, spare.max(0.0), &parts);
}

fn split(zones: &Area, number: usize) -> Vec<Area> {
    let ones: f64 = (0..number).map(|_| 1.0).sum();
    let width = (zones.width - ZONE_GAP * (ones - 1.0)) / ones;
    let mut x = zones.x;
    let mut parts = Vec::new();
    for _ in 0..number {
        parts.push(Area::new(x, zones.y, width, zones.height));
        x += width + ZONE_GAP;
    }
    parts
}

fn draw_zone(canvas: &mut Canvas<'_>, zone: &Zone, area: Area, public: f64) {
    canvas.scene.panel(area, 7.0, Surface::Zone, None);
    let name = format!("Zone {}", zone.letter);
    let at = Point { x: area.x + 8.0, y: area.y + 13.0 };
    canvas.scene.label(&name, at, Anchor::Start, Font { size: 10.5, ..TITLE });
    let subnet = |canvas: &mut Canvas<'_>, area: Area, surface: Surface, words: &str, cidr: &str| {
        canvas.scene.panel(area, 5.0, surface, None);
        let words = text::fit(&format!("{words} {cidr}"), area.width - 30.0, DETAIL.size, DETAIL.weight);
        canvas.scene.label(&words, Point { x: area.x + 6.0, y: area.y + 12.0 }, Anchor::Start, QUIET);
    };
    let inner = Area::new(area.x + 4.0, area.y + ZONE_HEADER, area.width - 8.0, area.height - ZONE_HEADER - 4.0);
    if let Some(cidr) = &zone.private_cidr {
        let private = Area { height: inner.height - public, ..inner };
        subnet(canvas, private, Surface::PrivateSubnet, "private", cidr);
    }
    if let Some(cidr) = &zone.public_cidr {
        let height = public - 8.0;
        let place = Area::new(inner.x, inner.bottom() - height, inner.width, height);
        subnet(canvas, place, Surface::PublicSubnet, "public", cidr);
        if let Some(nat) = &zone.nat {
            let area = Area::new(place.x + 5.0, place.y + SUBNET_LABEL, place.width - 10.0, NAT);
            cards::small(canvas, nat, area);
        }
    }
}

/// Link, load balancer, services and cache, from top to bottom.
fn bars(canvas: &mut Canvas<'_>, network: &Network, inner: Area, spare: f64, zones: &[Area]) {
    let services = network.cluster.as_ref().map_or(0, |cluster| cluster.services.len());
    let spare_of_each = if services == 0 { 0.0 } else { spare / (0..services).map(|_| 1.0).sum::<f64>() };
    let grown = (BAR + spare_of_each).min(40.0);
    let mut y = inner.y;
    for card in network.link.iter().chain(&network.balancer) {
        cards::bar(canvas, card, Area::new(inner.x, y, inner.width, BAR));
        y += BAR + STEP;
    }
    if let Some(cluster) = &network.cluster {
        let height = cluster_height(cluster) + cluster.services.iter().map(|_| grown - BAR).sum::<f64>();
        let area = Area::new(inner.x, y, inner.width, height);
        draw_cluster(canvas, cluster, area, grown, zones);
        y += height + 9.0 + 6.0;
    }
    if let Some(cache) = &network.cache {
        // The ways to the NAT gateways run past it.
        cards::bar(canvas, cache, Area::new(inner.x, y, inner.width * 0.38, BAR));
    }
}

fn draw_cluster(canvas: &mut Canvas<'_>, cluster: &Cluster, area: Area, bar: f64, zones: &[Area]) {
    canvas.scene.panel(area, 7.0, Surface::Cluster, None);
    let at = Point { x: area.x + 8.0, y: area.y + 14.0 };
    canvas.scene.label(Kind::Cluster.title(), at, Anchor::Start, Font { size: 10.5, ..TITLE });
    let sizes: BTreeSet<&str> = cluster.services.iter().map(|service| service.size.as_str()).collect();
    let words = match (cluster.services.len(), sizes.first()) {
        (0, _) => "nothing runs yet".to_owned(),
        (_, Some(size)) if sizes.len() == 1 && !size.is_empty() => format!("{size} a task"),
        _ => String::new(),
    };
    let end = Point { x: area.right() - 8.0, y: at.y };
    canvas.scene.label(&words, end, Anchor::End, QUIET);
    let mut y = area.y + CLUSTER_HEADER;
    for service in &cluster.services {
        cards::service(canvas, service, Area::new(area.x + 6.0, y, area.width - 12.0, bar), zones);
        y += bar + SERVICE_GAP;
    }
    canvas.put(&cluster.id, area);
}

/// The arrows within a region: requests down to the tasks, from there to the shelf and out to the partners.
pub(crate) fn arrows(canvas: &mut Canvas<'_>, region: &Region, frame: Frame) {
    let code = region.code.as_str();
    let id = |kind: Kind| CardId::new(code, kind);
    for (from, to) in [(Kind::Door, Kind::Link), (Kind::Door, Kind::Balancer), (Kind::Link, Kind::Balancer)] {
        if canvas.has_flow(&id(from), &id(to)) {
            down(canvas, &id(from), &id(to));
        }
    }
    if canvas.has_flow(&id(Kind::Door), &id(Kind::Identity))
        && let (Some(door), Some(identity)) = (canvas.area(&id(Kind::Door)), canvas.area(&id(Kind::Identity)))
    {
        let y = identity.middle().y;
        let start = if door.x < identity.x { door.right() } else { door.x };
        let end = if door.x < identity.x { identity.x } else { identity.right() };
        canvas.traffic(&[(start, y), (end, y)]);
    }
    let Some(network) = &region.network else { return };
    let Some(cluster) = &network.cluster else { return };
    if cluster.services.iter().any(|service| canvas.has_flow(&id(Kind::Balancer), &service.id)) {
        down(canvas, &id(Kind::Balancer), &cluster.id);
    }
    let reached = reached(canvas, cluster);
    if reached.contains(&id(Kind::Cache)) {
        down(canvas, &cluster.id, &id(Kind::Cache));
    }
    bus(canvas, region, cluster, network, frame, &reached);
    ways_out(canvas, network, cluster, frame);
}

fn down(canvas: &mut Canvas<'_>, from: &CardId, to: &CardId) {
    if let (Some(from), Some(to)) = (canvas.area(from), canvas.area(to)) {
        let x = to.middle().x.clamp(from.x, from.right());
        canvas.traffic(&[(x, from.bottom()), (x, to.y)]);
    }
}

/// What any of the cluster's services calls.
fn reached(canvas: &Canvas<'_>, cluster: &Cluster) -> BTreeSet<CardId> {
    let services = cluster.services.iter().flat_map(|service| canvas.flows_from(&service.id));
    services.filter(|flow| flow.kind == FlowKind::Traffic).map(|flow| flow.to.clone()).collect()
}

/// One line from the services along the shelf, with a branch to each card.
fn bus(
    canvas: &mut Canvas<'_>,
    region: &Region,
    cluster: &Cluster,
    network: &Network,
    frame: Frame,
    reached: &BTreeSet<CardId>,
) {
    let Some(from) = canvas.area(&cluster.id) else { return };
    let border = border(canvas, region, frame);
    let x = frame.inward(frame.inner(&from), (BUS + 8.0) / 2.0 - 2.0);
    let start = from.middle().y;
    let shelf: Vec<&Card> = region.shelf.iter().filter(|card| reached.contains(&card.id)).collect();
    let mut ends = vec![start];
    for card in &shelf {
        let Some(area) = canvas.area(&card.id) else { continue };
        let y = area.middle().y;
        ends.push(y);
        canvas.traffic(&[(x, y), (frame.outer(&area), y)]);
        port(canvas, network, card.kind, (border, y));
    }
    if let Some(identity) = region.identity.as_ref().filter(|card| reached.contains(&card.id))
        && let Some(area) = canvas.area(&identity.id)
    {
        let y = area.bottom() + 10.0;
        ends.push(y);
        let side = frame.inward(frame.outer(&area), 20.0);
        canvas.traffic(&[(x, y), (side, y), (side, area.bottom())]);
    }
    let top = ends.iter().copied().fold(start, f64::min);
    let bottom = ends.iter().copied().fold(start, f64::max);
    if 1 < ends.len() {
        canvas.wire(&[(x, top), (x, bottom)]);
        canvas.wire(&[(frame.inner(&from), start), (x, start)]);
    }
}

/// The network's border towards the shelf.
fn border(canvas: &Canvas<'_>, region: &Region, frame: Frame) -> f64 {
    let shelf = region.shelf.iter().find(|card| card.kind.place() == Place::Shelf);
    let area = shelf.and_then(|card| canvas.area(&card.id));
    area.map_or(0.0, |area| frame.inward(frame.outer(&area), -26.0))
}

/// A mark where a branch crosses the border through an endpoint.
fn port(canvas: &mut Canvas<'_>, network: &Network, kind: Kind, at: (f64, f64)) {
    let serves = |endpoint: &&Endpoint| match (endpoint.serves, kind) {
        (Some(Kind::Tables), Kind::LocalTables) => true,
        (serves, kind) => serves == Some(kind),
    };
    let names: Vec<&str> = network.endpoints.iter().filter(serves).map(|endpoint| endpoint.service.as_str()).collect();
    if !names.is_empty() {
        let area = Area::new(at.0 - PORT / 2.0, at.1 - PORT / 2.0, PORT, PORT);
        let note = format!("VPC endpoint {}", names.join(", "));
        canvas.scene.overlay(area, PORT / 2.0, Surface::Port, Some(note));
    }
}

/// From the services through the NAT gateways to the partners.
fn ways_out(canvas: &mut Canvas<'_>, network: &Network, cluster: &Cluster, frame: Frame) {
    let Some(from) = canvas.area(&cluster.id) else { return };
    let Some(partners) = canvas.area(&CardId::partners()) else { return };
    let mut gateways = Vec::new();
    for nat in network.zones.iter().filter_map(|zone| zone.nat.as_ref()) {
        if canvas.has_flow(&cluster.id, &nat.id)
            && let Some(area) = canvas.area(&nat.id)
        {
            let x = area.right() - WAY;
            canvas.traffic(&[(x, from.bottom()), (x, area.y)]);
            gateways.push(area);
        }
    }
    let lane = frame.x(11.0);
    let distance = |area: &Area| (area.right() - lane).abs();
    let Some(furthest) = gateways.iter().copied().max_by(|a, b| distance(a).total_cmp(&distance(b))) else { return };
    let y = furthest.bottom() + 7.0 + 4.0 + FOOT / 2.0;
    for area in &gateways {
        canvas.wire(&[(area.right() - WAY, area.bottom()), (area.right() - WAY, y)]);
    }
    canvas.traffic(&[(furthest.right() - WAY, y), (lane, y), (lane, partners.y)]);
}
