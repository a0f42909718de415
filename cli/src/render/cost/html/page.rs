//! The page itself.

use crate::render::cost::html::svg::escaped;
use crate::render::cost::html::{chart, tables};
use crate::render::cost::table::notes;
use como_cost::report::{EnvironmentReport, Report};

const STYLE: &str = include_str!("style.css");

pub(crate) fn html(report: &Report) -> String {
    let names: Vec<&str> = report.environments.iter().map(|environment| environment.name.as_str()).collect();
    let title = format!("What {} costs", names.join(", "));
    let mut body = format!("<header><h1>{}</h1>\n<p>{}</p></header>\n", escaped(&title), about(report));
    let services = chart::services(&report.environments);
    body.push_str(&section("Services by environment", "US dollars a month.", &services));
    body.push_str(&section("Line by line", "", &tables::services(report)));
    for environment in &report.environments {
        body.push_str(&of(environment, report));
    }
    let notes: String = notes(report).lines().map(|note| format!("<li>{}</li>", escaped(note.trim()))).collect();
    body.push_str(&section("What the figures rest on", "", &format!("<ul class=\"notes\">{notes}</ul>")));
    for environment in &report.environments {
        let name = escaped(&environment.name);
        for (what, table) in [("price", tables::prices(environment)), ("figure of usage", tables::usage(environment))] {
            let summary = format!("Every {what} of {name}, with its source");
            body.push_str(&format!("<details><summary>{summary}</summary>{table}</details>\n"));
        }
    }
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n{body}</body>\n</html>\n",
        escaped(&title)
    )
}

fn about(report: &Report) -> String {
    let scenarios = report.environments.first().map(|environment| environment.estimate.scenario).unwrap_or_default();
    let prices = &report.prices;
    let (book, date) = (escaped(&prices.book), escaped(&prices.date));
    let mut about = format!("A month by the {scenarios} figures of usage; prices of {book} ({date}), in US dollars.");
    if let Some(conversion) = &report.conversion {
        about.push_str(&format!(" Totals stand in {} too.", escaped(&conversion.to_string())));
    }
    about
}

fn of(environment: &EnvironmentReport, report: &Report) -> String {
    let name = &environment.name;
    let mut text = String::new();
    if let Some(difference) = &environment.difference {
        let against = report.against.as_deref().unwrap_or_default();
        let title = format!("{name}: what has changed since {against}");
        text.push_str(&section(&title, "US dollars a month, by resource and reason.", &tables::changes(difference)));
    }
    if let Some(bridge) = &environment.bridge {
        let (chart, table) = (chart::bridge(bridge), tables::bridge(bridge));
        let lead = "US dollars a month: other prices, other quantities, new and dropped services.";
        text.push_str(&section(&format!("{name}: from the proposal to today"), lead, &(chart + &table)));
    }
    if let (Some(years), Some(bands)) = (&environment.years, &environment.bands) {
        let (chart, table) = (chart::years(bands), tables::years(years, bands));
        let lead = "US dollars a year. The bar goes from the low figures of usage to the high ones, the line is what is \
                    expected. A year is twelve of its months.";
        text.push_str(&section(&format!("{name}: the years from now on"), lead, &(chart + &table)));
    }
    if let Some(recovery) = &environment.recovery {
        let mut chart = chart::recovery(recovery);
        if recovery.probes_are_dearer_than_the_stand_in {
            chart.push_str("<p><b>The probes cost more than what they probe.</b></p>");
        }
        let drill = &recovery.drill;
        chart.push_str(&format!(
            "<p>{} drills a year cost {}; probes {} a month.</p>\n",
            drill.a_year, drill.year, recovery.probes
        ));
        text.push_str(&section(&format!("{name}: to be able to recover"), "US dollars.", &chart));
    }
    if let Some(units) = environment.units.as_ref().filter(|units| !units.costs.is_empty()) {
        text.push_str(&section(&format!("{name}: what one costs"), "US dollars.", &tables::units(units)));
    }
    if let Some(options) = environment.options.as_ref().filter(|options| !options.is_empty()) {
        text.push_str(&section(&format!("{name}: what could be otherwise"), "", &tables::options(options)));
    }
    text
}

fn section(title: &str, lead: &str, content: &str) -> String {
    let lead = if lead.is_empty() { String::new() } else { format!("<p>{}</p>\n", escaped(lead)) };
    let head = format!("<h2>{}</h2>\n{lead}", escaped(title));
    // On paper a title stays with its chart.
    match content.split_once("</svg>\n") {
        Some((chart, rest)) => {
            format!("<section>\n<div class=\"together\">{head}{chart}</svg></div>\n{rest}</section>\n")
        }
        None => format!("<section>\n{head}{content}</section>\n"),
    }
}
