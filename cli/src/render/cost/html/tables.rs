//! What the charts show, and what no chart shows, in figures.

use crate::render::cost::difference::{REASONS, name, picked, reasons, shown, sums};
use crate::render::cost::html::svg::escaped;
use crate::render::cost::sections::{signed, step_title};
use crate::render::cost::table::{by_line, total};
use como_cost::bridge::Bridge;
use como_cost::difference::Difference;
use como_cost::money::Usd;
use como_cost::options::Choice;
use como_cost::pricing::Origin;
use como_cost::report::{EnvironmentReport, Report};
use como_cost::units::Units;
use como_cost::years::{Projection, YearBand};
use std::collections::BTreeMap;

/// The first column to the left, amounts to the right; a wide one scrolls by itself.
fn table(head: &[String], rows: &[Vec<String>], foot: Option<Vec<String>>) -> String {
    let cells = |tag: &str, cells: &[String]| -> String {
        let cells = cells.iter().enumerate().map(|(column, cell)| match cell.rsplit_once(", ") {
            // A region's name has hyphens, at which no line should break.
            Some((title, region)) if column == 0 => {
                format!("<{tag}>{}, <span>{}</span></{tag}>", escaped(title), escaped(region))
            }
            _ => format!("<{tag}>{}</{tag}>", escaped(cell)),
        });
        format!("<tr>{}</tr>", cells.collect::<String>())
    };
    let body: String = rows.iter().map(|row| cells("td", row)).collect();
    let foot = foot.map(|foot| format!("<tfoot>{}</tfoot>", cells("td", &foot))).unwrap_or_default();
    format!(
        "<div class=\"wide\"><table><thead>{}</thead><tbody>{body}</tbody>{foot}</table></div>\n",
        cells("th", head)
    )
}

fn texts<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}

pub(super) fn services(report: &Report) -> String {
    let environments = &report.environments;
    let names = environments.iter().map(|environment| environment.name.clone());
    let head: Vec<String> = std::iter::once("US dollars a month".to_owned()).chain(names).collect();
    let shown = |amount: Option<Usd>| amount.map_or_else(|| "–".to_owned(), |amount| amount.to_string());
    let rows = by_line(environments).into_iter();
    let mut rows: Vec<Vec<String>> =
        rows.map(|(name, amounts)| std::iter::once(name).chain(amounts.into_iter().map(shown)).collect()).collect();
    let mut last = |title: String, cell: &dyn Fn(&EnvironmentReport) -> Option<String>| {
        let cells: Vec<Option<String>> = environments.iter().map(cell).collect();
        if cells.iter().any(Option::is_some) {
            let cells = cells.into_iter().map(|cell| cell.unwrap_or_else(|| "–".to_owned()));
            rows.push(std::iter::once(title).chain(cells).collect());
        }
    };
    if let Some(conversion) = &report.conversion {
        last(format!("total in {}", conversion.currency()), &|environment| environment.converted_total.clone());
    }
    last("budget".to_owned(), &|environment| environment.budget.as_ref().map(|budget| budget.budget.to_string()));
    last("of the budget".to_owned(), &|environment| {
        let budget = environment.budget.as_ref()?;
        Some(format!("{}%{}", budget.percent, if budget.is_over { ", over" } else { "" }))
    });
    let totals = environments.iter().map(|environment| total(&environment.estimate));
    table(&head, &rows, Some(std::iter::once("total".to_owned()).chain(totals).collect()))
}

pub(super) fn bridge(bridge: &Bridge) -> String {
    let row = |title: String, from: Usd, parts: [Usd; 4], to: Usd| -> Vec<String> {
        [vec![title, from.to_string()], parts.map(signed).into(), vec![to.to_string()]].concat()
    };
    let rows: Vec<Vec<String>> = bridge
        .steps
        .iter()
        .map(|step| row(step_title(step), step.from, [step.price, step.quantity, step.new, step.dropped], step.to))
        .collect();
    let parts = [bridge.price, bridge.quantity, bridge.new, bridge.dropped];
    let head = texts(["line", "then", "price", "quantity", "new", "dropped", "today"]);
    table(&head, &rows, Some(row("total".to_owned(), bridge.from, parts, bridge.to)))
}

