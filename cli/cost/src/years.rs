//! What years cost: what stays, what grows with use, what comes in steps.

use crate::book::PriceBook;
use crate::charge::{Charge, HOURS};
use crate::estimate::{Estimate, Missing, estimate_of};
use crate::figures::Figures;
use crate::inventory::Inventory;
use crate::item::Item;
use crate::money::Usd;
use crate::problem::Unpriceable;
use crate::survey::{Everything, Subject, Survey, survey};
use crate::units::is_variable;
use como_config::{Driver, Scenario, UsageKey};
use rust_decimal::Decimal;
use serde::Serialize;
use std::rc::Rc;

/// What the years from now on cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Projection {
    pub scenario: &'static str,
    /// In per cent a year, by what grows.
    pub growth: Vec<(&'static str, String)>,
    pub years: Vec<Year>,
    /// Added up over the first year, three and five, as far as was asked.
    pub totals: Vec<YearsTotal>,
}

/// One year: twelve months as they are at its beginning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Year {
    /// From 1.
    pub year: u32,
    pub month: Usd,
    /// Parts of the month's amount.
    pub fixed: Usd,
    pub linear: Usd,
    pub stepped: Usd,
    /// Tasks beyond those of today.
    pub more_tasks: String,
    /// Twelve times the month, as it is rounded.
    pub total: Usd,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct YearsTotal {
    pub years: u32,
    pub total: Usd,
}

/// What one year costs by each of the three amounts that every figure has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct YearBand {
    /// From 1.
    pub year: u32,
    pub low: Usd,
    pub expected: Usd,
    pub high: Usd,
}

const MONTHS: u32 = 12;
/// AWS charges the first two rotations of a key, one a year.
const CHARGED_ROTATIONS: u32 = 2;
const SUMMED_UP: [u32; 3] = [1, 3, 5];

/// Growth a year as a factor, for example 1.25.
struct Growth {
    requests: Decimal,
    members: Decimal,
    data: Decimal,
    price: Decimal,
}

impl Growth {
    fn new(figures: &Figures<'_>) -> Self {
        let factor = |key| {
            let percent = figures.amount(key).unwrap_or_default();
            Decimal::ONE + percent / Decimal::ONE_HUNDRED
        };
        Self {
            requests: factor(UsageKey::RequestsGrowthPercent),
            members: factor(UsageKey::MembersGrowthPercent),
            data: factor(UsageKey::DataGrowthPercent),
            price: factor(UsageKey::PriceChangePercent),
        }
    }

    const fn of(&self, driver: Driver) -> Decimal {
        match driver {
            Driver::Fixed => Decimal::ONE,
            Driver::Requests => self.requests,
            Driver::Members => self.members,
            Driver::Data => self.data,
        }
    }
}

/// # Errors
/// Everything that has no price, and growth that no figure tells.
pub fn project(
    subject: &Subject<'_>,
    figures: &Figures<'_>,
    book: &PriceBook,
    missing: Missing,
    years: u32,
) -> Result<Projection, Unpriceable> {
    let growth = Growth::new(figures);
    let charges = survey(subject, &Everything);
    let mut all = Vec::new();
    for year in 1..=years {
        let grown = grown(figures, &growth, year);
        all.push(self::year(subject, &charges, &grown, book, missing, (year, power(growth.price, year)))?);
    }
    let totals = SUMMED_UP.iter().filter(|wanted| **wanted <= years).map(|wanted| {
        let within = all.iter().filter(|year| year.year <= *wanted);
        YearsTotal { years: *wanted, total: within.map(|year| year.total).sum() }
    });
    let percent = |key: UsageKey| figures.amount(key).map(|percent| (key.as_str(), percent.normalize().to_string()));
    let told = [
        UsageKey::RequestsGrowthPercent,
        UsageKey::MembersGrowthPercent,
        UsageKey::DataGrowthPercent,
        UsageKey::PriceChangePercent,
    ];
    Ok(Projection {
        scenario: figures.scenario().as_str(),
        growth: told.into_iter().filter_map(percent).collect(),
        totals: totals.collect(),
        years: all,
    })
}

