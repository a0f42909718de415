//! The report on environments, with what was asked for besides the month.

use crate::args::Global;
use crate::costing::places::{Place, asked, prices, refused};
use crate::exit::Failure;
use crate::output::Screen;
use como_config::{Kind, Scenario};
use como_cost::book::PriceBook;
use como_cost::bridge::{Bridge, bridge};
use como_cost::budget::budget;
use como_cost::estimate::{Estimate, Missing, estimate};
use como_cost::figures::Figures;
use como_cost::options::choices;
use como_cost::proposal::{proposed, proposed_name};
use como_cost::report::EnvironmentReport;
use como_cost::units::units;
use como_cost::years::{bands, project};

/// What is asked besides the month.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Questions {
    pub(crate) scenario: Scenario,
    pub(crate) missing: Missing,
    pub(crate) years: Option<u32>,
    pub(crate) options: bool,
    pub(crate) recovery: bool,
    pub(crate) bridge: FromProposal,
}

/// Whether the proposal's total is led to today's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FromProposal {
    No,
    /// If the folder has a proposal.
    IfThere,
    Wanted,
}

pub(crate) fn of_then(questions: &Questions, place: &Place, book: &PriceBook) -> Result<EnvironmentReport, Failure> {
    let estimate = proposed(&place.subject(), book, questions.missing).map_err(|unpriceable| refused(&unpriceable))?;
    Ok(EnvironmentReport::new(&place.name, estimate))
}

pub(crate) fn of_today(questions: &Questions, place: &Place, book: &PriceBook) -> Result<EnvironmentReport, Failure> {
    let Questions { scenario, missing, .. } = *questions;
    let figures = Figures::new(&place.file, place.environment.usage(), scenario);
    let subject = place.subject();
    let estimate = estimate(&subject, &figures, book, missing).map_err(|unpriceable| refused(&unpriceable))?;
    let mut report = EnvironmentReport::new(&place.name, estimate);
    report.budget = budget(&place.environment, &report.estimate);
    report.units = place.environment.standby().is_none().then(|| units(&report.estimate, &figures));
    if let Some(years) = questions.years {
        let projection = project(&subject, &figures, book, missing, years);
        report.years = Some(projection.map_err(|unpriceable| refused(&unpriceable))?);
        let bands = bands(&subject, book, missing, years);
        report.bands = Some(bands.map_err(|unpriceable| refused(&unpriceable))?);
    }
    if questions.options {
        let options = choices(&subject, &figures, book, missing);
        report.options = Some(options.map_err(|unpriceable| refused(&unpriceable))?);
    }
    if questions.recovery {
        report.recovery = place.recovery(scenario, book, missing)?;
    }
    Ok(report)
}

/// A stand-in was not proposed with figures of its own, so nothing leads to it.
pub(crate) fn add_bridges(
    questions: &Questions,
    environments: &mut [EnvironmentReport],
    places: &[Place],
    book: &PriceBook,
    global: &Global,
    screen: &Screen,
) -> Result<(), Failure> {
    let then = match (questions.bridge, asked(&[], true, global, screen)) {
        (FromProposal::No, _) | (FromProposal::IfThere, Err(_)) => return Ok(()),
        (_, then) => then?,
    };
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
