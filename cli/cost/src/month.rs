//! A month's cost as a file keeps it: what one has to know of it to say what has changed since.

use crate::estimate::Estimate;
use crate::inventory::ResourceName;
use crate::money::Usd;
use crate::survey::USAGE;
use como_config::Scenario;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The form of the file; another one is another number.
pub const SCHEMA: &str = "como.cost.month/1";

/// What `--save` writes, and every later como of the same schema reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedMonth {
    schema: String,
    /// The day on which it was written.
    date: String,
    scenario: String,
    /// The name of the price book.
    prices: String,
    environments: BTreeMap<String, Month>,
}

/// Why a file is no saved month of this scenario.
#[derive(Debug, thiserror::Error)]
pub enum SavedMonthError {
    #[error("{file} is no month that `como cost --save` wrote")]
    Unreadable { file: String, source: serde_json::Error },
    #[error("{file} has the form {found}, and this como reads {SCHEMA}")]
    Schema { file: String, found: String },
    #[error("{file} has the {found} figures of usage, and the {wanted} ones are looked at")]
    Scenario { file: String, found: String, wanted: &'static str },
}

/// One environment's month, resource by resource.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Month {
    pub total: Usd,
    /// Something has no price.
    pub at_least: bool,
    pub(crate) resources: Vec<ResourceMonth>,
}

// Nothing is flattened: what serde writes for that names floats, which this crate has none of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResourceMonth {
    #[serde(rename = "resource")]
    pub(crate) name: ResourceName,
    pub(crate) charges: Vec<ChargeMonth>,
}

/// What a resource has of one price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChargeMonth {
    #[serde(rename = "of")]
    pub(crate) charged: Charged,
    pub(crate) exact: Decimal,
    pub(crate) quantity: Decimal,
    /// Of the factors that are not figures of usage.
    pub(crate) template: Decimal,
    /// Of those that are.
    pub(crate) used: Decimal,
}

/// A price, and what of usage the quantity follows from: a service has tasks that it starts with, and those at peaks.
///
/// Names, not types of this program: a month is read by later versions too, which may have other items.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Charged {
    pub(crate) item: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) variant: Option<String>,
    pub(crate) region: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) usage: Vec<String>,
}

impl SavedMonth {
    #[must_use]
    pub fn new(date: impl Into<String>, scenario: Scenario, prices: impl Into<String>) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            date: date.into(),
            scenario: scenario.as_str().to_owned(),
            prices: prices.into(),
            environments: BTreeMap::new(),
        }
    }

    #[must_use]
    pub fn with(mut self, name: impl Into<String>, estimate: &Estimate) -> Self {
        self.environments.insert(name.into(), Month::of(estimate));
        self
    }

    /// # Errors
    /// When the text is something else, of another form, or of other figures of usage than those that are looked at.
    pub fn parse(file: &str, text: &str, scenario: Scenario) -> Result<Self, SavedMonthError> {
        let file = || file.to_owned();
        let saved: Self =
            serde_json::from_str(text).map_err(|source| SavedMonthError::Unreadable { file: file(), source })?;
        if saved.schema != SCHEMA {
            return Err(SavedMonthError::Schema { file: file(), found: saved.schema });
        }
        if saved.scenario != scenario.as_str() {
            let wanted = scenario.as_str();
            return Err(SavedMonthError::Scenario { file: file(), found: saved.scenario, wanted });
        }
        Ok(saved)
    }

    #[must_use]
    pub fn date(&self) -> &str {
        &self.date
    }

    #[must_use]
    pub fn prices(&self) -> &str {
        &self.prices
    }

    #[must_use]
    pub fn environment(&self, name: &str) -> Option<&Month> {
        self.environments.get(name)
    }
}

impl Month {
    #[must_use]
    pub fn of(estimate: &Estimate) -> Self {
        let mut resources: BTreeMap<ResourceName, BTreeMap<Charged, ChargeMonth>> = BTreeMap::new();
        for part in estimate.parts() {
            for contribution in &part.contributions {
                let charged = Charged {
                    item: part.priced.item.id().to_owned(),
                    variant: part.priced.variant.clone(),
                    region: part.priced.region.clone(),
                    usage: contribution.figures().map(|figure| figure.key.as_str().to_owned()).collect(),
                };
                let (template, used) = contribution.by_origin();
                let charges = resources.entry(named(&contribution.resource)).or_default();
                let sum = charges.entry(charged.clone()).or_insert_with(|| ChargeMonth::nothing(charged));
                sum.exact += contribution.exact;
                sum.quantity += contribution.quantity;
                sum.template += template;
                sum.used = used;
            }
        }
        let resources = resources
            .into_iter()
            .map(|(name, charges)| ResourceMonth { name, charges: charges.into_values().collect() });
        Self { total: estimate.total, at_least: estimate.at_least, resources: resources.collect() }
    }
}

/// What no template has stands under the name of its file, which does not depend on where somebody looks at it from.
fn named(resource: &ResourceName) -> ResourceName {
    let mut name = resource.clone();
    if name.kind == USAGE {
        name.stack = name.stack.rsplit('/').next().unwrap_or_default().to_owned();
    }
    name
}

impl ChargeMonth {
    const fn nothing(charged: Charged) -> Self {
        let zero = Decimal::ZERO;
        Self { charged, exact: zero, quantity: zero, template: zero, used: zero }
    }
}