pub(super) fn years(projection: &Projection, bands: &[YearBand]) -> String {
    let rows: Vec<Vec<String>> = projection
        .years
        .iter()
        .zip(bands)
        .map(|(year, band)| {
            let amounts = [year.fixed, year.linear, year.stepped, year.month, band.low, band.expected, band.high];
            std::iter::once(year.year.to_string()).chain(amounts.map(|amount| amount.to_string())).collect()
        })
        .collect();
    let head = texts(["year", "fixed", "linear", "stepped", "a month", "low year", "expected year", "high year"]);
    let totals: Vec<String> = projection
        .totals
        .iter()
        .map(|total| {
            let band = |of: fn(&YearBand) -> Usd| -> Usd {
                bands.iter().filter(|band| band.year <= total.years).map(of).sum()
            };
            let (low, high) = (band(|band| band.low), band(|band| band.high));
            let years = if total.years == 1 { "1 year".to_owned() } else { format!("{} years", total.years) };
            format!("<b>{years}: {}</b> ({low} to {high})", total.total)
        })
        .collect();
    let growth: Vec<String> = projection
        .growth
        .iter()
        .map(|(key, percent)| format!("{} {percent}%", key.trim_end_matches("_percent").replace('_', " ")))
        .collect();
    format!(
        "{}<p>{}. Growth a year: {} ({}).</p>\n",
        table(&head, &rows, None),
        totals.join(", "),
        escaped(&growth.join(", ")),
        projection.scenario
    )
}

pub(super) fn units(units: &Units) -> String {
    let rows: Vec<Vec<String>> = units
        .costs
        .iter()
        .map(|cost| vec![format!("each {}", cost.of), cost.number.clone(), cost.whole.clone(), cost.variable.clone()])
        .collect();
    let head = texts(["", "a month", "of everything", "of what grows with use"]);
    let (fixed, variable) = (units.fixed, units.variable);
    format!("{}<p>{fixed} a month are fixed, {variable} grow with use.</p>\n", table(&head, &rows, None))
}

pub(super) fn options(choices: &[Choice]) -> String {
    let items = choices.iter().map(|choice| {
        let (verb, amount) = match choice.saves.get().is_sign_negative() {
            true => ("costs", format!("{} more", Usd::rounded(-choice.saves.get()))),
            false => ("saves", choice.saves.to_string()),
        };
        let assumed: Vec<String> = choice.assumptions.iter().map(|assumption| escaped(assumption)).collect();
        let assumed = if assumed.is_empty() { String::new() } else { format!("<small>{}</small>", assumed.join("; ")) };
        let (what, gives_up) = (escaped(choice.what), escaped(choice.gives_up));
        format!("<li><b>{what}</b> {verb} <b>{amount}</b> a month, gives up {gives_up} {assumed}</li>")
    });
    format!("<ul>{}</ul>\n", items.collect::<String>())
}

pub(super) fn changes(difference: &Difference) -> String {
    if difference.changes.is_empty() {
        return format!("<p>Nothing: {} a month then and now.</p>\n", difference.after);
    }
    let shown = shown(difference);
    let titles = shown.iter().filter_map(|index| REASONS.get(*index)).map(|title| (*title).to_owned());
    let head: Vec<String> = texts(["resource", "then"]).into_iter().chain(titles).chain(texts(["now"])).collect();
    let row = |title: String, before: Usd, amounts: Vec<String>, after: Usd| -> Vec<String> {
        [vec![title, before.to_string()], amounts, vec![after.to_string()]].concat()
    };
    let rows: Vec<Vec<String>> = difference
        .changes
        .iter()
        .map(|change| row(name(change), change.before, picked(reasons(change), &shown), change.after))
        .collect();
    let foot = row("total".to_owned(), difference.before, picked(sums(difference), &shown), difference.after);
    table(&head, &rows, Some(foot))
}

/// Every price that was used, with its source.
pub(super) fn prices(environment: &EnvironmentReport) -> String {
    let mut rows = Vec::new();
    for line in &environment.estimate.lines {
        for part in &line.parts {
            for band in &part.bands {
                let date = band.row.date.map_or_else(|| "undated".to_owned(), |date| date.to_string());
                rows.push(vec![
                    format!("{}, {}", line.title, part.priced),
                    format!("{} {}", band.quantity.round_dp(4).normalize(), part.unit),
                    band.row.price.to_string(),
                    band.amount.round_dp(6).normalize().to_string(),
                    format!("{date}, {}: {}", band.row.confidence, band.row.source),
                ]);
            }
        }
    }
    table(&texts(["price", "quantity", "a unit", "amount", "source"]), &rows, None)
}

/// Every figure of usage that was counted with, each once.
pub(super) fn usage(environment: &EnvironmentReport) -> String {
    let contributions = environment.estimate.parts().flat_map(|part| &part.contributions);
    let factors = contributions.flat_map(|contribution| &contribution.factors);
    let mut rows: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for factor in factors {
        if let Origin::Usage(figure) = &factor.from {
            rows.entry(figure.key.as_str()).or_insert_with(|| {
                vec![
                    figure.key.to_string(),
                    format!("{} {}", factor.amount.round_dp(4).normalize(), figure.unit),
                    format!("{}, {}: {}", figure.owner, figure.date, figure.source),
                ]
            });
        }
    }
    let rows: Vec<Vec<String>> = rows.into_values().collect();
    table(&texts(["figure", "amount", "source"]), &rows, None)
}
