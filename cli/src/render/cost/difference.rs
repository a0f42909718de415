//! What has changed, resource by resource.

use crate::render::cost::grid::Grid;
use crate::render::cost::sections::signed;
use como_cost::difference::{Difference, ResourceChange};
use como_cost::money::Usd;

/// Why an amount changed, in the order of every listing.
pub(crate) const REASONS: [&str; 5] = ["added", "removed", "resized", "usage", "price"];

pub(crate) const fn reasons(change: &ResourceChange) -> [Usd; 5] {
    [change.added, change.removed, change.resized, change.usage, change.price]
}

pub(crate) const fn sums(difference: &Difference) -> [Usd; 5] {
    [difference.added, difference.removed, difference.resized, difference.usage, difference.price]
}

/// Those reasons that there are, by their place.
pub(crate) fn shown(difference: &Difference) -> Vec<usize> {
    let any = |index: &usize| {
        let amounts = difference.changes.iter().map(reasons);
        amounts.into_iter().any(|amounts| amounts.get(*index).is_some_and(|amount| !amount.is_zero()))
    };
    (0..REASONS.len()).filter(any).collect()
}

/// Of a row's amounts those that are shown.
pub(crate) fn picked(amounts: [Usd; 5], shown: &[usize]) -> Vec<String> {
    shown.iter().filter_map(|index| amounts.get(*index)).map(|amount| signed(*amount)).collect()
}

pub(crate) fn name(change: &ResourceChange) -> String {
    format!("{}/{}", change.resource.stack, change.resource.id)
}

pub(crate) fn changes(name: &str, against: &str, difference: &Difference, width: usize) -> String {
    if difference.changes.is_empty() && difference.before == difference.after {
        return format!("{name}: costs what it did in {against}, {} a month\n", difference.after);
    }
    let mut grid = Grid::default();
    let shown = shown(difference);
    let titles = shown.iter().filter_map(|index| REASONS.get(*index)).map(|title| (*title).to_owned());
    let head = [format!("{name}: since {against}"), "then".to_owned()].into_iter().chain(titles);
    grid.row(head.chain(["now".to_owned()]));
    grid.rule();
    for change in &difference.changes {
        let cells = [self::name(change), change.before.to_string()].into_iter();
        grid.row(cells.chain(picked(reasons(change), &shown)).chain([change.after.to_string()]));
    }
    if !difference.rounding.is_zero() {
        let blanks = shown.iter().map(|_| String::new());
        let cells = ["cents that rounding moves".to_owned(), String::new()].into_iter();
        grid.row(cells.chain(blanks).chain([signed(difference.rounding)]));
    }
    grid.rule();
    let least = if difference.at_least { "≥ " } else { "" };
    let cells = ["total".to_owned(), format!("{least}{}", difference.before)].into_iter();
    grid.row(cells.chain(picked(sums(difference), &shown)).chain([format!("{least}{}", difference.after)]));
    grid.draw(width)
}
