//! Where the documents come from: the configuration table, or a test.

use async_trait::async_trait;
use como_domain::identity::Cause;
use thiserror::Error;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigurationRow {
    /// Counts up with every change; for logs.
    pub version: u64,
    /// JSON.
    pub document: String,
}

#[async_trait]
pub trait ConfigurationSource: Send + Sync {
    /// `None` when there is no such row.
    async fn row(&self, name: &str) -> Result<Option<ConfigurationRow>, ConfigurationError>;
}

#[derive(Debug, Error)]
#[error("cannot read the row `{name}` of the configuration table")]
pub struct ConfigurationError {
    pub name: String,
    #[source]
    pub source: Cause,
}
