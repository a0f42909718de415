//! What AWS's lists change, before it is written.

use crate::costing::refresh::Effect;
use crate::render::cost::grid::Grid;
use crate::render::cost::sections::signed;
use crate::render::text::count;
use como_cost::book::PriceBook;
use como_cost::refresh::Refreshed;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

pub(crate) fn refreshed(refreshed: &Refreshed, before: &PriceBook) -> String {
    let mut text =
        format!("{} read from AWS's lists, {} changed\n", count(refreshed.read, "price"), refreshed.changes.len());
    if !refreshed.changes.is_empty() {
        let mut grid = Grid::default();
        grid.row(["US dollars a unit", "from", before.name(), "now"]);
        grid.rule();
        let shown =
            |price: Option<Decimal>| price.map_or_else(|| "–".to_owned(), |price| price.normalize().to_string());
        for change in &refreshed.changes {
            let begin = change.begin.normalize().to_string();
            grid.row([change.priced.to_string(), begin, shown(change.before), shown(change.after)]);
        }
        text.push_str(&grid.draw(usize::MAX));
    }
    let mut kept: BTreeMap<&str, usize> = BTreeMap::new();
    refreshed.kept.iter().for_each(|price| *kept.entry(price.why).or_default() += 1);
    for (why, prices) in kept {
        text.push_str(&format!("{} kept: {why}\n", count(prices, "price")));
    }
    for refusal in &refreshed.refused {
        text.push_str(&format!("not settled: {refusal}\n"));
    }
    text
}

pub(crate) fn effects(effects: &[Effect]) -> String {
    let mut grid = Grid::default();
    grid.row(["US dollars a month", "before", "change", "after"]);
    grid.rule();
    for effect in effects {
        let change = signed(effect.after - effect.before);
        grid.row([effect.name.clone(), effect.before.to_string(), change, effect.after.to_string()]);
    }
    grid.draw(usize::MAX)
}
