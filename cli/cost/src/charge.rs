//! What a resource is charged for: an item, and the factors of its quantity.

use crate::item::{Item, Priced};
use como_config::UsageKey;
use rust_decimal::Decimal;

/// One quantity of one item. A month has 730 hours and 730 / 24 days, as on AWS's own calculator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Charge {
    pub(crate) priced: Priced,
    pub(crate) factors: Vec<Factor>,
}

/// A part of a quantity, which is the product of its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Factor {
    /// What the template says.
    Template { amount: Decimal, what: &'static str, property: &'static str },
    /// What a figure of usage says.
    Usage(UsageKey),
    /// What holds for every environment, and why.
    Convention { amount: Decimal, what: &'static str, why: &'static str },
    /// An even share of what all resources of a kind use together.
    Share { among: usize, what: &'static str },
}

pub(crate) const HOURS: Decimal = Decimal::from_parts(730, 0, 0, false, 0);
const HOURS_OF_A_DAY: Decimal = Decimal::from_parts(24, 0, 0, false, 0);

/// How many days a month has.
pub(crate) fn days_of_a_month() -> Decimal {
    HOURS / HOURS_OF_A_DAY
}

impl Charge {
    pub(crate) fn new(item: Item, region: &str) -> Self {
        Self { priced: Priced { item, variant: None, region: region.to_owned() }, factors: Vec::new() }
    }

    pub(crate) fn variant(mut self, variant: impl Into<String>) -> Self {
        self.priced.variant = Some(variant.into());
        self
    }

    pub(crate) fn times(mut self, factor: Factor) -> Self {
        self.factors.push(factor);
        self
    }

    /// One of what the template has.
    pub(crate) fn one(self, what: &'static str) -> Self {
        self.template(Decimal::ONE, what, "")
    }

    pub(crate) fn template(self, amount: impl Into<Decimal>, what: &'static str, property: &'static str) -> Self {
        self.times(Factor::Template { amount: amount.into(), what, property })
    }

    pub(crate) fn usage(self, key: UsageKey) -> Self {
        self.times(Factor::Usage(key))
    }

    pub(crate) fn hours(self) -> Self {
        self.times(Factor::Convention { amount: HOURS, what: "h", why: "a month has 730 hours" })
    }

    pub(crate) fn days(self) -> Self {
        self.times(Factor::Convention { amount: days_of_a_month(), what: "days", why: "a month has 730 / 24 days" })
    }

    pub(crate) fn convention(self, amount: Decimal, what: &'static str, why: &'static str) -> Self {
        self.times(Factor::Convention { amount, what, why })
    }

    /// Of what is used together, this resource has an even share.
    pub(crate) fn share(self, among: usize, what: &'static str) -> Self {
        if among < 2 { self } else { self.times(Factor::Share { among, what }) }
    }
}
