//! `como cost`: what environments cost, and where every figure comes from.

use crate::args::Global;
use crate::costing::against::{Against, Terms};
use crate::costing::beside::Beside;
use crate::costing::places::{Asked, Place, asked, prices};
use crate::costing::questions::{FromProposal, Questions, add_bridges, of_then, of_today};
use crate::costing::refresh::{self, Refreshing};
use crate::costing::written::{Form, Format};
use crate::environment::folder;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::Screen;
use crate::render::cost as render;
use anyhow::{Context, anyhow};
use clap::ValueEnum;
use como_config::Scenario;
use como_cost::book::PriceBook;
use como_cost::estimate::Missing;
use como_cost::explain::{Explanation, explain};
use como_cost::month::SavedMonth;
use como_cost::report::{EnvironmentReport, Report};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::path::{Path, PathBuf};

/// Show what environments cost in a month, and where every figure comes from
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The environments, for example `prod`; all of the folder without any
    #[arg(value_name = "ENV")]
    names: Vec<String>,
    #[command(flatten)]
    form: Form,
    /// Where the amounts of a resource come from, by its logical id or the beginning of it
    #[arg(long, value_name = "RESOURCE")]
    explain: Option<String>,
    /// The proposal's lines, by the same rules over its own figures and the prices of its time
    #[arg(long, conflicts_with_all = ["names", "bridge", "years", "options", "recovery", "scenario", "against", "save"])]
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
    /// What has changed since a git ref, the assembly in a folder, or the month in a file of `--save`
    #[arg(long, value_name = "REF|DIR|FILE")]
    against: Option<String>,
    /// Keep this month, to compare with later
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Which of the three amounts of every usage figure counts
    #[arg(long, value_enum, default_value_t = Amounts::Expected)]
    scenario: Amounts,
    /// A price book, instead of the one that como brings along
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    #[command(flatten)]
    beside: Beside,
    #[command(flatten)]
    refreshing: Refreshing,
    /// Go on where something has no price: it is listed as UNPRICED, and totals say "at least"
    #[arg(long)]
    allow_missing: bool,
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

pub(crate) async fn run(args: &Args, global: &Global, screen: &Screen) -> Outcome {
    let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
    let format = args.form.format(screen)?;
    let conversion = args.beside.conversion(today)?;
    let Asked { places, is_proposal } = asked(&args.names, args.proposal, global, screen)?;
    let book = prices(args.prices.as_deref(), is_proposal)?;
    let questions = args.questions(format);
    if args.refreshing.is_wanted() {
        return refresh::run(&args.refreshing, &questions, &places, &book, (global, screen, today)).await;
    }
    let mut environments = Vec::new();
    for place in &places {
        let report = if is_proposal { of_then } else { of_today };
        environments.push(report(&questions, place, &book)?);
    }
    if !is_proposal {
        add_bridges(&questions, &mut environments, &places, &book, global, screen)?;
    }
    if let Some(wanted) = &args.explain {
        return explained(wanted, &environments, screen);
    }
    let against = compare(args, &questions, &mut environments, &places, &book, (global, screen))?;
    let mut report = Report::new(environments, &book, today);
    if let Some(label) = against {
        report = report.compared(label);
    }
    if let Some(conversion) = conversion {
        report = report.converted(conversion);
    }
    args.form.write(&report, format, screen)?;
    if let Some(path) = &args.save {
        save(path, &report, questions.scenario, today, screen)?;
    }
    let over = |environment: &EnvironmentReport| environment.budget.as_ref().is_some_and(|budget| budget.is_over);
    Ok(if report.environments.iter().any(over) { Exit::OverBudget } else { Exit::Done })
}

impl Args {
    /// A document has everything that can be asked.
    fn questions(&self, format: Format) -> Questions {
        let all = format.is_document();
        Questions {
            scenario: match self.scenario {
                Amounts::Low => Scenario::Low,
                Amounts::Expected => Scenario::Expected,
                Amounts::High => Scenario::High,
            },
            missing: if self.allow_missing { Missing::Listed } else { Missing::Refused },
            years: self.years.or(all.then_some(5)),
            options: self.options || all,
            recovery: self.recovery || all,
            bridge: match self.bridge {
                Some(Origin::Proposal) => FromProposal::Wanted,
                None if all => FromProposal::IfThere,
                None => FromProposal::No,
            },
        }
    }
}

/// Fills in what has changed; what it was compared with.
fn compare(
    args: &Args,
    questions: &Questions,
    environments: &mut [EnvironmentReport],
    places: &[Place],
    book: &PriceBook,
    (global, screen): (&Global, &Screen),
) -> Result<Option<String>, Failure> {
    let Some(wanted) = &args.against else { return Ok(None) };
    let folder = &folder(global)?;
    let terms = Terms { book, scenario: questions.scenario, missing: questions.missing, folder };
    let against = Against::find(wanted, places, &terms)?;
    for environment in environments {
        environment.difference = Some(against.difference(&environment.name, &environment.estimate));
    }
    let lacking = against.lacks(places);
    if !lacking.is_empty() {
        let names = lacking.join(", ");
        screen.say(&format!("{} has no {names}, so that all of it counts as added.", against.label()));
    }
    Ok(Some(against.label().to_owned()))
}

fn save(path: &Path, report: &Report, scenario: Scenario, today: Date, screen: &Screen) -> Result<(), Failure> {
    let empty = SavedMonth::new(today.to_string(), scenario, &report.prices.book);
    let with =
        |saved: SavedMonth, environment: &EnvironmentReport| saved.with(&environment.name, &environment.estimate);
    let saved = report.environments.iter().fold(empty, with);
    let text = serde_json::to_string_pretty(&saved).context("cannot write the month as JSON")? + "\n";
    fs_err::write(path, text).context("cannot keep the month")?;
    screen.say(&format!("The month is in {0}; `como cost --against {0}` says what has changed since.", path.display()));
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
