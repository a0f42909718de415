//! For the comment of a pull request: what it costs, and what it changes.

use crate::render::cost::difference::{REASONS, name, picked, reasons, shown, sums};
use crate::render::cost::sections::{signed, step_title};
use crate::render::cost::table::{by_line, notes, total};
use como_cost::difference::Difference;
use como_cost::report::{EnvironmentReport, Report};

/// By which a workflow finds its earlier comment.
const MARK: &str = "<!-- como cost -->";
/// More changes than this are folded away.
const OPEN: usize = 15;

pub(crate) fn markdown(report: &Report) -> String {
    let mut text = format!("{MARK}\n### What it costs\n\n");
    text.push_str(&totals(report));
    for environment in &report.environments {
        if let Some(difference) = &environment.difference {
            text.push_str(&changes(environment, difference));
        }
        if let Some(bridge) = &environment.bridge {
            let mut rows = Vec::new();
            for step in &bridge.steps {
                let parts = [step.price, step.quantity, step.new, step.dropped].map(signed);
                rows.push(
                    [vec![step_title(step), step.from.to_string()], parts.into(), vec![step.to.to_string()]].concat(),
                );
            }
            let parts = [bridge.price, bridge.quantity, bridge.new, bridge.dropped].map(signed);
            rows.push(
                [vec!["**total**".to_owned(), bridge.from.to_string()], parts.into(), vec![bridge.to.to_string()]]
                    .concat(),
            );
            let head = ["", "then", "price", "quantity", "new", "dropped", "today"].map(str::to_owned);
            text.push_str(&folded(&format!("{}: from the proposal", environment.name), &table(&head, &rows)));
        }
        if let Some(bands) = &environment.bands {
            let rows = bands.iter().map(|band| {
                [band.year.to_string(), band.low.to_string(), band.expected.to_string(), band.high.to_string()].to_vec()
            });
            let head = ["year", "low", "expected", "high"].map(str::to_owned);
            let rows: Vec<Vec<String>> = rows.collect();
            text.push_str(&folded(&format!("{}: the years from now on", environment.name), &table(&head, &rows)));
        }
    }
    text.push_str(&folded("Service by service", &services(report)));
    let notes: String = notes(report).lines().map(|note| format!("- {}\n", escaped(note.trim()))).collect();
    text.push_str(&folded("Prices, assumptions, conventions", &notes));
    text
}

fn totals(report: &Report) -> String {
    let mut head = vec!["US dollars a month".to_owned()];
    let compared = report.environments.iter().any(|environment| environment.difference.is_some());
    if compared {
        head.extend([format!("in {}", report.against.as_deref().unwrap_or_default()), "change".to_owned()]);
    }
    head.push("now".to_owned());
    head.extend(report.conversion.iter().map(|conversion| format!("in {}", conversion.currency())));
    head.push("of the budget".to_owned());
    let rows: Vec<Vec<String>> = report
        .environments
        .iter()
        .map(|environment| {
            let mut row = vec![format!("**{}**", escaped(&environment.name))];
            if let (true, Some(difference)) = (compared, &environment.difference) {
                let change = difference.after - difference.before;
                let mark = if change.is_zero() { "no change".to_owned() } else { format!("**{}**", signed(change)) };
                row.extend([difference.before.to_string(), mark]);
            }
            row.push(total(&environment.estimate));
            row.extend(environment.converted_total.clone());
            row.push(environment.budget.as_ref().map_or_else(
                || "–".to_owned(),
                |budget| {
                    let over = if budget.is_over { ", **over**" } else { "" };
                    format!("{}% of {}{over}", budget.percent, budget.budget)
                },
            ));
            row
        })
        .collect();
    table(&head, &rows)
}

fn changes(environment: &EnvironmentReport, difference: &Difference) -> String {
    if difference.changes.is_empty() {
        return String::new();
    }
    let shown = shown(difference);
    let titles = shown.iter().filter_map(|index| REASONS.get(*index)).map(|title| (*title).to_owned());
    let head: Vec<String> =
        ["resource".to_owned(), "then".to_owned()].into_iter().chain(titles).chain(["now".to_owned()]).collect();
    let row = |name: String, before: String, amounts: Vec<String>, after: String| {
        [vec![name, before], amounts, vec![after]].concat()
    };
    let mut rows: Vec<Vec<String>> = difference
        .changes
        .iter()
        .map(|change| {
            let amounts = picked(reasons(change), &shown);
            row(format!("`{}`", name(change)), change.before.to_string(), amounts, change.after.to_string())
        })
        .collect();
    let amounts = picked(sums(difference), &shown);
    rows.push(row("**total**".to_owned(), difference.before.to_string(), amounts, difference.after.to_string()));
    let table = table(&head, &rows);
    match difference.changes.len() {
        ..=OPEN => format!("\n**{}**, resource by resource\n\n{table}", escaped(&environment.name)),
        many => folded(&format!("{}: {many} resources cost something else", environment.name), &table),
    }
}

fn services(report: &Report) -> String {
    let names = report.environments.iter().map(|environment| environment.name.clone());
    let head: Vec<String> = std::iter::once("US dollars a month".to_owned()).chain(names).collect();
    let mut rows: Vec<Vec<String>> = by_line(&report.environments)
        .into_iter()
        .map(|(name, amounts)| {
            let amounts =
                amounts.into_iter().map(|amount| amount.map_or_else(|| "–".to_owned(), |amount| amount.to_string()));
            std::iter::once(name).chain(amounts).collect()
        })
        .collect();
    let totals = report.environments.iter().map(|environment| total(&environment.estimate));
    rows.push(std::iter::once("**total**".to_owned()).chain(totals).collect());
    table(&head, &rows)
}

fn folded(title: &str, text: &str) -> String {
    format!("\n<details><summary>{}</summary>\n\n{text}\n</details>\n", escaped(title))
}

/// The first column to the left, amounts to the right.
fn table(head: &[String], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let rule: Vec<String> = (0..head.len()).map(|column| if column == 0 { "---" } else { "---:" }.to_owned()).collect();
    let rows: String = rows.iter().map(|row| line(row)).collect();
    format!("{}{}{rows}", line(head), line(&rule))
}

/// What comes from a file is no markup.
fn escaped(text: &str) -> String {
    let escape = |text: String, character: char| match character {
        '<' => text + "&lt;",
        '>' => text + "&gt;",
        '*' | '_' | '`' | '[' | ']' | '|' => text + "\\" + character.encode_utf8(&mut [0; 4]),
        _ => text + character.encode_utf8(&mut [0; 4]),
    };
    text.chars().fold(String::new(), escape)
}
