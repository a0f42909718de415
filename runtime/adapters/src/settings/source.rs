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

/// Where documents are written, by the few that may.
#[async_trait]
pub trait ConfigurationStore: Send + Sync {
    /// Puts a document into its row, with the next version.
    async fn put(&self, name: &str, document: &str) -> Result<(), WriteConfigurationError>;
}

#[derive(Debug, Error)]
#[error("cannot write the row `{name}` of the configuration table")]
pub struct WriteConfigurationError {
    pub name: String,
    #[source]
    pub source: Cause,
}
