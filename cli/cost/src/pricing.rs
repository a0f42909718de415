//! Charges, figures and a price book make amounts.
//!
//! A band of a price is reached by what all resources use together, so quantities are added before they are priced, and what a
//! resource costs is its part of that.

use crate::book::{Band, PriceBook, Row};
use crate::charge::{Charge, Factor};
use crate::figures::{FigureUsed, Figures};
use crate::inventory::ResourceName;
use crate::item::Priced;
use crate::money::plain;
use crate::problem::{Problem, Unpriced};
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::rc::Rc;

/// One price and all that is bought at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    #[serde(flatten)]
    pub priced: Priced,
    #[serde(serialize_with = "short")]
    pub quantity: Decimal,
    pub unit: &'static str,
    pub bands: Vec<PricedBand>,
    /// Not rounded.
    #[serde(serialize_with = "short")]
    pub exact: Decimal,
    pub contributions: Vec<Contribution>,
}

/// What of a quantity falls into one band, and the price that it has there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PricedBand {
    #[serde(serialize_with = "short")]
    pub quantity: Decimal,
    #[serde(serialize_with = "short")]
    pub amount: Decimal,
    #[serde(flatten)]
    pub row: Row,
}

/// What one resource contributes to a quantity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contribution {
    #[serde(serialize_with = "shared")]
    pub resource: Rc<ResourceName>,
    pub factors: Vec<Resolved>,
    #[serde(serialize_with = "short")]
    pub quantity: Decimal,
    #[serde(serialize_with = "short")]
    pub exact: Decimal,
}

/// A factor with its amount, and where that comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resolved {
    #[serde(serialize_with = "short")]
    pub amount: Decimal,
    /// Of what there are so many.
    pub what: String,
    pub from: Origin,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The resource's own property; empty for the resource itself.
    Template {
        property: String,
    },
    Usage(FigureUsed),
    Convention {
        why: String,
    },
    /// The quantity is divided by the amount.
    Share,
}

fn short<S: Serializer>(amount: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&plain(*amount))
}

fn shared<S: Serializer>(name: &Rc<ResourceName>, serializer: S) -> Result<S::Ok, S::Error> {
    name.as_ref().serialize(serializer)
}

impl Contribution {
    /// The product of the factors that a template or a convention says, and that of those that figures of usage say.
    pub(crate) fn by_origin(&self) -> (Decimal, Decimal) {
        let of_usage = |factor: &&Resolved| matches!(factor.from, Origin::Usage(_));
        let usage = product(self.factors.iter().filter(of_usage));
        let template = product(self.factors.iter().filter(|factor| !of_usage(factor)));
        (template, usage)
    }

    pub(crate) fn figures(&self) -> impl Iterator<Item = &FigureUsed> {
        self.factors.iter().filter_map(|factor| match &factor.from {
            Origin::Usage(figure) => Some(figure),
            Origin::Template { .. } | Origin::Convention { .. } | Origin::Share => None,
        })
    }
}

/// Multiplies first and divides last, so that as little as possible is endless.
fn product<'f>(factors: impl Iterator<Item = &'f Resolved>) -> Decimal {
    let mut product = Decimal::ONE;
    let mut divisor = Decimal::ONE;
    for factor in factors {
        match factor.from {
            Origin::Share => divisor *= factor.amount,
            Origin::Template { .. } | Origin::Usage(_) | Origin::Convention { .. } => product *= factor.amount,
        }
    }
    product / divisor
}

/// What has a price, by what it is; what has none goes to the problems.
pub(crate) fn price(
    charges: &[(Rc<ResourceName>, Charge)],
    figures: &Figures<'_>,
    book: &PriceBook,
    unpriced: &mut Vec<Unpriced>,
) -> Vec<Part> {
    let mut parts: BTreeMap<&Priced, Vec<Contribution>> = BTreeMap::new();
    for (resource, charge) in charges {
        match resolve(charge, figures) {
            Ok(factors) => {
                let quantity = product(factors.iter());
                let contribution =
                    Contribution { resource: Rc::clone(resource), factors, quantity, exact: Decimal::ZERO };
                parts.entry(&charge.priced).or_default().push(contribution);
            }
            Err(problem) => unpriced.push(Unpriced { resource: resource.as_ref().clone(), problem }),
        }
    }
    let mut priced_parts = Vec::new();
    for (priced, contributions) in parts {
        let quantity: Decimal = contributions.iter().map(|contribution| contribution.quantity).sum();
        match bands(priced, plain(quantity), book) {
            Ok(bands) => priced_parts.push(part(priced, quantity, contributions, &bands)),
            Err(problem) => unpriced.extend(contributions.into_iter().map(|contribution| Unpriced {
                resource: contribution.resource.as_ref().clone(),
                problem: problem.clone(),
            })),
        }
    }
    priced_parts
}

fn resolve(charge: &Charge, figures: &Figures<'_>) -> Result<Vec<Resolved>, Problem> {
    let resolved = |factor: &Factor| match factor {
        Factor::Template { amount, what, property } => Ok(Resolved {
            amount: *amount,
            what: (*what).to_owned(),
            from: Origin::Template { property: (*property).to_owned() },
        }),
        Factor::Convention { amount, what, why } => Ok(Resolved {
            amount: *amount,
            what: (*what).to_owned(),
            from: Origin::Convention { why: (*why).to_owned() },
        }),
        Factor::Share { among, what } => {
            Ok(Resolved { amount: Decimal::from(*among), what: (*what).to_owned(), from: Origin::Share })
        }
        Factor::Usage(key) => {
            let missing = || Problem::NoUsage { key: *key, file: figures.file().to_owned() };
            let figure = figures.used(*key).ok_or_else(missing)?;
            Ok(Resolved { amount: figure.amount, what: key.unit().to_owned(), from: Origin::Usage(figure) })
        }
    };
    charge.factors.iter().map(resolved).collect()
}

fn bands<'b>(priced: &Priced, quantity: Decimal, book: &'b PriceBook) -> Result<Vec<Band<'b>>, Problem> {
    let name = || book.name().to_owned();
    match book.amount(priced, quantity) {
        Some(Ok(bands)) => Ok(bands),
        Some(Err(beyond)) => {
            let quantity = quantity.round_dp(2);
            Err(Problem::Beyond { priced: priced.clone(), book: name(), quantity, end: beyond.end })
        }
        None => {
            let elsewhere = book.regions_of(priced.item).map(str::to_owned).collect();
            Err(Problem::NoPrice { priced: priced.clone(), book: name(), elsewhere })
        }
    }
}

fn part(priced: &Priced, quantity: Decimal, mut contributions: Vec<Contribution>, bands: &[Band<'_>]) -> Part {
    let exact: Decimal = bands.iter().map(|band| band.amount).sum();
    for contribution in &mut contributions {
        let share = if quantity.is_zero() { Decimal::ZERO } else { contribution.quantity / quantity };
        contribution.exact = plain(exact * share);
    }
    let priced_band =
        |band: &Band<'_>| PricedBand { quantity: band.quantity, amount: band.amount, row: band.row.clone() };
    Part {
        priced: priced.clone(),
        quantity: plain(quantity),
        unit: priced.item.unit(),
        bands: bands.iter().map(priced_band).collect(),
        exact: plain(exact),
        contributions,
    }
}
