//! The list of what a person has to settle. A row that was settled stays without the attributes of the list.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use como_contract::table::{self, OPEN_ACTIONS_INDEX, manual_action_attribute as attribute};
use como_domain::identity::Cause;
use como_domain::journals::{Cursor, Page};
use como_domain::manual_actions::{ManualActions, ManualActionsError, OpenAction};
use como_domain::saga::action::ManualAction;
use como_domain::saga_id::SagaId;
use jiff::Timestamp;

use crate::aws::{cause, has_code};
use crate::dynamo::items::{Item, cursor, milliseconds, start_key, text, text_of};

const LIST_KEY: [&str; 3] = [attribute::ACTION_ID, attribute::OPEN_KIND, attribute::OPENED_AT];

#[derive(Debug, Clone)]
pub struct ManualActionsTable {
    client: Client,
    table: String,
}

impl ManualActionsTable {
    #[must_use]
    pub fn of_environment(client: Client, environment: &str) -> Self {
        Self { client, table: table::manual_actions(environment) }
    }

    async fn put_on(&self, saga: &SagaId, action: &ManualAction, at: Timestamp) -> Result<(), ManualActionsError> {
        let json = serde_json::to_string(action).map_err(|error| failed("add to", error.into()))?;
        self.client
            .update_item()
            .table_name(&self.table)
            .key(attribute::ACTION_ID, text(action.id(saga)))
            .update_expression("SET #kind = :kind, #action = :action, #at = if_not_exists(#at, :at)")
            .expression_attribute_names("#kind", attribute::OPEN_KIND)
            .expression_attribute_names("#action", attribute::ACTION)
            .expression_attribute_names("#at", attribute::OPENED_AT)
            .expression_attribute_values(":kind", text(action.kind().code()))
            .expression_attribute_values(":action", text(json))
            .expression_attribute_values(":at", text(milliseconds(at)))
            .send()
            .await
            .map(drop)
            .map_err(|error| failed("add to", cause(&error)))
    }

    async fn take_off(&self, saga: &SagaId, action: &ManualAction) -> Result<(), ManualActionsError> {
        let removed = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(attribute::ACTION_ID, text(action.id(saga)))
            .update_expression("REMOVE #kind, #at")
            .condition_expression("attribute_exists(#id)")
            .expression_attribute_names("#id", attribute::ACTION_ID)
            .expression_attribute_names("#kind", attribute::OPEN_KIND)
            .expression_attribute_names("#at", attribute::OPENED_AT)
            .send()
            .await;
        match removed {
            Ok(_) => Ok(()),
            Err(error) if has_code(&error, "ConditionalCheckFailedException") => Ok(()),
            Err(error) => Err(failed("take from", cause(&error))),
        }
    }
}

#[async_trait]
impl ManualActions for ManualActionsTable {
    async fn record(
        &self,
        saga: &SagaId,
        open: &[ManualAction],
        closed: &[ManualAction],
        at: Timestamp,
    ) -> Result<(), ManualActionsError> {
        for action in open {
            self.put_on(saga, action, at).await?;
        }
        for action in closed.iter().filter(|closed| !open.iter().any(|open| open.step == closed.step)) {
            self.take_off(saga, action).await?;
        }
        Ok(())
    }

    async fn open(&self, after: Option<&Cursor>, most: u16) -> Result<Page<OpenAction>, ManualActionsError> {
        let start = after.map(|after| start_key(after, &LIST_KEY).ok_or(ManualActionsError::Cursor)).transpose()?;
        let scan = self
            .client
            .scan()
            .table_name(&self.table)
            .index_name(OPEN_ACTIONS_INDEX)
            .limit(i32::from(most.max(1)))
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| failed("read", cause(&error)))?;
        let next = scan.last_evaluated_key().and_then(|key| cursor(key, &LIST_KEY));
        Ok(Page { items: scan.items().iter().filter_map(open_action).collect(), next })
    }
}

fn open_action(item: &Item) -> Option<OpenAction> {
    let (saga, _) = text_of(item, attribute::ACTION_ID)?.split_once(':')?;
    Some(OpenAction {
        saga: SagaId::try_from(saga.to_owned()).ok()?,
        action: serde_json::from_str(text_of(item, attribute::ACTION)?).ok()?,
        opened_at: text_of(item, attribute::OPENED_AT)?.parse().ok()?,
    })
}

fn failed(operation: &'static str, source: Cause) -> ManualActionsError {
    ManualActionsError::Store { operation, source }
}
