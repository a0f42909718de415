//! The answers to requests, under their `Idempotency-Key`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use como_contract::table::{self, idempotency_attribute as attribute};
use como_domain::clock::Clock;
use como_domain::idempotency::IdempotencyRecord;
use como_domain::identity::Cause;
use como_domain::requests::{Reply, Requests, RequestsError};
use como_domain::saga_id::SagaId;

use crate::aws::{cause, has_code};
use crate::dynamo::items::{text, text_of, time_to_live};

/// Much longer than any client repeats a request. After that the saga's journal still knows it.
const KEPT_FOR: Duration = Duration::from_secs(7 * 24 * 3_600);

pub struct RequestsTable {
    client: Client,
    table: String,
    clock: Arc<dyn Clock>,
}

impl RequestsTable {
    #[must_use]
    pub fn of_environment(client: Client, environment: &str, clock: Arc<dyn Clock>) -> Self {
        Self { client, table: table::idempotency(environment), clock }
    }
}

#[async_trait]
impl Requests for RequestsTable {
    async fn read(&self, request: &SagaId) -> Result<Option<IdempotencyRecord<Reply>>, RequestsError> {
        let failed = |source: Cause| RequestsError { operation: "read", source };
        let read = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(attribute::REQUEST_ID, text(request.as_str()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failed(cause(&error)))?;
        let Some(item) = read.item else { return Ok(None) };
        let json = text_of(&item, attribute::RECORD).ok_or_else(|| failed("an item without a record".into()))?;
        // The parser's own message may quote the answer.
        serde_json::from_str(json).map(Some).map_err(|_| failed("no record of ours".into()))
    }

    async fn write(
        &self,
        request: &SagaId,
        record: &IdempotencyRecord<Reply>,
        replaced: Option<&IdempotencyRecord<Reply>>,
    ) -> Result<bool, RequestsError> {
        let failed = |source: Cause| RequestsError { operation: "write", source };
        let json =
            |record: &IdempotencyRecord<Reply>| serde_json::to_string(record).map_err(|error| failed(error.into()));
        let written = json(record)?;
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item(attribute::REQUEST_ID, text(request.as_str()))
            .item(attribute::RECORD, text(written.as_str()))
            .item(attribute::TIME_TO_LIVE, time_to_live(self.clock.now(), KEPT_FOR));
        let put = match replaced {
            None => put
                .condition_expression("attribute_not_exists(#id)")
                .expression_attribute_names("#id", attribute::REQUEST_ID),
            Some(replaced) => put
                .condition_expression("#record = :replaced")
                .expression_attribute_names("#record", attribute::RECORD)
                .expression_attribute_values(":replaced", text(json(replaced)?)),
        };
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) if has_code(&error, "ConditionalCheckFailedException") => Ok(false),
            Err(error) => Err(failed(cause(&error))),
        }
    }
}
