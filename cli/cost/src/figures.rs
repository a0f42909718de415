//! The figures that quantities are made of, as one estimate takes them.

use como_config::{Scenario, Usage, UsageKey};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::BTreeMap;

/// Whose figures, in which scenario, and what is changed about them for a question.
#[derive(Debug, Clone)]
pub struct Figures<'a> {
    file: &'a str,
    usage: &'a Usage,
    scenario: Scenario,
    changed: BTreeMap<UsageKey, Decimal>,
}

/// A figure and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FigureUsed {
    #[serde(skip)]
    pub amount: Decimal,
    #[serde(serialize_with = "by_name")]
    pub key: UsageKey,
    pub file: String,
    pub unit: &'static str,
    pub owner: String,
    #[serde(serialize_with = "as_text")]
    pub date: Date,
    pub source: String,
}

fn by_name<S: serde::Serializer>(key: &UsageKey, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(key.as_str())
}

fn as_text<S: serde::Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

impl<'a> Figures<'a> {
    #[must_use]
    pub const fn new(file: &'a str, usage: &'a Usage, scenario: Scenario) -> Self {
        Self { file, usage, scenario, changed: BTreeMap::new() }
    }

    #[must_use]
    pub const fn file(&self) -> &'a str {
        self.file
    }

    #[must_use]
    pub const fn scenario(&self) -> Scenario {
        self.scenario
    }

    /// With another amount of something that the file has a figure of.
    #[must_use]
    pub fn with(mut self, key: UsageKey, amount: Decimal) -> Self {
        self.changed.insert(key, amount);
        self
    }

    #[must_use]
    pub fn amount(&self, key: UsageKey) -> Option<Decimal> {
        let figure = self.usage.get(key)?;
        Some(self.changed.get(&key).copied().unwrap_or_else(|| figure.at(self.scenario)))
    }

    pub(crate) fn used(&self, key: UsageKey) -> Option<FigureUsed> {
        let figure = self.usage.get(key)?;
        Some(FigureUsed {
            amount: self.amount(key)?,
            key,
            file: self.file.to_owned(),
            unit: key.unit(),
            owner: figure.owner().to_string(),
            date: figure.date().get(),
            source: figure.source().to_string(),
        })
    }
}
