//! The sheet under work.

use crate::picture::{CardId, Flow, FlowKind, Picture};
use crate::scene::{Area, Font, Heads, Scene, Voice};
use crate::text::Weight;
use std::collections::BTreeMap;

pub(crate) const HEADING: Font = Font::new(19.0, Weight::Bold, Voice::Heading);
pub(crate) const PLACE: Font = Font::new(14.0, Weight::Bold, Voice::Heading);
pub(crate) const TITLE: Font = Font::new(11.5, Weight::Bold, Voice::Strong);
pub(crate) const DETAIL: Font = Font::new(10.5, Weight::Regular, Voice::Normal);
pub(crate) const QUIET: Font = Font::new(10.5, Weight::Regular, Voice::Quiet);
pub(crate) const OUTSIDE: Font = Font::new(12.0, Weight::Bold, Voice::Inverse);
pub(crate) const GUARD: Font = Font::new(10.0, Weight::Bold, Voice::Guard);

/// The scene, and where its cards are.
pub(crate) struct Canvas<'a> {
    pub(crate) picture: &'a Picture,
    pub(crate) scene: Scene,
    areas: BTreeMap<CardId, Area>,
}

impl<'a> Canvas<'a> {
    pub(crate) const fn new(picture: &'a Picture, scene: Scene) -> Self {
        Self { picture, scene, areas: BTreeMap::new() }
    }

    pub(crate) fn put(&mut self, id: &CardId, area: Area) {
        self.areas.insert(id.clone(), area);
    }

    pub(crate) fn area(&self, id: &CardId) -> Option<Area> {
        self.areas.get(id).copied()
    }

    pub(crate) fn flows_from(&self, id: &CardId) -> impl Iterator<Item = &'a Flow> {
        let id = id.clone();
        self.picture.flows.iter().filter(move |flow| flow.from == id)
    }

    pub(crate) fn has_flow(&self, from: &CardId, to: &CardId) -> bool {
        self.picture.flows.iter().any(|flow| flow.from == *from && flow.to == *to)
    }

    pub(crate) fn traffic(&mut self, points: &[(f64, f64)]) {
        self.scene.arrow(FlowKind::Traffic, Heads::End, points);
    }

    pub(crate) fn wire(&mut self, points: &[(f64, f64)]) {
        self.scene.arrow(FlowKind::Traffic, Heads::None, points);
    }
}

/// A region's area, measured from its outer side: the right region is the left one's mirror image.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) area: Area,
    pub(crate) mirrored: bool,
}

impl Frame {
    /// A distance from the outer side as a place on the sheet.
    pub(crate) fn x(&self, from_outside: f64) -> f64 {
        if self.mirrored { self.area.right() - from_outside } else { self.area.x + from_outside }
    }

    pub(crate) fn area(&self, from_outside: f64, y: f64, width: f64, height: f64) -> Area {
        let x = if self.mirrored { self.x(from_outside) - width } else { self.x(from_outside) };
        Area::new(x, y, width, height)
    }

    /// The side of `area` that faces the other region.
    pub(crate) fn inner(&self, area: &Area) -> f64 {
        if self.mirrored { area.x } else { area.right() }
    }

    pub(crate) fn outer(&self, area: &Area) -> f64 {
        if self.mirrored { area.right() } else { area.x }
    }

    /// `distance` towards the other region from `x`.
    pub(crate) fn inward(&self, x: f64, distance: f64) -> f64 {
        if self.mirrored { x - distance } else { x + distance }
    }
}
