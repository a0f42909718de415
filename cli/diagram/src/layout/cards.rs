//! Cards and bars.

use crate::layout::canvas::{Canvas, DETAIL, GUARD, OUTSIDE, QUIET, TITLE};
use crate::picture::{Card, CardId, Kind, Service, Tasks};
use crate::scene::{Anchor, Area, Font, Icon, Point, Surface};
use crate::text::{self, Weight};

/// The strip of a web ACL above a card.
pub(crate) const STRIP: f64 = 15.0;
const TILE: f64 = 24.0;
const SMALL_TILE: f64 = 20.0;
const PAD: f64 = 8.0;
const LINE: f64 = 13.0;
const SQUARE: f64 = 7.0;

/// An icon on its coloured tile.
pub(crate) fn tile(canvas: &mut Canvas<'_>, kind: Kind, x: f64, y: f64, size: f64) {
    let area = Area::new(x, y, size, size);
    canvas.scene.overlay(area, 4.0, Surface::Tile(kind.field()), None);
    let inset = size * 0.15;
    let icon = Area::new(x + inset, y + inset, size - 2.0 * inset, size - 2.0 * inset);
    canvas.scene.icons.push(Icon { kind, area: icon });
}

/// A card with an icon, its title and as many lines as its height allows.
pub(crate) fn card(canvas: &mut Canvas<'_>, card: &Card, area: Area) {
    let mut body = area;
    canvas.scene.overlay(area, 6.0, Surface::Card, Some(note(card)));
    if let Some(guard) = &card.guard {
        let strip = Area::new(area.x, area.y, area.width, STRIP);
        canvas.scene.overlay(strip, 6.0, Surface::Guard, Some(format!("requests pass {guard}")));
        let at = Point { x: area.middle().x, y: area.y + 11.0 };
        canvas.scene.label(&text::fit(guard, area.width - 8.0, GUARD.size, GUARD.weight), at, Anchor::Middle, GUARD);
        body = Area::new(area.x, area.y + STRIP, area.width, area.height - STRIP);
    }
    tile(canvas, card.kind, body.x + PAD, body.middle().y - TILE / 2.0, TILE);
    let x = body.x + PAD + TILE + 7.0;
    let room = body.right() - 5.0 - x;
    let lines = if body.height < 44.0 { 1 } else { 2 };
    let details = details(card, room, lines);
    let height = TITLE.size + LINE * len(&details);
    let mut y = body.middle().y - height / 2.0 + TITLE.size * 0.86;
    canvas.scene.label(&text::fit(&card.title, room, TITLE.size, TITLE.weight), Point { x, y }, Anchor::Start, TITLE);
    for detail in details {
        y += LINE;
        canvas.scene.label(&detail, Point { x, y }, Anchor::Start, DETAIL);
    }
    canvas.put(&card.id, area);
}

fn len<T>(items: &[T]) -> f64 {
    items.iter().map(|_| 1.0).sum()
}

/// Facts first, names in what room is left.
fn details(card: &Card, room: f64, lines: usize) -> Vec<String> {
    let mut details: Vec<String> = card.facts.clone();
    if card.names.is_empty() && lines < details.len() {
        details = text::list(&card.facts, room, lines, DETAIL.size);
    }
    details.truncate(lines);
    let mut details: Vec<String> =
        details.iter().map(|fact| text::fit(fact, room, DETAIL.size, Weight::Regular)).collect();
    details.extend(text::list(&card.names, room, lines - details.len().min(lines), DETAIL.size));
    details
}

fn note(card: &Card) -> String {
    let statements = card.facts.iter().chain(&card.names);
    let all: Vec<&str> = std::iter::once(&card.title).chain(statements).map(String::as_str).collect();
    all.join("\n")
}

/// A bar over all zones: icon, title, and one detail at its end.
pub(crate) fn bar(canvas: &mut Canvas<'_>, card: &Card, area: Area) {
    canvas.scene.overlay(area, 5.0, Surface::Card, Some(note(card)));
    let x = bar_title(canvas, card.kind, &card.title, area, TITLE, area.width);
    let detail = card.facts.first().map(String::as_str).unwrap_or_default();
    bar_detail(canvas, detail, area, x);
    canvas.put(&card.id, area);
}

/// Returns where the title ends.
fn bar_title(canvas: &mut Canvas<'_>, kind: Kind, title: &str, area: Area, font: Font, room: f64) -> f64 {
    tile(canvas, kind, area.x + 6.0, area.middle().y - SMALL_TILE / 2.0, SMALL_TILE);
    let x = area.x + 6.0 + SMALL_TILE + 6.0;
    let shown = text::fit(title, room.min(area.right() - 6.0 - x), font.size, font.weight);
    let end = x + text::width(&shown, font.size, font.weight);
    canvas.scene.label(&shown, Point { x, y: area.middle().y + 4.0 }, Anchor::Start, font);
    end
}

