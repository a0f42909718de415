//! One region: its door, its network, its shelf, its operations.

use crate::layout::canvas::{Canvas, DETAIL, Frame, PLACE, QUIET};
use crate::layout::compose::Rows;
use crate::layout::{cards, network};
use crate::picture::{Kind, Region, Tasks};
use crate::scene::{Anchor, Area, Font, Point, Surface};
use crate::text;

/// Room on the outer side, where the way to the partners runs.
pub(crate) const OUTER: f64 = 22.0;
const INNER: f64 = 12.0;
const SHELF: f64 = 194.0;
/// Between the network and the shelf.
const CHANNEL: f64 = 26.0;
const HEADER: f64 = 32.0;
const ROW_GAP: f64 = 20.0;
const SHELF_CARD: f64 = 48.0;
const SHELF_GAP: f64 = 8.0;
const SMALL_CARD: f64 = 47.0;
const SMALL_GAP: f64 = 6.0;
const COLUMNS: usize = 5;
const NARROW_COLUMNS: usize = 2;
const DOOR: f64 = 240.0;

pub(crate) fn network_width(width: f64) -> f64 {
    width - OUTER - INNER - SHELF - CHANNEL
}

pub(crate) fn shelf_height(cards: usize) -> f64 {
    (0..cards).map(|_| SHELF_CARD + SHELF_GAP).sum::<f64>() - SHELF_GAP
}

pub(crate) fn operation_rows(region: &Region) -> usize {
    region.operations.len().div_ceil(columns(region))
}

const fn columns(region: &Region) -> usize {
    if region.network.is_some() { COLUMNS } else { NARROW_COLUMNS }
}

pub(crate) fn height(rows: &Rows) -> f64 {
    let operations: f64 = (0..rows.operations).map(|_| SMALL_CARD + SMALL_GAP).sum();
    let door = if 0.0 < rows.door { rows.door + ROW_GAP } else { 0.0 };
    HEADER + door + rows.body.max(0.0) + 12.0 + operations + 6.0
}

pub(crate) fn region(canvas: &mut Canvas<'_>, region: &Region, frame: Frame, rows: &Rows) {
    let area = frame.area;
    canvas.scene.panel(area, 12.0, Surface::Region, None);
    header(canvas, region, frame);
    let mut y = area.y + HEADER;
    let has_network = region.network.is_some();
    let network_width = network_width(area.width);
    let shelf = if has_network { OUTER + network_width + CHANNEL } else { area.width - INNER - SHELF };
    if 0.0 < rows.door {
        if let Some(door) = &region.door {
            let width = DOOR.min(network_width);
            let place = if has_network { OUTER + network::zones_middle(network_width) - width / 2.0 } else { INNER };
            let height = if door.guard.is_some() { rows.door } else { rows.door.min(46.0) };
            cards::card(canvas, door, frame.area(place, y + rows.door - height, width, height));
        }
        if let Some(identity) = &region.identity {
            cards::card(canvas, identity, frame.area(shelf, y + rows.door - 46.0, SHELF, 46.0));
        }
        y += rows.door + ROW_GAP;
    }
    if let Some(network) = &region.network {
        network::network(canvas, network, frame, frame.area(OUTER, y, network_width, rows.body));
    }
    let mut place = y;
    for kind in &rows.shelf {
        if let Some(card) = region.shelf.iter().find(|card| card.kind == *kind) {
            cards::card(canvas, card, frame.area(shelf, place, SHELF, SHELF_CARD));
        }
        place += SHELF_CARD + SHELF_GAP;
    }
    operations(canvas, region, frame, y + rows.body + 12.0);
}

/// The region's name stands where no arrow comes down.
fn header(canvas: &mut Canvas<'_>, region: &Region, frame: Frame) {
    let y = frame.area.y + 21.0;
    let state = state(region);
    let code = if state.is_empty() { region.code.clone() } else { format!("{} · {state}", region.code) };
    // Half of the region's width, or the arrow to the door would come down through the name.
    let room = if region.network.is_some() { frame.area.width / 2.0 } else { frame.area.width - 24.0 };
    let city = text::fit(&region.city, room, PLACE.size, PLACE.weight);
    let city_width = text::width(&city, PLACE.size, PLACE.weight);
    let code = text::fit(&code, room - city_width - 8.0, QUIET.size, QUIET.weight);
    let code_width = text::width(&code, QUIET.size, QUIET.weight);
    let start = match (frame.mirrored, region.network.is_some()) {
        (false, true) => frame.area.right() - 12.0 - city_width - 8.0 - code_width,
        _ => frame.area.x + 12.0,
    };
    canvas.scene.label(&city, Point { x: start, y }, Anchor::Start, PLACE);
    canvas.scene.label(&code, Point { x: start + city_width + 8.0, y }, Anchor::Start, QUIET);
}

