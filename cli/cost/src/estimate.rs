//! What an environment costs in a month: lines of whole cents, and everything that led to them.

use crate::book::PriceBook;
use crate::figures::Figures;
use crate::item::{GLOBAL, Service};
use crate::money::{Usd, plain};
use crate::pricing::{Part, price};
use crate::problem::{Unpriceable, Unpriced};
use crate::survey::{Everything, Explained, Scope, Subject, Survey, survey};
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// What to do about things without a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    Refused,
    /// Listed, and the total is "at least".
    Listed,
}

/// The month's cost of one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// The sum of the lines as they are printed.
    pub total: Usd,
    /// Something has no price, so that the total is the least that it can be.
    pub at_least: bool,
    pub scenario: &'static str,
    /// Where the figures of usage stand.
    pub file: String,
    pub region: String,
    pub lines: Vec<Line>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unpriced: Vec<Unpriced>,
    pub free: Vec<Explained>,
    pub billed_elsewhere: Vec<Explained>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_in_the_proposal: Vec<Explained>,
}

/// One printed line: a service in a region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The service, and its region where that is not the environment's own; of a proposal, the number of its line.
    pub id: String,
    pub service: Service,
    pub title: &'static str,
    pub region: String,
    pub amount: Usd,
    /// Before the one rounding.
    #[serde(serialize_with = "exact")]
    pub exact: Decimal,
    pub parts: Vec<Part>,
}

fn exact<S: Serializer>(amount: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&plain(*amount))
}

/// # Errors
/// Everything that has no price, unless that is only listed.
pub fn estimate(
    subject: &Subject<'_>,
    figures: &Figures<'_>,
    book: &PriceBook,
    missing: Missing,
) -> Result<Estimate, Unpriceable> {
    estimate_in(subject, &Everything, figures, book, missing)
}

pub(crate) fn estimate_in(
    subject: &Subject<'_>,
    scope: &dyn Scope,
    figures: &Figures<'_>,
    book: &PriceBook,
    missing: Missing,
) -> Result<Estimate, Unpriceable> {
    estimate_of(survey(subject, scope), subject, figures, book, missing)
}

/// Of charges that may have been changed for a question.
pub(crate) fn estimate_of(
    survey: Survey,
    subject: &Subject<'_>,
    figures: &Figures<'_>,
    book: &PriceBook,
    missing: Missing,
) -> Result<Estimate, Unpriceable> {
    let Survey { charges, free, elsewhere, outside, mut unpriced } = survey;
    let parts = price(&charges, figures, book, &mut unpriced);
    if missing == Missing::Refused && !unpriced.is_empty() {
        return Err(Unpriceable { environment: subject.environment.name().to_string(), unpriced });
    }
    let region = subject.environment.region().as_str();
    let lines = lines(parts, region);
    Ok(Estimate {
        total: lines.iter().map(|line| line.amount).sum(),
        at_least: !unpriced.is_empty(),
        scenario: figures.scenario().as_str(),
        file: figures.file().to_owned(),
        region: region.to_owned(),
        lines,
        unpriced,
        free,
        billed_elsewhere: elsewhere,
        not_in_the_proposal: outside,
    })
}

fn lines(parts: Vec<Part>, home: &str) -> Vec<Line> {
    let mut lines: BTreeMap<(Service, bool, String), Vec<Part>> = BTreeMap::new();
    for part in parts {
        let service = part.priced.item.service();
        let global = service.is_global() || service == Service::CloudWatch && part.priced.region == GLOBAL;
        // Dashboards have one price for the world and are CloudWatch's of the environment's own region.
        let region = if global && !service.is_global() { home.to_owned() } else { part.priced.region.clone() };
        let region = if service.is_global() { GLOBAL.to_owned() } else { region };
        lines.entry((service, region != home, region)).or_default().push(part);
    }
    lines.into_iter().map(|((service, _, region), parts)| line(service, region, parts, home)).collect()
}

fn line(service: Service, region: String, parts: Vec<Part>, home: &str) -> Line {
    let exact = parts.iter().map(|part| part.exact).sum();
    let id = match region == home || service.is_global() {
        true => service.id().to_owned(),
        false => format!("{}/{region}", service.id()),
    };
    Line { id, service, title: service.title(), region, amount: Usd::rounded(exact), exact, parts }
}

impl Estimate {
    #[must_use]
    pub fn line(&self, id: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.id == id)
    }

    /// Every part of every line.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.lines.iter().flat_map(|line| &line.parts)
    }

    /// Before any rounding.
    #[must_use]
    pub fn exact(&self) -> Decimal {
        self.lines.iter().map(|line| line.exact).sum()
    }
}
