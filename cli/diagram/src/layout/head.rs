//! The top of the sheet: heading, legend, callers, and what is global.

use crate::layout::canvas::{Canvas, HEADING, QUIET, TITLE};
use crate::layout::cards;
use crate::layout::compose::MARGIN;
use crate::picture::{Card, CardId, FlowKind, Global};
use crate::scene::{Anchor, Area, Font, Heads, Point, Surface};
use crate::text;
use crate::words::city;

const TOP: f64 = 52.0;
const CALLERS: f64 = 140.0;
const BAR: f64 = 36.0;
const PAD: f64 = 9.0;

/// Returns where the regions begin.
pub(crate) fn head(canvas: &mut Canvas<'_>, middle: f64, door_middle: f64) -> f64 {
    let picture = canvas.picture;
    let legend_start = legend(canvas);
    let title = text::fit(&picture.title, (legend_start - MARGIN) * 0.7, HEADING.size, HEADING.weight);
    canvas.scene.label(&title, Point { x: MARGIN, y: 32.0 }, Anchor::Start, HEADING);
    let x = MARGIN + text::width(&title, HEADING.size, HEADING.weight) + 12.0;
    let room = legend_start - 16.0 - x;
    let extent = text::fit(&picture.extent, room, QUIET.size, QUIET.weight);
    canvas.scene.label(&extent, Point { x, y: 32.0 }, Anchor::Start, QUIET);
    let Some(global) = &picture.global else {
        let area = Area::new(door_middle - CALLERS / 2.0, TOP, CALLERS, BAR);
        cards::outside(canvas, &CardId::callers(), &picture.callers, area);
        return area.bottom() + 26.0;
    };
    let x = MARGIN + CALLERS + 34.0;
    let names = if global.names.is_some() { BAR } else { 0.0 };
    let delivery = global.delivery.as_ref().map_or(0.0, delivery_height);
    let below = if global.delivery.is_some() || !global.beside.is_empty() { delivery.max(34.0) + 16.0 } else { 0.0 };
    let band = Area::new(x, TOP, canvas.scene.width - MARGIN - x, PAD + names + below + PAD);
    canvas.scene.panel(band, 10.0, Surface::Global, None);
    let area = Area::new(MARGIN, TOP + PAD, CALLERS, BAR);
    cards::outside(canvas, &CardId::callers(), &picture.callers, area);
    if let Some(names) = &global.names {
        wide_bar(canvas, names, Area::new(band.x + PAD, band.y + PAD, band.width - 2.0 * PAD, BAR));
    }
    let y = band.y + PAD + names + 16.0;
    if let Some(card) = &global.delivery {
        cards::card(canvas, card, Area::new(middle - 125.0, y, 250.0, delivery));
    }
    captions(canvas, global, (door_middle + 14.0, y), middle, band);
    band.bottom() + 26.0
}

fn delivery_height(card: &Card) -> f64 {
    if card.guard.is_some() { 46.0 + cards::STRIP } else { 46.0 }
}

/// Names on the left, what they say on the right.
fn wide_bar(canvas: &mut Canvas<'_>, card: &Card, area: Area) {
    let said = Card { facts: vec![card.facts.join("  ·  ")], ..card.clone() };
    cards::bar(canvas, &said, area);
}

/// Where the global things are managed from, and what else is there.
fn captions(canvas: &mut Canvas<'_>, global: &Global, at: (f64, f64), middle: f64, band: Area) {
    let (x, y) = at;
    let room = middle - 125.0 - 12.0 - x;
    let place = format!("managed from {}, {}", city(&global.region), global.region);
    let lines = [("Global", TITLE), (place.as_str(), QUIET)];
    for (line, (words, font)) in [12.0, 26.0].into_iter().zip(lines) {
        let shown = text::fit(words, room, font.size, font.weight);
        canvas.scene.label(&shown, Point { x, y: y + line }, Anchor::Start, font);
    }
    if global.beside.is_empty() {
        return;
    }
    let start = middle + 125.0 + 14.0;
    // The arrow to the other region's door comes down on this side.
    let room = (band.right() - start - 12.0).min(x - 14.0 - MARGIN).max(120.0);
    let lines = text::list(&global.beside, room, 2, QUIET.size);
    canvas.scene.label("Also there", Point { x: start, y: y + 12.0 }, Anchor::Start, TITLE);
    for (offset, line) in [26.0, 39.0].into_iter().zip(lines) {
        canvas.scene.label(&line, Point { x: start, y: y + offset }, Anchor::Start, QUIET);
    }
}

/// What the kinds of arrows mean; returns where the legend begins.
fn legend(canvas: &mut Canvas<'_>) -> f64 {
    const SAMPLE: f64 = 26.0;
    let all =
        [(FlowKind::Traffic, "traffic"), (FlowKind::Standby, "after a fail-over"), (FlowKind::Mirrors, "replication")];
    let replicates = |kind: FlowKind| matches!(kind, FlowKind::Copies | FlowKind::Mirrors);
    let mut x = canvas.scene.width - MARGIN;
    let font: Font = QUIET;
    let has_endpoints =
        canvas.picture.regions.iter().any(|region| region.network.as_ref().is_some_and(|it| !it.endpoints.is_empty()));
    if has_endpoints {
        let words = "VPC endpoint";
        canvas.scene.label(words, Point { x, y: 32.0 }, Anchor::End, font);
        x -= text::width(words, font.size, font.weight) + 15.0;
        canvas.scene.overlay(Area::new(x, 24.0, 9.0, 9.0), 4.5, Surface::Port, None);
        x -= 18.0;
    }
    for (kind, words) in all.into_iter().rev() {
        let used = |flow: FlowKind| flow == kind || (replicates(flow) && replicates(kind));
        if !canvas.picture.flows.iter().any(|flow| used(flow.kind)) {
            continue;
        }
        canvas.scene.label(words, Point { x, y: 32.0 }, Anchor::End, font);
        x -= text::width(words, font.size, font.weight) + 7.0;
        canvas.scene.arrow(kind, Heads::End, &[(x - SAMPLE, 28.5), (x, 28.5)]);
        x -= SAMPLE + 18.0;
    }
    x
}
