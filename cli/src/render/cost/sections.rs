//! What was asked for besides the month: units, bridge, years, options, recovery.

use crate::render::cost::difference::changes;
use crate::render::cost::grid::Grid;
use como_cost::bridge::{Bridge, Step};
use como_cost::money::Usd;
use como_cost::options::Choice;
use como_cost::recovery::Recovery;
use como_cost::report::{EnvironmentReport, Report};
use como_cost::units::Units;
use como_cost::years::{Projection, YearBand};

pub(crate) fn sections(report: &Report, width: usize) -> String {
    let mut text = String::new();
    for environment in &report.environments {
        let against = report.against.as_deref().unwrap_or_default();
        let difference = environment.difference.as_ref();
        let difference = difference.map(|difference| changes(&environment.name, against, difference, width));
        for section in difference.into_iter().chain(of(environment, width)) {
            text.push('\n');
            text.push_str(&section);
        }
    }
    text
}

fn of(environment: &EnvironmentReport, width: usize) -> Vec<String> {
    let name = &environment.name;
    let units = environment.units.as_ref().map(|units| self::units(name, units, width));
    let bridge = environment.bridge.as_ref().map(|bridge| self::bridge(name, bridge, width));
    let bands = environment.bands.as_deref().unwrap_or_default();
    let years = environment.years.as_ref().map(|years| self::years(name, years, bands, width));
    let options = environment.options.as_ref().map(|options| self::options(name, options));
    let recovery = environment.recovery.as_ref().map(|recovery| self::recovery(name, recovery, width));
    [units, bridge, years, options, recovery].into_iter().flatten().collect()
}

fn units(name: &str, units: &Units, width: usize) -> String {
    let mut grid = Grid::default();
    grid.row([format!("{name}: each").as_str(), "a month", "of everything", "of what grows"]);
    for cost in &units.costs {
        grid.row([cost.of, &cost.number, &cost.whole, &cost.variable]);
    }
    format!("{}{} are fixed, {} grow with use\n", grid.draw(width), units.fixed, units.variable)
}

/// Nothing for nothing, and a sign for what is added.
pub(crate) fn signed(amount: Usd) -> String {
    match amount {
        amount if amount.is_zero() => "–".to_owned(),
        amount if amount.get().is_sign_negative() => amount.to_string(),
        amount => format!("+{amount}"),
    }
}

fn bridge(name: &str, bridge: &Bridge, width: usize) -> String {
    let mut grid = Grid::default();
    grid.row([format!("{name}: from the proposal").as_str(), "then", "price", "quantity", "new", "dropped", "today"]);
    grid.rule();
    for step in &bridge.steps {
        let parts = [step.price, step.quantity, step.new, step.dropped].map(signed);
        grid.row([vec![step_title(step), step.from.to_string()], parts.into(), vec![step.to.to_string()]].concat());
    }
    grid.rule();
    let parts = [bridge.price, bridge.quantity, bridge.new, bridge.dropped].map(signed);
    grid.row([vec!["total".to_owned(), bridge.from.to_string()], parts.into(), vec![bridge.to.to_string()]].concat());
    grid.draw(width)
}

pub(crate) fn step_title(step: &Step) -> String {
    let number = step.number.as_ref().map(|number| format!("{number}  ")).unwrap_or_default();
    match step.service.is_global() {
        true => format!("{number}{}", step.title),
        false => format!("{number}{}, {}", step.title, step.region),
    }
}

fn years(name: &str, projection: &Projection, bands: &[YearBand], width: usize) -> String {
    let mut grid = Grid::default();
    grid.row([format!("{name}: year").as_str(), "fixed", "linear", "stepped", "a month", "the year", "more tasks"]);
    grid.rule();
    for year in &projection.years {
        let amounts = [year.fixed, year.linear, year.stepped, year.month, year.total].map(|amount| amount.to_string());
        grid.row([vec![year.year.to_string()], amounts.into(), vec![year.more_tasks.clone()]].concat());
    }
    let totals = projection.totals.iter().map(|total| match total.years {
        1 => format!("1 year {}", total.total),
        years => format!("{years} years {}", total.total),
    });
    let totals: Vec<String> = totals.collect();
    let growth =
        projection.growth.iter().map(|(key, percent)| format!("{} {percent}%", key.trim_end_matches("_percent")));
    let growth: Vec<String> = growth.collect();
    let mut text = format!(
        "{}{}; {} ({}); a year is twelve of its months, rounded as they are\n",
        grid.draw(width),
        totals.join(", "),
        growth.join(", "),
        projection.scenario
    );
    for band in bands {
        let YearBand { year, low, expected, high } = band;
        text.push_str(&format!("  year {year}: low {low}, expected {expected}, high {high}\n"));
    }
    text
}

fn options(name: &str, choices: &[Choice]) -> String {
    let mut text = format!("{name}: what could be otherwise\n");
    for choice in choices {
        let (verb, amount) = match choice.saves.get().is_sign_negative() {
            true => ("costs", Usd::rounded(-choice.saves.get())),
            false => ("saves", choice.saves),
        };
        let more = if verb == "costs" { " more" } else { "" };
        text.push_str(&format!("  {}: {verb} {amount}{more} a month, gives up {}\n", choice.what, choice.gives_up));
        choice.assumptions.iter().for_each(|assumption| text.push_str(&format!("    {assumption}\n")));
    }
    text
}

fn recovery(name: &str, recovery: &Recovery, width: usize) -> String {
    let mut grid = Grid::default();
    grid.row([format!("{name}: to be able to recover").as_str(), "US dollars"]);
    grid.rule();
    for posture in &recovery.postures {
        let chosen = if posture.is_chosen { ", as it is" } else { "" };
        grid.row([format!("{}{chosen}, a month", posture.posture), posture.month.to_string()]);
    }
    grid.row(["copies of data, keys and images, a month".to_owned(), recovery.copies.to_string()]);
    grid.row(["probes, a month".to_owned(), recovery.probes.to_string()]);
    let drill = &recovery.drill;
    grid.row([format!("a drill of {} h", drill.hours), drill.cost.to_string()]);
    grid.row([format!("{} drills a year", drill.a_year), drill.year.to_string()]);
    for failed_over in &recovery.failed_over {
        let days = if failed_over.days == 1 { "1 day".to_owned() } else { format!("{} days", failed_over.days) };
        grid.row([format!("{days} in the other's place, on top"), failed_over.cost.to_string()]);
    }
    grid.row(["going back".to_owned(), recovery.fail_back.to_string()]);
    let mut text = grid.draw(width);
    if recovery.probes_are_dearer_than_the_stand_in {
        text.push_str("warning: the probes cost more than what they probe\n");
    }
    text
}
