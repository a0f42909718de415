//! The whole sheet.

use crate::layout::canvas::{Canvas, Frame};
use crate::layout::{arrows, cards, head, network, region};
use crate::picture::{CardId, Kind, Picture, Region};
use crate::scene::{Area, Scene};
use std::collections::BTreeSet;

pub(crate) const MARGIN: f64 = 18.0;
const GAP: f64 = 118.0;
const ALONE: f64 = 780.0;
const BESIDE: f64 = 586.0;
/// A region that only keeps copies.
const NARROW: f64 = 236.0;
const PARTNERS: f64 = 34.0;

/// The rows of the regions, the same for all, so that what belongs together stands level.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    pub(crate) shelf: Vec<Kind>,
    /// Height of the VPC and of the shelf beside it.
    pub(crate) body: f64,
    pub(crate) operations: usize,
    /// Height of the API's row; none without an API.
    pub(crate) door: f64,
}

/// Puts the picture on a sheet.
#[must_use]
pub fn compose(picture: &Picture) -> Scene {
    let (left, right, others) = sides(picture);
    let rows = rows(left, right);
    let left_width = match right {
        None if others.is_empty() => ALONE,
        _ => BESIDE,
    };
    let right_width = right.map_or(0.0, |right| if right.network.is_some() { BESIDE } else { NARROW });
    let gap = if right.is_some() || !others.is_empty() { GAP } else { 0.0 };
    let width = 2.0 * MARGIN + left_width + gap + right_width;
    let scene = Scene {
        title: picture.title.clone(),
        description: picture.extent.clone(),
        width,
        height: 0.0,
        panels: Vec::new(),
        arrows: Vec::new(),
        overlays: Vec::new(),
        icons: Vec::new(),
        labels: Vec::new(),
    };
    let mut canvas = Canvas::new(picture, scene);
    let middle = MARGIN + left_width + gap / 2.0;
    let door_middle = MARGIN + region::OUTER + network::zones_middle(region::network_width(left_width));
    let top = head::head(&mut canvas, middle, door_middle);
    let height = region::height(&rows);
    let mut frames = Vec::new();
    if let Some(left) = left {
        let frame = Frame { area: Area::new(MARGIN, top, left_width, height), mirrored: false };
        region::region(&mut canvas, left, frame, &rows);
        frames.push((left, frame));
    }
    if let Some(right) = right {
        let area = Area::new(MARGIN + left_width + gap, top, right_width, height);
        let frame = Frame { area, mirrored: true };
        region::region(&mut canvas, right, frame, &rows);
        frames.push((right, frame));
    }
    let mut bottom = top + height;
    for other in others {
        let area = region::small(&mut canvas, other, middle, bottom);
        bottom = area.y - 10.0;
    }
    let mut end = top + height;
    if !picture.partners.is_empty() && picture.flows.iter().any(|flow| flow.to == CardId::partners()) {
        let area = Area::new(MARGIN, end + 20.0, width - 2.0 * MARGIN, PARTNERS);
        cards::outside(&mut canvas, &CardId::partners(), &picture.partners.join(" · "), area);
        end = area.bottom();
    }
    for (region, frame) in &frames {
        network::arrows(&mut canvas, region, *frame);
    }
    arrows::arrows(&mut canvas, &frames, middle);
    canvas.scene.height = end + MARGIN;
    canvas.scene
}

/// Home, the region that faces it, and those that hold less.
fn sides(picture: &Picture) -> (Option<&Region>, Option<&Region>, Vec<&Region>) {
    let left = picture.regions.first();
    let rest: Vec<&Region> = picture.regions.iter().skip(1).collect();
    let facing = rest.iter().position(|region| region.network.is_some()).or_else(|| {
        let weights = rest.iter().map(|region| region.shelf.len() + region.operations.len());
        weights.enumerate().max_by_key(|(index, weight)| (*weight, std::cmp::Reverse(*index))).map(|(index, _)| index)
    });
    let right = facing.and_then(|index| rest.get(index)).copied();
    let others = rest.into_iter().filter(|region| right.is_none_or(|right| right.code != region.code)).collect();
    (left, right, others)
}

fn rows(left: Option<&Region>, right: Option<&Region>) -> Rows {
    let regions: Vec<&Region> = left.into_iter().chain(right).collect();
    let kinds: BTreeSet<Kind> = regions.iter().flat_map(|region| region.shelf.iter().map(|card| card.kind)).collect();
    let networks = regions.iter().filter_map(|region| region.network.as_ref());
    let tallest = networks.map(network::height).fold(0.0, f64::max);
    let operations = regions.iter().map(|region| region::operation_rows(region)).max().unwrap_or(0);
    let doors = regions.iter().filter_map(|region| region.door.as_ref());
    let identities = regions.iter().any(|region| region.identity.is_some());
    let door = doors.map(|door| if door.guard.is_some() { 46.0 + cards::STRIP } else { 46.0 }).fold(0.0, f64::max);
    Rows {
        body: tallest.max(region::shelf_height(kinds.len())),
        shelf: kinds.into_iter().collect(),
        operations,
        door: if identities { door.max(46.0) } else { door },
    }
}
