//! Which events of partners were taken.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use como_contract::table::{self, webhook_event_attribute as attribute};
use como_domain::clock::Clock;
use como_domain::identity::Cause;
use como_domain::webhook_events::{WebhookEvents, WebhookEventsError};

use crate::aws::{cause, has_code};
use crate::dynamo::items::{text, time_to_live};

/// Stripe delivers an event for three days; whoever asks it to may do so for thirty.
/// <https://docs.stripe.com/webhooks>
const KEPT_FOR: Duration = Duration::from_secs(35 * 24 * 3_600);

pub struct WebhookEventsTable {
    client: Client,
    table: String,
    clock: Arc<dyn Clock>,
}

impl WebhookEventsTable {
    #[must_use]
    pub fn of_environment(client: Client, environment: &str, clock: Arc<dyn Clock>) -> Self {
        Self { client, table: table::webhook_events(environment), clock }
    }
}

#[async_trait]
impl WebhookEvents for WebhookEventsTable {
    async fn take(&self, event: &str) -> Result<bool, WebhookEventsError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item(attribute::EVENT_ID, text(event))
            .item(attribute::TIME_TO_LIVE, time_to_live(self.clock.now(), KEPT_FOR))
            .condition_expression("attribute_not_exists(#id) OR #back = :yes")
            .expression_attribute_names("#id", attribute::EVENT_ID)
            .expression_attribute_names("#back", attribute::GIVEN_BACK)
            .expression_attribute_values(":yes", AttributeValue::Bool(true));
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) if has_code(&error, "ConditionalCheckFailedException") => Ok(false),
            Err(error) => Err(failed("take", cause(&error))),
        }
    }

    /// Marked, since a task may delete nothing.
    async fn give_back(&self, event: &str) -> Result<(), WebhookEventsError> {
        let marked = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(attribute::EVENT_ID, text(event))
            .update_expression("SET #back = :yes")
            .condition_expression("attribute_exists(#id)")
            .expression_attribute_names("#id", attribute::EVENT_ID)
            .expression_attribute_names("#back", attribute::GIVEN_BACK)
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .send()
            .await;
        match marked {
            Ok(_) => Ok(()),
            // What has run out of time is as good as given back.
            Err(error) if has_code(&error, "ConditionalCheckFailedException") => Ok(()),
            Err(error) => Err(failed("give back", cause(&error))),
        }
    }
}

fn failed(operation: &'static str, source: Cause) -> WebhookEventsError {
    WebhookEventsError { operation, source }
}
