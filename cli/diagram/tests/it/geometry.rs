//! Nothing in a picture hides anything else.

use crate::pictures::{all, picture};
use como_diagram::picture::Picture;
use como_diagram::scene::{Area, Arrow, Label, Scene};

/// The parts of an arrow as thin areas.
fn parts(arrow: &Arrow) -> impl Iterator<Item = Area> {
    arrow.points.windows(2).map(|ends| {
        let [from, to] = ends else { unreachable!("windows of two") };
        let (left, top) = (from.x.min(to.x), from.y.min(to.y));
        Area::new(left - 0.7, top - 0.7, (to.x - from.x).abs() + 1.4, (to.y - from.y).abs() + 1.4)
    })
}

fn check(name: &str, scene: &Scene) {
    let mut wrong = Vec::new();
    let sheet = Area::new(0.0, 0.0, scene.width, scene.height);
    let labels: Vec<(&Label, Area)> = scene.labels.iter().map(|label| (label, label.area())).collect();
    for (index, (label, area)) in labels.iter().enumerate() {
        if !sheet.contains(area) {
            wrong.push(format!("{:?} leaves the sheet", label.text));
        }
        for (other, other_area) in labels.iter().skip(index + 1) {
            if area.overlaps(other_area) {
                wrong.push(format!("{:?} and {:?} overlap", label.text, other.text));
            }
        }
        for arrow in &scene.arrows {
            if parts(arrow).any(|part| part.overlaps(area)) {
                wrong.push(format!("an arrow of {:?} runs through {:?}", arrow.kind, label.text));
            }
        }
        // A text that begins in a card ends in it.
        let at = Area::new(area.middle().x, area.middle().y, 0.1, 0.1);
        // What lies on a card has to do with that card, whatever is below.
        let on_a_card = scene.overlays.iter().any(|panel| panel.area.contains(area));
        for panel in scene.panels.iter().filter(|_| !on_a_card).chain(&scene.overlays) {
            if panel.area.contains(&at) && !panel.area.contains(area) {
                wrong.push(format!("{:?} leaves its {:?}", label.text, panel.surface));
            }
        }
    }
    let cards: Vec<Area> = scene.overlays.iter().map(|panel| panel.area).collect();
    for (index, card) in cards.iter().enumerate() {
        if !sheet.contains(card) {
            wrong.push(format!("a card leaves the sheet at {card:?}"));
        }
        for other in cards.iter().skip(index + 1) {
            if card.overlaps(other) && !card.contains(other) {
                wrong.push(format!("cards overlap at {card:?} and {other:?}"));
            }
        }
    }
    for arrow in &scene.arrows {
        for ends in arrow.points.windows(2) {
            let [from, to] = ends else { unreachable!("windows of two") };
            if 0.01 < (from.x - to.x).abs() && 0.01 < (from.y - to.y).abs() {
                wrong.push(format!("an arrow of {:?} runs aslant", arrow.kind));
            }
        }
        // An arrow may touch the cards at its ends and no other.
        for card in &cards {
            let within = Area::new(card.x + 1.5, card.y + 1.5, card.width - 3.0, card.height - 3.0);
            if 12.0 < card.width && parts(arrow).any(|part| part.overlaps(&within)) {
                wrong.push(format!("an arrow of {:?} runs under the card at {card:?}: {:?}", arrow.kind, arrow.points));
            }
        }
    }
    assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
}

#[test]
fn no_text_overlaps_another_or_an_arrow_or_leaves_its_card() {
    for (name, assemblies) in all() {
        check(name, &como_diagram::compose(&picture(name, &assemblies)));
    }
}

/// Names that nobody has thought of are shortened, not drawn over their neighbours.
#[test]
fn long_names_stay_in_their_cards() {
    for (name, assemblies) in all() {
        let mut picture: Picture = picture(name, &assemblies);
        picture.title = "a-name-that-is-too-long".repeat(6);
        picture.callers = "everybody who could ever want to call".repeat(2);
        for region in &mut picture.regions {
            region.city = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch".to_owned();
            for card in region.shelf.iter_mut().chain(&mut region.operations).chain(&mut region.door) {
                card.title = card.title.repeat(5);
                card.facts = vec!["one that goes on and on and does not end".repeat(3)];
                card.guard = card.guard.as_ref().map(|guard| guard.repeat(9));
            }
            for service in
                region.network.iter_mut().flat_map(|network| &mut network.cluster).flat_map(|it| &mut it.services)
            {
                service.name = "recommendations-and-reservations".to_owned();
            }
        }
        check(name, &como_diagram::compose(&picture));
    }
}
