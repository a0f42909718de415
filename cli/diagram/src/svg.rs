//! A scene as SVG: one file with its style sheet, no scripts, no fonts, nothing from elsewhere.

use crate::icons;
use crate::layout;
use crate::picture::Picture;
use crate::scene::{Anchor, Area, Arrow, Heads, Icon, Label, Panel, Point, Scene, Surface};
use crate::style;
use crate::text::Weight;
use std::borrow::Cow;

/// Length and half the breadth of an arrow's head.
const HEAD: (f64, f64) = (8.0, 3.8);

/// The picture as an SVG document.
#[must_use]
pub fn draw(picture: &Picture) -> String {
    write(&layout::compose(picture))
}

/// A scene as an SVG document.
#[must_use]
pub fn write(scene: &Scene) -> String {
    let (width, height) = (number(scene.width), number(scene.height));
    let mut lines = vec![
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" role=\"img\" aria-labelledby=\"title description\">"
        ),
        format!("<title id=\"title\">{}</title>", escape(&scene.title)),
        format!("<desc id=\"description\">{}</desc>", escape(&scene.description)),
        format!("<style>{}</style>", style::sheet()),
    ];
    let paper = Area::new(0.0, 0.0, scene.width, scene.height);
    lines.push(panel(&Panel { area: paper, radius: 0.0, surface: Surface::Paper, note: None }));
    lines.extend(scene.panels.iter().map(panel));
    lines.extend(scene.arrows.iter().map(arrow));
    lines.extend(scene.overlays.iter().map(panel));
    lines.extend(scene.icons.iter().map(icon));
    lines.extend(scene.labels.iter().map(label));
    lines.push("</svg>\n".to_owned());
    lines.join("\n")
}

fn panel(panel: &Panel) -> String {
    let Area { x, y, width, height } = panel.area;
    let class = style::surface(panel.surface);
    let radius = if 0.0 < panel.radius { format!(" rx=\"{}\"", number(panel.radius)) } else { String::new() };
    let shape = format!(
        "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{radius}",
        number(x),
        number(y),
        number(width),
        number(height),
    );
    match &panel.note {
        None => format!("{shape}/>"),
        Some(note) => format!("{shape}><title>{}</title></rect>", escape(note)),
    }
}

fn arrow(arrow: &Arrow) -> String {
    let class = style::flow(arrow.kind);
    let mut points = arrow.points.clone();
    let mut heads = String::new();
    if let ([.., before, tip], true) = (points.as_slice(), arrow.heads != Heads::None) {
        heads.push_str(&head(class, *before, *tip));
    }
    if let ([tip, after, ..], Heads::Both) = (points.as_slice(), arrow.heads) {
        heads.push_str(&head(class, *after, *tip));
    }
    // The line ends within its head, or it would stick out at the tip.
    let shorten = |tip: &mut Point, from: Point| {
        tip.x -= direction(from.x, tip.x) * (HEAD.0 - 2.0);
        tip.y -= direction(from.y, tip.y) * (HEAD.0 - 2.0);
    };
    if let ([.., before, tip], true) = (points.as_mut_slice(), arrow.heads != Heads::None) {
        shorten(tip, *before);
    }
    if let ([tip, after, ..], Heads::Both) = (points.as_mut_slice(), arrow.heads) {
        shorten(tip, *after);
    }
    let steps: Vec<String> = points.iter().map(|point| format!("{} {}", number(point.x), number(point.y))).collect();
    format!("<path class=\"line {class}\" d=\"M{}\"/>{heads}", steps.join("L"))
}

/// A triangle whose tip is at `tip`, pointing away from `before`.
fn head(class: &str, before: Point, tip: Point) -> String {
    let (x, y) = (direction(before.x, tip.x), direction(before.y, tip.y));
    let (length, half) = HEAD;
    let back = Point { x: tip.x - x * length, y: tip.y - y * length };
    let corners = [
        tip,
        Point { x: back.x - y * half, y: back.y + x * half },
        Point { x: back.x + y * half, y: back.y - x * half },
    ];
    let steps: Vec<String> = corners.iter().map(|point| format!("{} {}", number(point.x), number(point.y))).collect();
    format!("<path class=\"{class}-head\" d=\"M{}Z\"/>", steps.join("L"))
}

fn direction(from: f64, to: f64) -> f64 {
    if (to - from).abs() < 0.01 { 0.0 } else { (to - from).signum() }
}

fn icon(icon: &Icon) -> String {
    let scale = number(icon.area.width / 24.0);
    let (x, y) = (number(icon.area.x), number(icon.area.y));
    format!("<path class=\"icon\" transform=\"translate({x} {y}) scale({scale})\" d=\"{}\"/>", icons::path(icon.kind))
}

/// The length makes sure that no font, however wide, breaks the layout.
fn label(label: &Label) -> String {
    let anchor = match label.anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    };
    let weight = match label.weight {
        Weight::Regular => "",
        Weight::Bold => " b",
    };
    format!(
        "<text class=\"{}{weight}\" x=\"{}\" y=\"{}\" font-size=\"{}\"{anchor} textLength=\"{}\">{}</text>",
        style::voice(label.voice),
        number(label.at.x),
        number(label.at.y),
        number(label.size),
        number(label.width()),
        escape(&label.text),
    )
}

/// Two decimals at most, none that say nothing.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn escape(text: &str) -> Cow<'_, str> {
    if text.contains(['&', '<', '>', '"']) {
        Cow::Owned(text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"))
    } else {
        Cow::Borrowed(text)
    }
}
