//! `como cost`: what environments cost, and where every figure comes from.

use crate::args::Global;
use crate::costing::{Asked, Place, asked, prices, refused};
use crate::exit::{Exit, Failure, Outcome};
use crate::output::Screen;
use crate::render::cost as render;
use anyhow::anyhow;
use clap::ValueEnum;
use como_config::{Kind, Scenario};
use como_cost::book::PriceBook;
use como_cost::bridge::{Bridge, bridge};
use como_cost::budget::budget;
use como_cost::estimate::{Estimate, Missing, estimate};
use como_cost::explain::{Explanation, explain};
use como_cost::figures::Figures;
use como_cost::options::choices;
use como_cost::proposal::{proposed, proposed_name};
use como_cost::report::{EnvironmentReport, Report};
use como_cost::units::units;
use como_cost::view::By;
use como_cost::years::project;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::path::PathBuf;

/// Show what environments cost in a month, and where every figure comes from
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The environments, for example `prod`; all of the folder without any
    #[arg(value_name = "ENV")]
    names: Vec<String>,
    /// What amounts are added up by
    #[arg(long, value_enum, default_value_t = Grouping::Service)]
    by: Grouping,
    /// Where the amounts of a resource come from, by its logical id or the beginning of it
    #[arg(long, value_name = "RESOURCE")]
    explain: Option<String>,
    /// The proposal's lines, by the same rules over its own figures and the prices of its time
    #[arg(long, conflicts_with_all = ["names", "bridge", "years", "options", "recovery", "scenario"])]
    proposal: bool,
    /// From the proposal's total to today's: price, quantity, new and dropped, line by line
    #[arg(long, value_name = "FROM", value_enum)]
    bridge: Option<Origin>,
    /// The years from now on; five without a number
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "5", value_parser = clap::value_parser!(u32).range(1..=10))]
    years: Option<u32>,
    /// What could be had for less, and what would be given up for it
    #[arg(long)]
    options: bool,
    /// Of a stand-in: each posture, a drill, days in the other's place, the way back
    #[arg(long)]
    recovery: bool,
    /// Which of the three amounts of every usage figure counts
    #[arg(long, value_enum, default_value_t = Amounts::Expected)]
    scenario: Amounts,
    /// A price book, instead of the one that como brings along
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// Go on where something has no price: it is listed as UNPRICED, and totals say "at least"
    #[arg(long)]
    allow_missing: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Grouping {
    Service,
    Stack,
    Resource,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Amounts {
    Low,
    Expected,
    High,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Origin {
    Proposal,
}

pub(crate) fn run(args: &Args, global: &Global, screen: &Screen) -> Outcome {
    let Asked { places, is_proposal } = asked(&args.names, args.proposal, global, screen)?;
    let book = prices(args.prices.as_deref(), is_proposal)?;
    let mut environments = Vec::new();
    for place in &places {
        environments.push(if is_proposal { of_then(args, place, &book)? } else { of_today(args, place, &book)? });
    }
    if args.bridge.is_some() {
        add_bridges(&mut environments, &places, &book, global, screen)?;
    }
    if let Some(wanted) = &args.explain {
        return explained(wanted, &environments, screen);
    }
    let report = Report::new(environments, &book, TimeZone::UTC.to_datetime(Timestamp::now()).date());
    if screen.is_json() {
        screen.json(&report)?;
    } else {
        let width = usize::from(screen.width());
        screen.result(&render::table(&report, by(args.by), width));
        screen.result(&render::sections(&report, width));
        screen.say(&render::notes(&report));
    }
    let over = |environment: &EnvironmentReport| environment.budget.as_ref().is_some_and(|budget| budget.is_over);
    Ok(if report.environments.iter().any(over) { Exit::OverBudget } else { Exit::Done })
}

const fn missing(args: &Args) -> Missing {
    if args.allow_missing { Missing::Listed } else { Missing::Refused }
}

fn of_then(args: &Args, place: &Place, book: &PriceBook) -> Result<EnvironmentReport, Failure> {
    let estimate = proposed(&place.subject(), book, missing(args)).map_err(|unpriceable| refused(&unpriceable))?;
    Ok(EnvironmentReport::new(&place.name, estimate))
}

fn of_today(args: &Args, place: &Place, book: &PriceBook) -> Result<EnvironmentReport, Failure> {
    let scenario = scenario(args.scenario);
    let figures = Figures::new(&place.file, place.environment.usage(), scenario);
    let subject = place.subject();
    let estimate = estimate(&subject, &figures, book, missing(args)).map_err(|unpriceable| refused(&unpriceable))?;
    let mut report = EnvironmentReport::new(&place.name, estimate);
    report.budget = budget(&place.environment, &report.estimate);
    report.units = place.environment.standby().is_none().then(|| units(&report.estimate, &figures));
    if let Some(years) = args.years {
        let years = project(&subject, &figures, book, missing(args), years);
        report.years = Some(years.map_err(|unpriceable| refused(&unpriceable))?);
    }
    if args.options {
        let options = choices(&subject, &figures, book, missing(args));
        report.options = Some(options.map_err(|unpriceable| refused(&unpriceable))?);
    }
    if args.recovery {
        report.recovery = place.recovery(scenario, book, missing(args))?;
    }
    Ok(report)
}

/// A stand-in was not proposed with figures of its own, so nothing leads to it.
fn add_bridges(
    environments: &mut [EnvironmentReport],
    places: &[Place],
    book: &PriceBook,
    global: &Global,
    screen: &Screen,
) -> Result<(), Failure> {
    let then = asked(&[], true, global, screen)?;
    let book_then = prices(None, true)?;
    let bridge_to = |estimate: &Estimate, kind: Kind| -> Result<Option<Bridge>, Failure> {
        let name = proposed_name(kind);
        let Some(place) = then.places.iter().find(|place| place.name == name) else { return Ok(None) };
        let from = proposed(&place.subject(), &book_then, Missing::Refused);
        let from = from.map_err(|unpriceable| refused(&unpriceable))?;
        Ok(Some(bridge(&from, estimate, book)))
    };
    for (environment, place) in environments.iter_mut().zip(places) {
        if place.environment.standby().is_none() {
            environment.bridge = bridge_to(&environment.estimate, place.environment.kind())?;
        }
    }
    Ok(())
}

fn explained(wanted: &str, environments: &[EnvironmentReport], screen: &Screen) -> Outcome {
    let found = |environment: &EnvironmentReport| explain(&environment.estimate, wanted);
    let all = environments.iter().map(|environment| (environment.name.as_str(), found(environment)));
    let all: Vec<(&str, Vec<Explanation>)> = all.filter(|(_, explanations)| !explanations.is_empty()).collect();
    if all.is_empty() {
        let error = anyhow!("no resource of these environments is called `{wanted}`");
        return Err(Failure::new(Exit::Usage, error).hint("`como cost --by resource` lists them"));
    }
    if screen.is_json() {
        let map: serde_json::Map<String, serde_json::Value> =
            all.iter().map(|(name, explanations)| ((*name).to_owned(), serde_json::json!(explanations))).collect();
        screen.json(&map)?;
    } else {
        screen.result(&render::explanations(&all));
    }
    Ok(Exit::Done)
}

const fn by(grouping: Grouping) -> By {
    match grouping {
        Grouping::Service => By::Service,
        Grouping::Stack => By::Stack,
        Grouping::Resource => By::Resource,
    }
}

const fn scenario(amounts: Amounts) -> Scenario {
    match amounts {
        Amounts::Low => Scenario::Low,
        Amounts::Expected => Scenario::Expected,
        Amounts::High => Scenario::High,
    }
}
