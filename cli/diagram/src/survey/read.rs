//! A picture of assemblies.

use crate::landscape::Landscape;
use crate::picture::{Card, Global, Kind, Outside, Picture, Place, Region};
use crate::survey::presence::Presence;
use crate::survey::{SurveyError, cards, flows, network, replicas};
use crate::words::{city, count};
use como_core::assembly::Assembly;

/// What the assemblies' templates have, sorted into places; stacks that several assemblies share count once.
///
/// # Errors
/// When two VPCs would have to stand in one region, and when there is nothing to draw.
pub fn survey(assemblies: &[&Assembly], outside: &Outside) -> Result<Picture, SurveyError> {
    let landscape = Landscape::new(assemblies);
    let presence = Presence::new(&landscape);
    let edge = presence.edge_region().map(str::to_owned);
    let mut regions = Vec::new();
    let mut global = None;
    for code in presence.regions() {
        let region = region(&landscape, &presence, code)?;
        let is_edge = edge.as_deref() == Some(code);
        if is_edge {
            global = Some(edge_of(&landscape, &presence, &region));
        }
        if !is_edge || region.network.is_some() {
            regions.push(region);
        }
    }
    if regions.is_empty() && global.is_none() {
        return Err(SurveyError::Nothing);
    }
    // Where the first assembly has most of its resources is home.
    let weight = |region: &Region| {
        let stacks = assemblies.first().into_iter().flat_map(|assembly| &assembly.stacks);
        let here = stacks.filter(|stack| stack.region == region.code);
        here.map(|stack| stack.template.resources.len()).sum::<usize>()
    };
    regions.sort_by_key(|region| std::cmp::Reverse((weight(region), region.network.is_some())));
    let mut flows = flows::flows(&landscape, &presence, &regions, outside);
    flows.extend(replicas::flows(&landscape, &presence));
    let places = presence.regions().len();
    Ok(Picture {
        title: outside.title.clone(),
        extent: format!(
            "{}, {} in {}",
            count(landscape.stack_count(), "stack"),
            count(landscape.resource_count(), "resource"),
            count(places, "region"),
        ),
        callers: outside.callers.clone(),
        partners: outside.partners.clone(),
        global,
        regions,
        flows: flows.into_iter().collect(),
    })
}

fn region(landscape: &Landscape<'_>, presence: &Presence, code: &str) -> Result<Region, SurveyError> {
    let all: Vec<Card> =
        presence.in_region(code).filter_map(|(kind, _)| cards::card(landscape, presence, code, kind)).collect();
    let at = |place: Place| all.iter().filter(move |card| card.kind.place() == place).cloned().collect::<Vec<_>>();
    let only = |kind: Kind| all.iter().find(|card| card.kind == kind).cloned();
    Ok(Region {
        code: code.to_owned(),
        city: city(code).to_owned(),
        door: only(Kind::Door),
        identity: only(Kind::Identity),
        network: network::network(landscape, code)?,
        shelf: at(Place::Shelf),
        operations: at(Place::Operations),
    })
}

fn edge_of(landscape: &Landscape<'_>, presence: &Presence, region: &Region) -> Global {
    let cards = region.shelf.iter().chain(&region.operations);
    Global {
        region: region.code.clone(),
        names: cards::card(landscape, presence, &region.code, Kind::Names),
        delivery: cards::card(landscape, presence, &region.code, Kind::Delivery),
        beside: cards.flat_map(|card| card.facts.first().cloned()).collect(),
    }
}
