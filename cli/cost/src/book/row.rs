//! A price book and its rows.

use crate::book::bands::{Band, Beyond, spread};
use crate::item::{Item, Priced};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Prices by what they are of, each in the bands of its quantity, lowest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceBook {
    pub(crate) name: String,
    pub(crate) date: Date,
    pub(crate) about: String,
    pub(crate) rows: BTreeMap<Priced, Vec<Row>>,
}

/// One band of one price, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// AWS's offer code.
    pub offer: String,
    /// As the offer writes it, matched whole.
    pub usage_type: String,
    /// AWS's SKU, term and dimension; not every source says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_code: Option<String>,
    /// Where the band begins; the amount itself belongs to the band before.
    pub begin: Decimal,
    /// Where it ends; without one it goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<Decimal>,
    pub unit: String,
    /// US dollars a unit.
    pub price: Decimal,
    /// Of the source, which may say no date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<AsOf>,
    pub source: String,
    pub confidence: Confidence,
    /// A free tier that is not applied, in the source's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free_tier: Option<String>,
}

/// How well a price is founded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Two sources or more agree.
    Confirmed,
    OneSource,
    /// Follows from other prices.
    Inferred,
    /// No source; somebody decided to count on it.
    Assumption,
}

impl Confidence {
    pub const ALL: [Self; 4] = [Self::Confirmed, Self::OneSource, Self::Inferred, Self::Assumption];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::OneSource => "one-source",
            Self::Inferred => "inferred",
            Self::Assumption => "assumption",
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Confidence {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A day, or a month when the source says no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsOf {
    /// The month's last day when only that is known.
    date: Date,
    is_month: bool,
}

impl AsOf {
    /// `2026-08` or `2026-08-31`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(date) = text.parse::<Date>() {
            return (date.to_string() == text).then_some(Self { date, is_month: false });
        }
        let first: Date = format!("{text}-01").parse().ok()?;
        Some(Self { date: first.last_of_month(), is_month: true })
    }

    #[must_use]
    pub const fn date(self) -> Date {
        self.date
    }
}

impl fmt::Display for AsOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_month {
            return write!(f, "{:04}-{:02}", self.date.year(), self.date.month());
        }
        write!(f, "{}", self.date)
    }
}

impl Serialize for AsOf {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl PriceBook {
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[must_use]
    pub const fn date(&self) -> Date {
        self.date
    }

    /// What the book says of itself.
    #[must_use]
    pub fn about(&self) -> &str {
        &self.about
    }

    /// The bands of a price, lowest first; none where the book has no such price.
    #[must_use]
    pub fn rows(&self, priced: &Priced) -> Option<&[Row]> {
        self.rows.get(priced).map(Vec::as_slice)
    }

    /// What a quantity costs, band by band; none where the book has no such price.
    ///
    /// # Errors
    /// When the quantity is beyond the last band.
    #[must_use]
    pub fn amount(&self, priced: &Priced, quantity: Decimal) -> Option<Result<Vec<Band<'_>>, Beyond>> {
        self.rows(priced).map(|rows| spread(rows, quantity))
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Priced, &[Row])> {
        self.rows.iter().map(|(priced, rows)| (priced, rows.as_slice()))
    }

    /// In which other regions the item has a price.
    pub fn regions_of(&self, item: Item) -> impl Iterator<Item = &str> {
        self.rows.keys().filter(move |priced| priced.item == item).map(|priced| priced.region.as_str())
    }

    /// The same book with one price changed, for what-if questions and tests.
    #[must_use]
    pub fn with_price(&self, priced: &Priced, begin: Decimal, price: Decimal) -> Self {
        let mut book = self.clone();
        let rows = book.rows.get_mut(priced).into_iter().flatten();
        rows.filter(|row| row.begin == begin).for_each(|row| row.price = price);
        book
    }
}
