//! From what was proposed to what it is today, line by line: price, quantity, new, dropped; it sums to the cent.

use crate::book::PriceBook;
use crate::estimate::{Estimate, Line};
use crate::item::{Item, Priced, Service};
use crate::money::{Usd, plain};
use crate::pricing::Part;
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::BTreeMap;

/// From one total to the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bridge {
    pub from: Usd,
    pub to: Usd,
    pub steps: Vec<Step>,
    /// The steps, added up.
    pub price: Usd,
    pub quantity: Usd,
    pub new: Usd,
    pub dropped: Usd,
}

/// One line of both, or of one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The number of the proposal's line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    pub service: Service,
    pub title: &'static str,
    pub region: String,
    pub from: Usd,
    pub to: Usd,
    /// The proposal's quantity at today's prices, less at its own.
    pub price: Usd,
    /// What is left: another quantity of the same things.
    pub quantity: Usd,
    /// Things that were not proposed.
    pub new: Usd,
    /// Things that are no longer there.
    pub dropped: Usd,
}

/// What has taken a thing's place; only its price is another one.
const SUCCESSORS: [(Item, Item); 2] =
    [(Item::AdvancedSecurityMember, Item::PlusMember), (Item::TableWrite, Item::TableReplicatedWrite)];

/// A line then, and today.
type Sides<'e> = (Option<&'e Line>, Option<&'e Line>);

#[must_use]
pub fn bridge(proposal: &Estimate, today: &Estimate, book: &PriceBook) -> Bridge {
    let mut lines: BTreeMap<(Service, &str), Sides<'_>> = BTreeMap::new();
    for line in &proposal.lines {
        lines.entry((line.service, &line.region)).or_default().0 = Some(line);
    }
    for line in &today.lines {
        lines.entry((line.service, &line.region)).or_default().1 = Some(line);
    }
    let mut steps: Vec<Step> = lines.into_values().filter_map(|(from, to)| step(from, to, book)).collect();
    steps.sort_by(|left, right| (left.number.is_none(), &left.number).cmp(&(right.number.is_none(), &right.number)));
    let sum = |part: fn(&Step) -> Usd| steps.iter().map(part).sum();
    Bridge {
        from: proposal.total,
        to: today.total,
        price: sum(|step| step.price),
        quantity: sum(|step| step.quantity),
        new: sum(|step| step.new),
        dropped: sum(|step| step.dropped),
        steps,
    }
}

fn step(from: Option<&Line>, to: Option<&Line>, book: &PriceBook) -> Option<Step> {
    let line = from.or(to)?;
    let none: &[Part] = &[];
    let (before, after) = (from.map_or(none, |line| &line.parts), to.map_or(none, |line| &line.parts));
    let amount = |line: Option<&Line>| line.map_or(Usd::rounded(Decimal::ZERO), |line| line.amount);
    let (from_amount, to_amount) = (amount(from), amount(to));
    let mut price = Decimal::ZERO;
    let mut dropped = Decimal::ZERO;
    for part in before {
        match heir(part, after) {
            Some(heir) => price += repriced(part, heir, book) - part.exact,
            None => dropped -= part.exact,
        }
    }
    let is_new = |part: &&Part| !before.iter().any(|old| heir(old, std::slice::from_ref(part)).is_some());
    let new: Decimal = after.iter().filter(is_new).map(|part| part.exact).sum();
    let (price, new, dropped) = match (from, to) {
        (None, _) => (Usd::rounded(Decimal::ZERO), to_amount, Usd::rounded(Decimal::ZERO)),
        (_, None) => {
            (Usd::rounded(Decimal::ZERO), Usd::rounded(Decimal::ZERO), Usd::rounded(Decimal::ZERO) - from_amount)
        }
        (Some(_), Some(_)) => (Usd::rounded(price), Usd::rounded(new), Usd::rounded(dropped)),
    };
    Some(Step {
        number: from.map(|line| line.id.clone()),
        service: line.service,
        title: line.title,
        region: line.region.clone(),
        from: from_amount,
        to: to_amount,
        price,
        quantity: to_amount - from_amount - price - new - dropped,
        new,
        dropped,
    })
}

/// The same thing today.
fn heir<'p>(part: &Part, after: &'p [Part]) -> Option<&'p Part> {
    let successor = SUCCESSORS.iter().find(|(item, _)| *item == part.priced.item).map(|(_, successor)| *successor);
    let same = |wanted: Item| {
        let Priced { variant, region, .. } = &part.priced;
        after.iter().find(move |other| {
            other.priced.item == wanted && other.priced.variant == *variant && other.priced.region == *region
        })
    };
    same(part.priced.item).or_else(|| same(successor?))
}

/// A quantity of the proposal at today's price. Beyond today's bands the price of today's quantity is taken.
fn repriced(part: &Part, heir: &Part, book: &PriceBook) -> Decimal {
    let bands = book.amount(&heir.priced, part.quantity).and_then(Result::ok);
    match bands {
        Some(bands) => plain(bands.iter().map(|band| band.amount).sum()),
        None if heir.quantity.is_zero() => part.exact,
        None => heir.exact / heir.quantity * part.quantity,
    }
}
