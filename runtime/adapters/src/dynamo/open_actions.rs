//! How much waits for a person.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::Select;
use como_contract::table::{self, OPEN_ACTIONS_INDEX};
use como_domain::identity::Cause;
use thiserror::Error;

use crate::aws::cause;

/// The manual actions that are open. Their index holds no others, so that counting them reads nothing else.
#[derive(Debug, Clone)]
pub struct OpenActions {
    client: Client,
    table: String,
}

#[derive(Debug, Error)]
#[error("cannot count the open manual actions")]
pub struct CountError {
    #[source]
    source: Cause,
}

impl OpenActions {
    #[must_use]
    pub fn of_environment(client: Client, environment: &str) -> Self {
        Self { client, table: table::manual_actions(environment) }
    }

    /// # Errors
    /// When the table does not answer.
    pub async fn count(&self) -> Result<u64, CountError> {
        let scan = self.client.scan().table_name(&self.table).index_name(OPEN_ACTIONS_INDEX).select(Select::Count);
        let mut pages = scan.into_paginator().send();
        let mut open = 0;
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| CountError { source: cause(&error) })?;
            open += u64::try_from(page.count()).unwrap_or_default();
        }
        Ok(open)
    }
}
