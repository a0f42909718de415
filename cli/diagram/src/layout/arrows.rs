//! The arrows that leave a region: names, delivery, replication.

use crate::layout::canvas::{Canvas, Frame};
use crate::picture::{CardId, Flow, FlowKind, Kind, Region};
use crate::scene::{Area, Heads};

pub(crate) fn arrows(canvas: &mut Canvas<'_>, frames: &[(&Region, Frame)], middle: f64) {
    let flows = &canvas.picture.flows;
    for flow in flows {
        let (Some(from), Some(to)) = (canvas.area(&flow.from), canvas.area(&flow.to)) else { continue };
        match flow.kind {
            FlowKind::Copies => across(canvas, flow, &from, &to, Heads::End, middle),
            FlowKind::Mirrors => across(canvas, flow, &from, &to, Heads::Both, middle),
            FlowKind::Traffic | FlowKind::Standby => edge(canvas, flow, (from, to), middle),
            FlowKind::Event => {}
        }
    }
    far(canvas, frames, middle);
}

/// Straight across the gap; to a region that stands in the gap, down its middle.
fn across(canvas: &mut Canvas<'_>, flow: &Flow, from: &Area, to: &Area, heads: Heads, middle: f64) {
    let y = from.middle().y;
    let (start, end) = facing(from, to);
    if (to.middle().y - y).abs() < 1.0 {
        canvas.scene.arrow(flow.kind, heads, &[(start, y), (end, y)]);
    } else {
        let entry = if to.y < y { to.bottom() } else { to.y };
        canvas.scene.arrow(flow.kind, heads, &[(start, y), (middle, y), (middle, entry)]);
    }
}

/// The sides with which two areas face each other.
fn facing(from: &Area, to: &Area) -> (f64, f64) {
    if from.x < to.x { (from.right(), to.x) } else { (from.x, to.right()) }
}

/// From callers to names, from names to doors and delivery, from delivery to the sites.
fn edge(canvas: &mut Canvas<'_>, flow: &Flow, areas: (Area, Area), middle: f64) {
    let (from, to) = areas;
    let is = |id: &CardId, kind: Kind| id.as_str().ends_with(&format!(".{}", kind.label()));
    if flow.from == CardId::callers() {
        if from.right() < to.x && from.y < to.bottom() && to.y < from.bottom() {
            let y = from.middle().y;
            canvas.scene.arrow(flow.kind, Heads::End, &[(from.right(), y), (to.x, y)]);
        } else {
            let half = from.bottom() + (to.y - from.bottom()) / 2.0;
            let (start, end) = (from.middle().x, to.middle().x);
            canvas.scene.arrow(
                flow.kind,
                Heads::End,
                &[(start, from.bottom()), (start, half), (end, half), (end, to.y)],
            );
        }
    } else if is(&flow.from, Kind::Names) {
        let x = to.middle().x.clamp(from.x, from.right());
        canvas.scene.arrow(flow.kind, Heads::End, &[(x, from.bottom()), (x, to.y)]);
    } else if is(&flow.from, Kind::Delivery) {
        let y = to.middle().y;
        // Two lines side by side, or the second would hide the first.
        let x = if to.x < middle { middle - 4.0 } else { middle + 4.0 };
        let end = if to.x < middle { to.right() } else { to.x };
        canvas.scene.arrow(flow.kind, Heads::End, &[(x, from.bottom()), (x, y), (end, y)]);
    }
}

/// What services of one region reach in another: drawn from where they reach the same at home.
fn far(canvas: &mut Canvas<'_>, frames: &[(&Region, Frame)], middle: f64) {
    for (region, _) in frames {
        let clusters = region.network.iter().flat_map(|network| &network.cluster);
        let services = clusters.flat_map(|cluster| &cluster.services);
        let mut targets: Vec<CardId> =
            services.flat_map(|service| canvas.flows_from(&service.id)).map(|flow| flow.to.clone()).collect();
        targets.sort();
        targets.dedup();
        for target in targets {
            let Some((place, kind)) = target.as_str().split_once('.') else { continue };
            let home = CardId::from_parts(&region.code, kind);
            if place == region.code {
                continue;
            }
            if let (Some(from), Some(to)) = (canvas.area(&home), canvas.area(&target)) {
                let flow = Flow { from: home, to: target.clone(), kind: FlowKind::Traffic };
                across(canvas, &flow, &from, &to, Heads::End, middle);
            }
        }
    }
}
