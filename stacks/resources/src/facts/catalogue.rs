//! The facts that are built into this crate, parsed when they are first asked for.

use super::model::TypeFacts;
use crate::generated::embedded::ALL;
use std::sync::{LazyLock, OnceLock};

/// One type's facts.
pub(crate) struct Embedded {
    resource_type: &'static str,
    text: &'static str,
    /// `None` when the text cannot be read, which a test rules out.
    parsed: OnceLock<Option<TypeFacts>>,
}

impl Embedded {
    pub(crate) const fn new(resource_type: &'static str, text: &'static str) -> Self {
        Self { resource_type, text, parsed: OnceLock::new() }
    }
}

/// The facts of a type, for example `AWS::EC2::VPC`; `None` for a type that was never imported.
#[must_use]
pub fn of(resource_type: &str) -> Option<&'static TypeFacts> {
    let index = ALL.binary_search_by_key(&resource_type, |embedded| embedded.resource_type).ok()?;
    let embedded = ALL.get(index)?;
    embedded.parsed.get_or_init(|| serde_json::from_str(embedded.text).ok()).as_ref()
}

/// All imported types, in alphabetical order.
pub fn all() -> impl ExactSizeIterator<Item = &'static str> {
    ALL.iter().map(|embedded| embedded.resource_type)
}

/// All regions that the schemas speak of, in alphabetical order.
#[must_use]
pub fn regions() -> &'static [String] {
    static REGIONS: LazyLock<Vec<String>> =
        LazyLock::new(|| serde_json::from_str(include_str!("../../facts/regions.json")).unwrap_or_default());
    &REGIONS
}
