//! The one model that every format is written from. Its schema has a version, and fields are only added within it.

use crate::book::{Confidence, PriceBook};
use crate::bridge::Bridge;
use crate::budget::BudgetUse;
use crate::currency::Conversion;
use crate::difference::Difference;
use crate::estimate::Estimate;
use crate::item::Priced;
use crate::options::Choice;
use crate::pricing::PricedBand;
use crate::recovery::Recovery;
use crate::units::Units;
use crate::years::{Projection, YearBand};
use jiff::Unit;
use jiff::civil::Date;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// The version of the model.
pub const SCHEMA: &str = "como.cost/1";
/// A book that is older is still used, and said to be old.
const OLD_BOOK_DAYS: i64 = 90;
/// Prices move once in a few years; what was read longer ago than this wants a second look.
const OLD_PRICE_DAYS: i64 = 180;

#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub schema: &'static str,
    pub currency: &'static str,
    pub prices: PricesUsed,
    /// The rate of another currency, in which totals stand beside the dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversion: Option<Conversion>,
    /// What the differences lead from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
    #[serde(serialize_with = "by_name")]
    pub environments: Vec<EnvironmentReport>,
    /// What holds for every figure of the report.
    pub conventions: Vec<&'static str>,
}

/// One environment; its name is its key in the report.
#[derive(Debug, Clone, Serialize)]
pub struct EnvironmentReport {
    #[serde(skip)]
    pub name: String,
    #[serde(flatten)]
    pub estimate: Estimate,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<BudgetUse>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<Units>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bridge: Option<Bridge>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub years: Option<Projection>,
    /// The years by low, expected and high figures of usage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bands: Option<Vec<YearBand>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<Vec<Choice>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Recovery>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
    /// The total in the report's other currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub converted_total: Option<String>,
}

impl EnvironmentReport {
    /// With the estimate alone.
    #[must_use]
    pub fn new(name: impl Into<String>, estimate: Estimate) -> Self {
        Self {
            name: name.into(),
            estimate,
            budget: None,
            units: None,
            bridge: None,
            years: None,
            bands: None,
            options: None,
            recovery: None,
            difference: None,
            converted_total: None,
        }
    }
}

/// The price book, and what there is to say of the rows that were used.
#[derive(Debug, Clone, Serialize)]
pub struct PricesUsed {
    pub book: String,
    pub date: String,
    pub about: String,
    pub age_days: i64,
    pub warnings: Vec<String>,
    /// Prices that were used and that no source gives.
    pub assumptions: Vec<Assumed>,
    /// Free tiers that were not applied.
    pub free_tiers_not_applied: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Assumed {
    #[serde(flatten)]
    pub priced: Priced,
    pub price: String,
    pub date: String,
    pub source: String,
}

const CONVENTIONS: [&str; 4] = [
    "a month has 730 hours and 730 / 24 days",
    "each line is rounded once to cents, half to even; totals add rounded lines",
    "list prices in US dollars, without tax and discounts",
    "free tiers count only where they are bands of a price, and for each environment by itself",
];

fn by_name<S: Serializer>(environments: &[EnvironmentReport], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(environments.len()))?;
    for environment in environments {
        map.serialize_entry(&environment.name, environment)?;
    }
    map.end()
}

impl Report {
    /// As of a day, which the caller knows.
    #[must_use]
    pub fn new(environments: Vec<EnvironmentReport>, book: &PriceBook, today: Date) -> Self {
        let prices = prices(&environments, book, today);
        let conventions = CONVENTIONS.to_vec();
        Self { schema: SCHEMA, currency: "USD", prices, conversion: None, against: None, environments, conventions }
    }

    /// With every total in another currency too, at a rate that somebody named.
    #[must_use]
    pub fn converted(mut self, conversion: Conversion) -> Self {
        for environment in &mut self.environments {
            environment.converted_total = Some(conversion.of(environment.estimate.total));
        }
        self.conversion = Some(conversion);
        self
    }

    /// With what the differences of its environments lead from.
    #[must_use]
    pub fn compared(mut self, against: impl Into<String>) -> Self {
        self.against = Some(against.into());
        self
    }
}

fn prices(environments: &[EnvironmentReport], book: &PriceBook, today: Date) -> PricesUsed {
    let parts = environments.iter().flat_map(|environment| environment.estimate.parts());
    let mut used: Vec<(&Priced, &PricedBand)> =
        parts.flat_map(|part| part.bands.iter().map(move |band| (&part.priced, band))).collect();
    used.sort_by(|(left, a), (right, b)| (left, a.row.begin).cmp(&(right, b.row.begin)));
    used.dedup_by(|(left, a), (right, b)| left == right && a.row.begin == b.row.begin);
    let age_days = days(book.date(), today);
    let mut warnings = Vec::new();
    if OLD_BOOK_DAYS < age_days {
        warnings.push(format!("the price book {} is {age_days} days old", book.name()));
    }
    let dated = used.iter().filter_map(|(_, band)| band.row.date);
    let old: Vec<_> = dated.filter(|as_of| OLD_PRICE_DAYS < days(as_of.date(), book.date())).collect();
    if let Some(oldest) = old.iter().min_by_key(|as_of| as_of.date()) {
        let (count, all) = (old.len(), used.len());
        warnings.push(format!(
            "{count} of {all} prices were read more than {OLD_PRICE_DAYS} days before the book, the oldest in {oldest}"
        ));
    }
    let undated = used.iter().filter(|(_, band)| band.row.date.is_none()).count();
    if 0 < undated {
        warnings.push(format!("{undated} prices have a source without a date"));
    }
    let assumed = used.iter().filter(|(_, band)| band.row.confidence == Confidence::Assumption);
    let assumptions = assumed.map(|(priced, band)| Assumed {
        priced: (*priced).clone(),
        price: band.row.price.to_string(),
        date: band.row.date.map(|date| date.to_string()).unwrap_or_default(),
        source: band.row.source.clone(),
    });
    let mut free: Vec<String> = used
        .iter()
        .filter_map(|(priced, band)| Some(format!("{}: {}", priced.item, band.row.free_tier.as_ref()?)))
        .collect();
    free.dedup();
    PricesUsed {
        book: book.name().to_owned(),
        date: book.date().to_string(),
        about: book.about().to_owned(),
        age_days,
        warnings,
        assumptions: assumptions.collect(),
        free_tiers_not_applied: free,
    }
}

/// Dates of books and sources are within centuries, so the difference always fits.
fn days(from: Date, to: Date) -> i64 {
    from.until((Unit::Day, to)).map(|span| i64::from(span.get_days())).unwrap_or_default()
}
