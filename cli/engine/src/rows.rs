//! Rows that a table starts with.

use como_contract::table::configuration_attribute;
use serde::Serialize;
use std::collections::BTreeMap;

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Attribute {
    Text(String),
    Number(i64),
}

/// A row, named by a text key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The attribute that is the partition key.
    pub key_name: String,
    pub key: String,
    /// The attributes beside the key.
    pub attributes: BTreeMap<String, Attribute>,
}

impl Row {
    /// The first version of a row of the configuration table.
    #[must_use]
    pub fn configuration(name: &str, document: &serde_json::Value) -> Self {
        let attributes = BTreeMap::from([
            (configuration_attribute::VERSION.to_owned(), Attribute::Number(1)),
            (configuration_attribute::DOCUMENT.to_owned(), Attribute::Text(document.to_string())),
        ]);
        Self { key_name: configuration_attribute::NAME.to_owned(), key: name.to_owned(), attributes }
    }
}
