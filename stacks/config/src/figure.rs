//! One figure of usage: how much, who says so, since when, and from where.

use std::borrow::Cow;
use std::fmt;

use jiff::civil;
use rust_decimal::Decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::decimal::Amount;
use crate::refusal::{Refusal, quote};
use crate::value::{Written, text_value};

/// How much of something is used in a month, unless its key says otherwise; never low above expected or that above high.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    amounts: Amounts,
    owner: FigureOwner,
    date: FigureDate,
    source: FigureSource,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Amounts {
    pub(crate) low: Amount,
    pub(crate) expected: Amount,
    pub(crate) high: Amount,
}

/// Which of the three amounts counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scenario {
    Low,
    Expected,
    High,
}

impl Scenario {
    pub const ALL: [Self; 3] = [Self::Low, Self::Expected, Self::High];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Expected => "expected",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Figure {
    pub(crate) const fn new(amounts: Amounts, owner: FigureOwner, date: FigureDate, source: FigureSource) -> Self {
        Self { amounts, owner, date, source }
    }

    #[must_use]
    pub const fn at(&self, scenario: Scenario) -> Decimal {
        match scenario {
            Scenario::Low => self.amounts.low.get(),
            Scenario::Expected => self.amounts.expected.get(),
            Scenario::High => self.amounts.high.get(),
        }
    }

    /// Who answers for the figure.
    #[must_use]
    pub const fn owner(&self) -> &FigureOwner {
        &self.owner
    }

    /// When it was measured or assumed.
    #[must_use]
    pub const fn date(&self) -> FigureDate {
        self.date
    }

    #[must_use]
    pub const fn source(&self) -> &FigureSource {
        &self.source
    }
}

text_value!(
    /// A person, a team or a document that answers for a figure.
    FigureOwner,
    check_owner,
    { "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[^\\s\\p{Cc}]([^\\p{Cc}]*[^\\s\\p{Cc}])?$" }
);

text_value!(
    /// Where a figure comes from.
    FigureSource,
    check_source,
    { "type": "string", "minLength": 1, "maxLength": 240, "pattern": "^[^\\s\\p{Cc}]([^\\p{Cc}]*[^\\s\\p{Cc}])?$" }
);

fn check_owner(text: &str) -> Result<(), Refusal> {
    check_words(text, 64, "the owner of a figure")
}

fn check_source(text: &str) -> Result<(), Refusal> {
    check_words(text, 240, "the source of a figure")
}

fn check_words(text: &str, longest: usize, what: &str) -> Result<(), Refusal> {
    let sound = !text.is_empty() && text.trim() == text && text.chars().count() <= longest;
    let sound = sound && !text.chars().any(char::is_control);
    let refusal = || Refusal::new(format!("{} cannot be {what}", quote(text)));
    sound.then_some(()).ok_or_else(|| refusal().accepting([format!("1 to {longest} characters on one line")]))
}

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FigureDate(civil::Date);

impl FigureDate {
    #[must_use]
    pub const fn get(self) -> civil::Date {
        self.0
    }
}

impl fmt::Display for FigureDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl TryFrom<String> for FigureDate {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        let date = text.parse().ok().filter(|date: &civil::Date| date.to_string() == text);
        let refusal = || Refusal::new(format!("{} is not a date", quote(&text)));
        date.map(Self).ok_or_else(|| refusal().accepting(["year, month and day, such as 2026-11-30"]))
    }
}

impl Written for FigureDate {
    type Form = String;
}

impl JsonSchema for FigureDate {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "FigureDate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" })
    }
}
