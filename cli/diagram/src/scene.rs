//! Shapes at their places, before they are written in any format.

use crate::picture::{Field, FlowKind, Kind};
use crate::text::{self, Weight};

/// Lengths are in the picture's own unit, about a pixel on a screen 1,300 pixels wide.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Area {
    #[must_use]
    pub const fn new(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self { x, y, width, height }
    }

    #[must_use]
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    #[must_use]
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    #[must_use]
    pub fn middle(&self) -> Point {
        Point { x: self.x + self.width / 2.0, y: self.y + self.height / 2.0 }
    }

    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.x <= other.x && self.y <= other.y && other.right() <= self.right() && other.bottom() <= self.bottom()
    }

    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }
}

/// What a rectangle is for; decides its colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    Paper,
    Global,
    Region,
    Network,
    Zone,
    PrivateSubnet,
    PublicSubnet,
    Cluster,
    Card,
    /// A card of what only runs after a fail-over.
    Resting,
    Guard,
    Outside,
    Tile(Field),
    Task,
    Port,
}

/// What a text is; decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    Heading,
    Strong,
    Normal,
    Quiet,
    Guard,
    /// On what is outside.
    Inverse,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    pub text: String,
    /// Where the line of text stands; its side is the anchor's.
    pub at: Point,
    pub anchor: Anchor,
    pub size: f64,
    pub weight: Weight,
    pub voice: Voice,
}

impl Label {
    #[must_use]
    pub fn width(&self) -> f64 {
        text::width(&self.text, self.size, self.weight)
    }

    /// The room that the text takes.
    #[must_use]
    pub fn area(&self) -> Area {
        let width = self.width();
        let x = match self.anchor {
            Anchor::Start => self.at.x,
            Anchor::Middle => self.at.x - width / 2.0,
            Anchor::End => self.at.x - width,
        };
        Area::new(x, self.at.y - self.size * text::ASCENT, width, self.size * (text::ASCENT + text::DESCENT))
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Arrow {
    pub kind: FlowKind,
    /// Its corners; each part is horizontal or vertical.
    pub points: Vec<Point>,
    pub heads: Heads,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heads {
    None,
    End,
    Both,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    pub area: Area,
    pub radius: f64,
    pub surface: Surface,
    /// What a screen shows while the pointer rests on it.
    pub note: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Icon {
    pub kind: Kind,
    pub area: Area,
}

/// Everything that is drawn, in order: panels, arrows, icons, labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    pub title: String,
    pub description: String,
    pub width: f64,
    pub height: f64,
    pub panels: Vec<Panel>,
    pub arrows: Vec<Arrow>,
    /// Panels above the arrows: ports and cards that arrows end at.
    pub overlays: Vec<Panel>,
    pub icons: Vec<Icon>,
    pub labels: Vec<Label>,
}

impl Scene {
    pub(crate) fn panel(&mut self, area: Area, radius: f64, surface: Surface, note: Option<String>) {
        self.panels.push(Panel { area, radius, surface, note });
    }

    pub(crate) fn overlay(&mut self, area: Area, radius: f64, surface: Surface, note: Option<String>) {
        self.overlays.push(Panel { area, radius, surface, note });
    }

    pub(crate) fn label(&mut self, text: &str, at: Point, anchor: Anchor, font: Font) {
        if !text.is_empty() {
            let Font { size, weight, voice } = font;
            self.labels.push(Label { text: text.to_owned(), at, anchor, size, weight, voice });
        }
    }

    pub(crate) fn arrow(&mut self, kind: FlowKind, heads: Heads, points: &[(f64, f64)]) {
        let points = points.iter().map(|(x, y)| Point { x: *x, y: *y }).collect();
        self.arrows.push(Arrow { kind, points, heads });
    }
}

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Font {
    pub(crate) size: f64,
    pub(crate) weight: Weight,
    pub(crate) voice: Voice,
}

impl Font {
    pub(crate) const fn new(size: f64, weight: Weight, voice: Voice) -> Self {
        Self { size, weight, voice }
    }
}
