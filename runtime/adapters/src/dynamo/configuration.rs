//! The configuration table as a source of settings.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use como_contract::table::{self, configuration_attribute};
use como_domain::identity::Cause;

use crate::aws::cause;
use crate::settings::{
    ConfigurationError, ConfigurationRow, ConfigurationSource, ConfigurationStore, WriteConfigurationError,
};

pub struct ConfigurationTable {
    client: Client,
    table: String,
}

impl ConfigurationTable {
    #[must_use]
    pub fn of_environment(client: Client, environment: &str) -> Self {
        Self { client, table: table::configuration(environment) }
    }
}

#[async_trait]
impl ConfigurationSource for ConfigurationTable {
    async fn row(&self, name: &str) -> Result<Option<ConfigurationRow>, ConfigurationError> {
        let failed = |source: Cause| ConfigurationError { name: name.to_owned(), source };
        let read = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(configuration_attribute::NAME, AttributeValue::S(name.to_owned()))
            .send()
            .await;
        let item = match read {
            Ok(output) => output.item,
            Err(error) => return Err(failed(cause(&error))),
        };
        let Some(mut item) = item else { return Ok(None) };
        let Some(AttributeValue::S(document)) = item.remove(configuration_attribute::DOCUMENT) else {
            return Err(failed(format!("it has no text attribute `{}`", configuration_attribute::DOCUMENT).into()));
        };
        let version = match item.get(configuration_attribute::VERSION) {
            Some(AttributeValue::N(number)) => number.parse().unwrap_or(0),
            _ => 0,
        };
        Ok(Some(ConfigurationRow { version, document }))
    }
}

#[async_trait]
impl ConfigurationStore for ConfigurationTable {
    async fn put(&self, name: &str, document: &str) -> Result<(), WriteConfigurationError> {
        let written = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(configuration_attribute::NAME, AttributeValue::S(name.to_owned()))
            .update_expression("SET #document = :document ADD #version :one")
            .expression_attribute_names("#document", configuration_attribute::DOCUMENT)
            .expression_attribute_names("#version", configuration_attribute::VERSION)
            .expression_attribute_values(":document", AttributeValue::S(document.to_owned()))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .send()
            .await;
        written.map(drop).map_err(|error| WriteConfigurationError { name: name.to_owned(), source: cause(&error) })
    }
}