/// Returns where the detail begins.
fn bar_detail(canvas: &mut Canvas<'_>, detail: &str, area: Area, after: f64) -> f64 {
    let end = area.right() - 7.0;
    let shown = text::fit(detail, end - after - 8.0, QUIET.size, QUIET.weight);
    canvas.scene.label(&shown, Point { x: end, y: area.middle().y + 4.0 }, Anchor::End, QUIET);
    end - text::width(&shown, QUIET.size, QUIET.weight)
}

/// A service over all zones; a square in each zone for every task there.
pub(crate) fn service(canvas: &mut Canvas<'_>, service: &Service, area: Area, zones: &[Area]) {
    let (surface, detail) = match service.tasks {
        Tasks::Defined => (Surface::Resting, "task definition".to_owned()),
        Tasks::Running { desired: 0, .. } => (Surface::Resting, "no tasks yet".to_owned()),
        Tasks::Running { desired, most } if desired < most => (Surface::Card, format!("{desired}–{most} tasks")),
        Tasks::Running { desired: 1, .. } => (Surface::Card, "1 task".to_owned()),
        Tasks::Running { desired, .. } => (Surface::Card, format!("{desired} tasks")),
    };
    let note = format!("{}\n{detail}\n{}", service.name, service.size);
    canvas.scene.overlay(area, 5.0, surface, Some(note));
    let room = area.width / 2.0 - SMALL_TILE - 18.0;
    let title_end = bar_title(canvas, Kind::Service, &service.name, area, TITLE, room);
    let detail_start = bar_detail(canvas, &detail, area, title_end);
    if let Tasks::Running { desired, .. } = service.tasks {
        squares(canvas, desired, area, zones, (title_end, detail_start));
    }
    canvas.put(&service.id, area);
}

/// Tasks stand near the line between the zones, where the text leaves room.
fn squares(canvas: &mut Canvas<'_>, tasks: u32, area: Area, zones: &[Area], free: (f64, f64)) {
    let [left, right] = zones else { return };
    let step = SQUARE + 3.0;
    let y = area.middle().y - SQUARE / 2.0;
    let mut placed = Vec::new();
    for task in 0..tasks {
        let (row, side) = (f64::from(task / 2), task % 2);
        let x = if side == 0 { left.right() - 5.0 - SQUARE - row * step } else { right.x + 5.0 + row * step };
        placed.push(Area::new(x, y, SQUARE, SQUARE));
    }
    if placed.iter().all(|square| free.0 + 3.0 <= square.x && square.right() + 3.0 <= free.1) {
        for square in placed {
            canvas.scene.overlay(square, 1.5, Surface::Task, None);
        }
    }
}

/// A small card of the strip at the bottom.
pub(crate) fn small(canvas: &mut Canvas<'_>, card: &Card, area: Area) {
    canvas.scene.overlay(area, 5.0, Surface::Card, Some(note(card)));
    tile(canvas, card.kind, area.x + 5.0, area.middle().y - SMALL_TILE / 2.0, SMALL_TILE);
    let x = area.x + 5.0 + SMALL_TILE + 5.0;
    let room = area.right() - 3.0 - x;
    let facts = match card.facts.as_slice() {
        [only] => text::wrap(only, room, 2, DETAIL.size),
        several => text::list(several, room, 2, DETAIL.size),
    };
    let mut y = area.middle().y - (TITLE.size + LINE * len(&facts)) / 2.0 + TITLE.size * 0.86;
    canvas.scene.label(&text::fit(&card.title, room, TITLE.size, TITLE.weight), Point { x, y }, Anchor::Start, TITLE);
    for fact in facts {
        y += LINE;
        canvas.scene.label(&fact, Point { x, y }, Anchor::Start, DETAIL);
    }
    canvas.put(&card.id, area);
}

/// A box for what is outside.
pub(crate) fn outside(canvas: &mut Canvas<'_>, id: &CardId, title: &str, area: Area) {
    canvas.scene.overlay(area, 8.0, Surface::Outside, None);
    let title = text::fit(title, area.width - 16.0, OUTSIDE.size, OUTSIDE.weight);
    let middle = area.middle();
    canvas.scene.label(&title, Point { x: middle.x, y: middle.y + 4.0 }, Anchor::Middle, OUTSIDE);
    canvas.put(id, area);
}
