//! Environments beside each other.

use crate::render::cost::grid::Grid;
use crate::render::text::count;
use como_cost::estimate::{Estimate, Line};
use como_cost::money::Usd;
use como_cost::report::{EnvironmentReport, Report};
use como_cost::view::{By, view};
use std::collections::BTreeMap;

pub(crate) fn table(report: &Report, by: By, width: usize) -> String {
    let environments = &report.environments;
    let mut grid = Grid::default();
    let names = environments.iter().map(|environment| environment.name.clone());
    grid.row(std::iter::once("US dollars a month".to_owned()).chain(names));
    grid.rule();
    let rows = match by {
        By::Service => by_line(environments),
        By::Stack | By::Resource => by_group(environments, by),
    };
    for (name, amounts) in rows {
        let shown = amounts.iter().map(|amount| amount.map_or_else(|| "–".to_owned(), |amount| amount.to_string()));
        grid.row(std::iter::once(name).chain(shown));
    }
    grid.rule();
    let totals = environments.iter().map(|environment| total(&environment.estimate));
    grid.row(std::iter::once("total".to_owned()).chain(totals));
    if let Some(conversion) = &report.conversion {
        let totals = environments.iter().map(|environment| match &environment.converted_total {
            Some(total) => format!("{}{total}", if environment.estimate.at_least { "≥ " } else { "" }),
            None => "–".to_owned(),
        });
        grid.row(std::iter::once(format!("total in {}", conversion.currency())).chain(totals));
    }
    if environments.iter().any(|environment| environment.budget.is_some()) {
        let budgets = environments.iter().map(|environment| match &environment.budget {
            Some(budget) => format!("{}%", budget.percent),
            None => "–".to_owned(),
        });
        grid.row(std::iter::once("of the budget".to_owned()).chain(budgets));
    }
    grid.draw(width)
}

pub(crate) fn total(estimate: &Estimate) -> String {
    let least = if estimate.at_least { "≥ " } else { "" };
    format!("{least}{}", estimate.total)
}

pub(crate) type Rows = Vec<(String, Vec<Option<Usd>>)>;

pub(crate) fn by_line(environments: &[EnvironmentReport]) -> Rows {
    let lines = environments.iter().enumerate();
    let lines =
        lines.flat_map(|(column, environment)| environment.estimate.lines.iter().map(move |line| (column, line)));
    let mut rows: BTreeMap<_, (String, Vec<Option<Usd>>)> = BTreeMap::new();
    for (column, line) in lines {
        let is_numbered = !line.id.starts_with(line.service.id());
        // Numbers are of one environment each, and stay together.
        let key = (is_numbered.then(|| (column, line.id.clone())), line.service, line.region.clone());
        let (_, amounts) =
            rows.entry(key).or_insert_with(|| (title(line, is_numbered), vec![None; environments.len()]));
        if let Some(cell) = amounts.get_mut(column) {
            *cell = Some(line.amount);
        }
    }
    rows.into_values().collect()
}

/// As the rows of [`by_line`] are called.
pub(crate) fn titled(line: &Line) -> String {
    title(line, !line.id.starts_with(line.service.id()))
}

fn title(line: &Line, is_numbered: bool) -> String {
    let number = if is_numbered { format!("{}  ", line.id) } else { String::new() };
    match line.service.is_global() {
        true => format!("{number}{}", line.title),
        false => format!("{number}{}, {}", line.title, line.region),
    }
}

fn by_group(environments: &[EnvironmentReport], by: By) -> Rows {
    let mut rows: BTreeMap<String, Vec<Option<Usd>>> = BTreeMap::new();
    let mut rounding: Vec<Option<Usd>> = Vec::new();
    for (column, environment) in environments.iter().enumerate() {
        let view = view(&environment.estimate, by);
        rounding.push((!view.rounding.is_zero()).then_some(view.rounding));
        for group in view.groups {
            let amounts = rows.entry(group.name).or_insert_with(|| vec![None; environments.len()]);
            if let Some(cell) = amounts.get_mut(column) {
                *cell = Some(group.amount);
            }
        }
    }
    let mut rows: Rows = rows.into_iter().collect();
    if rounding.iter().any(Option::is_some) {
        rows.push(("cents that rounding moves".to_owned(), rounding));
    }
    rows
}

/// What there is to say beside the amounts.
pub(crate) fn notes(report: &Report) -> String {
    let prices = &report.prices;
    let mut notes = vec![format!("Prices of {} ({}); {}", prices.book, prices.date, prices.about)];
    notes.extend(prices.warnings.iter().map(|warning| format!("warning: {warning}.")));
    for assumed in &prices.assumptions {
        notes.push(format!("assumed {} at {}: {} ({})", assumed.priced, assumed.price, assumed.source, assumed.date));
    }
    if !prices.free_tiers_not_applied.is_empty() {
        notes.push(format!("Free tiers that are not applied: {}.", prices.free_tiers_not_applied.join("; ")));
    }
    for environment in &report.environments {
        let (name, estimate) = (&environment.name, &environment.estimate);
        for unpriced in &estimate.unpriced {
            notes.push(format!("UNPRICED in {name}: {unpriced}; {}", unpriced.problem.remedy()));
        }
        if !estimate.not_in_the_proposal.is_empty() {
            let listed = estimate.not_in_the_proposal.len();
            notes.push(format!("{} of {name} not in the proposal:", count(listed, "resource")));
            let left_out = estimate.not_in_the_proposal.iter();
            notes.extend(left_out.map(|left_out| format!("  {}: {}", left_out.resource, left_out.why)));
        }
        if let Some(budget) = environment.budget.as_ref().filter(|budget| budget.is_over) {
            notes.push(format!("{name} costs {} and its budget is {}.", estimate.total, budget.budget));
        }
    }
    if let Some(conversion) = &report.conversion {
        notes.push(format!("Beside the US dollars: {conversion}."));
    }
    notes.extend(report.conventions.iter().map(|convention| format!("{convention}.")));
    notes.push(
        "Where an amount comes from: `como cost --explain <RESOURCE>`; the resources: `--by resource`.".to_owned(),
    );
    notes.join("\n")
}