/// The years by the low, expected and high amounts of every figure.
///
/// # Errors
/// Everything that has no price in one of them.
pub fn bands(
    subject: &Subject<'_>,
    book: &PriceBook,
    missing: Missing,
    years: u32,
) -> Result<Vec<YearBand>, Unpriceable> {
    let projected = |scenario| {
        let figures = Figures::new(subject.file, subject.environment.usage(), scenario);
        project(subject, &figures, book, missing, years).map(|projection| projection.years)
    };
    let (low, expected, high) = (projected(Scenario::Low)?, projected(Scenario::Expected)?, projected(Scenario::High)?);
    let years = low.iter().zip(&expected).zip(&high);
    Ok(years
        .map(|((low, expected), high)| YearBand {
            year: expected.year,
            low: low.total,
            expected: expected.total,
            high: high.total,
        })
        .collect())
}

/// The factor after so many years, the first being today.
fn power(factor: Decimal, year: u32) -> Decimal {
    (1..year).fold(Decimal::ONE, |power, _| (power * factor).round_dp(12))
}

fn grown<'a>(figures: &Figures<'a>, growth: &Growth, year: u32) -> Figures<'a> {
    UsageKey::ALL.iter().fold(figures.clone(), |grown, key| match figures.amount(*key) {
        Some(amount) if key.driver() != Driver::Fixed => {
            grown.with(*key, amount * power(growth.of(key.driver()), year))
        }
        _ => grown,
    })
}

fn year(
    subject: &Subject<'_>,
    charges: &Survey,
    figures: &Figures<'_>,
    book: &PriceBook,
    missing: Missing,
    (year, price): (u32, Decimal),
) -> Result<Year, Unpriceable> {
    let smooth = estimate_of(charges.clone(), subject, figures, book, missing)?;
    let more_tasks = more_tasks(subject, figures);
    let extra = figures.amount(UsageKey::ExtraTaskHours).unwrap_or_default() + more_tasks * HOURS;
    let stepped_figures = figures.clone().with(UsageKey::ExtraTaskHours, extra);
    let mut stepped_charges = charges.clone();
    stepped_charges.charges.extend(rotations(subject, year));
    let whole = estimate_of(stepped_charges, subject, &stepped_figures, book, missing)?;
    let month: Usd = whole.lines.iter().map(|line| Usd::rounded(line.exact * price)).sum();
    let fixed = Usd::rounded(fixed_part(&smooth) * price);
    let stepped = Usd::rounded((whole.exact() - smooth.exact()) * price);
    Ok(Year {
        year,
        month,
        fixed,
        linear: month - fixed - stepped,
        stepped,
        more_tasks: more_tasks.normalize().to_string(),
        total: month.times(MONTHS),
    })
}

fn fixed_part(estimate: &Estimate) -> Decimal {
    let contributions = estimate.parts().flat_map(|part| &part.contributions);
    contributions.filter(|contribution| !is_variable(contribution)).map(|contribution| contribution.exact).sum()
}

/// How many tasks must be added when those of today bear no more.
fn more_tasks(subject: &Subject<'_>, figures: &Figures<'_>) -> Decimal {
    let inventory = Inventory::new(subject.assembly, |_| true);
    let services = inventory.of_kind("AWS::ECS::Service");
    let tasks: Decimal = services.filter_map(|service| service.number("DesiredCount").ok().flatten()).sum();
    let (requests, bears) = (figures.amount(UsageKey::ApiRequestsPerDay), figures.amount(UsageKey::TaskRequestsPerDay));
    match (requests, bears) {
        (Some(requests), Some(bears)) if !bears.is_zero() && !tasks.is_zero() => {
            ((requests / bears).ceil() - tasks).max(Decimal::ZERO)
        }
        _ => Decimal::ZERO,
    }
}

/// A key that rotates by itself keeps its old material, which costs as much as a key.
fn rotations(subject: &Subject<'_>, year: u32) -> Vec<(Rc<crate::inventory::ResourceName>, Charge)> {
    let rotated = (year - 1).min(CHARGED_ROTATIONS);
    if rotated == 0 {
        return Vec::new();
    }
    let is_paid = |shared: bool| !shared || subject.environment.owner().name() == subject.environment.name();
    let inventory = Inventory::new(subject.assembly, |resource| is_paid(resource.stack.shared));
    let keys = inventory.of_kind("AWS::KMS::Key").filter(|key| key.is_true("EnableKeyRotation"));
    let charge =
        |region: &str| Charge::new(Item::KeyRotation, region).template(rotated, "rotations", "EnableKeyRotation");
    keys.map(|key| (Rc::new(key.name()), charge(key.region()))).collect()
}