/// Whether tasks run in a region that could run them.
fn state(region: &Region) -> &'static str {
    let Some(network) = &region.network else { return "" };
    let services = network.cluster.iter().flat_map(|cluster| &cluster.services);
    let running =
        services.into_iter().any(|service| matches!(service.tasks, Tasks::Running { desired, .. } if 0 < desired));
    if running { "" } else { "stands by" }
}

fn operations(canvas: &mut Canvas<'_>, region: &Region, frame: Frame, y: f64) {
    let columns = columns(region);
    let gaps: f64 = (1..columns).map(|_| SMALL_GAP).sum();
    let outer = if region.network.is_some() { OUTER } else { INNER };
    let parts: f64 = (0..columns).map(|_| 1.0).sum();
    let width = (frame.area.width - outer - INNER - gaps) / parts;
    let mut place = (outer, y);
    for (index, card) in region.operations.iter().enumerate() {
        if 0 < index && index % columns == 0 {
            place = (outer, place.1 + SMALL_CARD + SMALL_GAP);
        }
        cards::small(canvas, card, frame.area(place.0, place.1, width, SMALL_CARD));
        place.0 += width + SMALL_GAP;
    }
}

/// A region with little in it, in the gap between the others; returns its area.
pub(crate) fn small(canvas: &mut Canvas<'_>, region: &Region, middle: f64, bottom: f64) -> Area {
    const WIDTH: f64 = 104.0;
    const CARD: f64 = 58.0;
    let cards: Vec<_> = region.shelf.iter().chain(&region.operations).collect();
    let height = 38.0 + cards.iter().map(|_| CARD + 6.0).sum::<f64>() + 2.0;
    let area = Area::new(middle - WIDTH / 2.0, bottom - height, WIDTH, height);
    canvas.scene.panel(area, 10.0, Surface::Region, None);
    let small: Font = QUIET;
    let city = text::fit(&region.city, WIDTH - 12.0, 12.5, PLACE.weight);
    canvas.scene.label(&city, Point { x: middle, y: area.y + 17.0 }, Anchor::Middle, Font { size: 12.5, ..PLACE });
    let code = text::fit(&region.code, WIDTH - 8.0, small.size, small.weight);
    canvas.scene.label(&code, Point { x: middle, y: area.y + 31.0 }, Anchor::Middle, small);
    let mut y = area.y + 38.0;
    for card in cards {
        let place = Area::new(area.x + 6.0, y, WIDTH - 12.0, CARD);
        stacked(canvas, card, place);
        // Arrows end at the region's border, since its name stands above the card.
        canvas.put(&card.id, area);
        y += CARD + 6.0;
    }
    area
}

/// A card whose title stands below its icon.
fn stacked(canvas: &mut Canvas<'_>, card: &crate::picture::Card, area: Area) {
    canvas.scene.overlay(area, 5.0, Surface::Card, Some(card.facts.join("\n")));
    cards::tile(canvas, card.kind, area.middle().x - 9.0, area.y + 5.0, 18.0);
    let title = text::fit(&card.title, area.width - 6.0, 11.0, PLACE.weight);
    let font = Font { size: 11.0, ..crate::layout::canvas::TITLE };
    canvas.scene.label(&title, Point { x: area.middle().x, y: area.y + 37.0 }, Anchor::Middle, font);
    let what = if card.kind == Kind::LocalTables { card.names.first() } else { card.facts.first() };
    let fact = text::fit(what.map(String::as_str).unwrap_or_default(), area.width - 6.0, DETAIL.size, DETAIL.weight);
    canvas.scene.label(&fact, Point { x: area.middle().x, y: area.y + 50.0 }, Anchor::Middle, DETAIL);
}
