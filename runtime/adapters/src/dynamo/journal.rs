//! The journals of all sagas: appended to, never changed, but for what keeps an entry in the outbox.
//!
//! An entry and its place in the outbox are one item and so one write. That its predecessor leaves the outbox is a second
//! write, which may be lost with its writer: then a row stands there whose effect is not pending any more, and whoever comes by
//! takes it out. A transaction over both would not be replicated as one, and costs twice as much.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use como_contract::table::{self, MEMBER_SAGAS_INDEX, PENDING_EFFECTS_INDEX, journal_attribute as attribute};
use como_domain::identifier::MemberId;
use como_domain::identity::Cause;
use como_domain::journal::{Entry, Journal, Position};
use como_domain::journals::{Appended, Cursor, Journals, JournalsError, Outstanding, Page, Pending, SagaKind};
use como_domain::saga::effect::Effect;
use como_domain::saga::event::Event;
use como_domain::saga::intent::Subject;
use como_domain::saga_id::SagaId;

use crate::aws::{cause, has_code};
use crate::dynamo::items::{Item, cursor, milliseconds, nonce, start_key, text, text_of};

const TAKEN: &str = "ConditionalCheckFailedException";
const PENDING_KEY: [&str; 4] =
    [attribute::SAGA_ID, attribute::POSITION, attribute::PENDING_FOR, attribute::PENDING_SINCE];
const ACCEPTED_KEY: [&str; 4] =
    [attribute::SAGA_ID, attribute::POSITION, attribute::ACCEPTED_OF, attribute::ACCEPTED_AT];

#[derive(Debug, Clone)]
pub struct JournalTable {
    client: Client,
    table: String,
}

impl JournalTable {
    #[must_use]
    pub fn of_environment(client: Client, environment: &str) -> Self {
        Self { client, table: table::journal(environment) }
    }

    async fn remove_from_outbox(&self, saga: &SagaId, position: &Position) -> Result<(), JournalsError> {
        let removed = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(attribute::SAGA_ID, text(saga.as_str()))
            .key(attribute::POSITION, text(position.to_string()))
            .update_expression("REMOVE #for, #since, #due")
            // An entry that is not here yet must not come to be by that.
            .condition_expression("attribute_exists(#saga)")
            .expression_attribute_names("#for", attribute::PENDING_FOR)
            .expression_attribute_names("#since", attribute::PENDING_SINCE)
            .expression_attribute_names("#due", attribute::PENDING_DUE)
            .expression_attribute_names("#saga", attribute::SAGA_ID)
            .send()
            .await;
        match removed {
            Ok(_) => Ok(()),
            Err(error) if has_code(&error, TAKEN) => Ok(()),
            Err(error) => Err(failed("tidy the outbox of", cause(&error))),
        }
    }
}

#[async_trait]
impl Journals for JournalTable {
    async fn read(&self, saga: &SagaId) -> Result<Journal, JournalsError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("#saga = :saga")
            .projection_expression("#entry")
            .expression_attribute_names("#saga", attribute::SAGA_ID)
            .expression_attribute_names("#entry", attribute::ENTRY)
            .expression_attribute_values(":saga", text(saga.as_str()));
        let mut items = query.into_paginator().items().send();
        let mut journal = Journal::default();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| failed("read", cause(&error)))?;
            let malformed = |source: Cause| JournalsError::Malformed { saga: saga.clone(), source };
            let text = text_of(&item, attribute::ENTRY).ok_or_else(|| malformed("an item without an entry".into()))?;
            // The parser's own message may quote the entry.
            let entry: Entry = serde_json::from_str(text).map_err(|error| {
                malformed(format!("no entry of ours at line {} column {}", error.line(), error.column()).into())
            })?;
            journal.insert(entry).map_err(|error| malformed(error.into()))?;
        }
        Ok(journal)
    }

    async fn append(&self, saga: &SagaId, entry: &Entry, pending: &Pending) -> Result<Appended, JournalsError> {
        let writer = nonce();
        let json = serde_json::to_string(entry).map_err(|error| failed("write to", error.into()))?;
        let written = self
            .client
            .put_item()
            .table_name(&self.table)
            .item(attribute::SAGA_ID, text(saga.as_str()))
            .item(attribute::POSITION, text(entry.position.to_string()))
            .item(attribute::ENTRY, text(json))
            .item(attribute::WRITER, text(writer.as_str()));
        let written = match due(entry) {
            None => written,
            Some(due) => written
                .item(attribute::PENDING_FOR, text(pending.ordering_key.as_str()))
                .item(attribute::PENDING_SINCE, text(milliseconds(pending.accepted_at)))
                .item(attribute::PENDING_DUE, text(due)),
        };
        let written = match accepted_of(entry) {
            None => written,
            Some(of) => written
                .item(attribute::ACCEPTED_OF, text(of))
                .item(attribute::ACCEPTED_AT, text(milliseconds(entry.at))),
        };
        let written = written
            .condition_expression("attribute_not_exists(#saga)")
            .expression_attribute_names("#saga", attribute::SAGA_ID)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        if let Err(error) = written {
            if !has_code(&error, TAKEN) {
                return Err(failed("write to", cause(&error)));
            }
            // The SDK repeats a write whose answer is lost; the first one may be what stands there.
            let standing = error.as_service_error().and_then(standing_item);
            let is_ours = standing.and_then(|item| text_of(item, attribute::WRITER)) == Some(writer.as_str());
            if writer.is_empty() || !is_ours {
                return Ok(Appended::PlaceTaken);
            }
        }
        if let Some(before) = &pending.supersedes {
            // The entry stands; what this cannot tidy up, the sweeper does.
            let _ = self.remove_from_outbox(saga, before).await;
        }
        Ok(Appended::Done)
    }

    async fn leave_outbox(&self, saga: &SagaId, position: &Position) -> Result<(), JournalsError> {
        self.remove_from_outbox(saga, position).await
    }

    async fn outbox(&self, after: Option<&Cursor>, most: u16) -> Result<Page<Outstanding>, JournalsError> {
        let start = after.map(|after| start_key(after, &PENDING_KEY).ok_or(JournalsError::Cursor)).transpose()?;
        let scan = self
            .client
            .scan()
            .table_name(&self.table)
            .index_name(PENDING_EFFECTS_INDEX)
            .limit(i32::from(most.max(1)))
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| failed("look through", cause(&error)))?;
        let next = scan.last_evaluated_key().and_then(|key| cursor(key, &PENDING_KEY));
        let items = scan.items().iter().filter_map(outstanding).collect();
        Ok(Page { items, next })
    }

    async fn outbox_of(&self, ordering_key: &str, most: u16) -> Result<Vec<Outstanding>, JournalsError> {
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(PENDING_EFFECTS_INDEX)
            .key_condition_expression("#for = :for")
            .expression_attribute_names("#for", attribute::PENDING_FOR)
            .expression_attribute_values(":for", text(ordering_key))
            .limit(i32::from(most.max(1)))
            .send()
            .await
            .map_err(|error| failed("look through", cause(&error)))?;
        Ok(found.items().iter().filter_map(outstanding).collect())
    }

    async fn of_member(
        &self,
        member: &MemberId,
        kind: SagaKind,
        after: Option<&Cursor>,
        most: u16,
    ) -> Result<Page<SagaId>, JournalsError> {
        let whose = listed_as(kind, member);
        let start = match after {
            None => None,
            Some(after) => {
                let key = start_key(after, &ACCEPTED_KEY).ok_or(JournalsError::Cursor)?;
                // A cursor of somebody else's listing is none of this one.
                if text_of(&key, attribute::ACCEPTED_OF) != Some(whose.as_str()) {
                    return Err(JournalsError::Cursor);
                }
                Some(key)
            }
        };
        let most = usize::from(most.max(1));
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(MEMBER_SAGAS_INDEX)
            .key_condition_expression("#of = :of")
            .expression_attribute_names("#of", attribute::ACCEPTED_OF)
            .expression_attribute_values(":of", text(whose))
            .scan_index_forward(false)
            // One more than wanted says whether there is a next page.
            .limit(i32::try_from(most + 1).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| failed("list", cause(&error)))?;
        let page = found.items();
        let next = match page.get(most - 1) {
            Some(last) if most < page.len() => cursor(last, &ACCEPTED_KEY),
            _ => None,
        };
        let mut items: Vec<SagaId> = page.iter().take(most).filter_map(saga_of).collect();
        // Two regions that did not see each other may both have accepted one request.
        items.dedup();
        Ok(Page { items, next })
    }
}

fn standing_item(error: &aws_sdk_dynamodb::operation::put_item::PutItemError) -> Option<&Item> {
    match error {
        aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(failed) => failed.item(),
        _ => None,
    }
}

/// When the effect of an entry is to be looked at; `None` when it has none.
fn due(entry: &Entry) -> Option<String> {
    match entry.effect.as_ref()? {
        Effect::Call(_) => Some(milliseconds(entry.at)),
        Effect::WakeAt(at) => Some(milliseconds(*at)),
    }
}

fn accepted_of(entry: &Entry) -> Option<String> {
    let Event::Accepted { intent, .. } = &entry.event else { return None };
    let kind = match intent.subject {
        Subject::Booking { .. } => SagaKind::Booking,
        Subject::Redemption { .. } => SagaKind::Redemption,
    };
    Some(listed_as(kind, &intent.member))
}

fn listed_as(kind: SagaKind, member: &MemberId) -> String {
    match kind {
        SagaKind::Booking => format!("booking/{member}"),
        SagaKind::Redemption => format!("redemption/{member}"),
    }
}

fn outstanding(item: &Item) -> Option<Outstanding> {
    let parsed = |name: &str| text_of(item, name)?.parse().ok();
    Some(Outstanding {
        saga: saga_of(item)?,
        position: text_of(item, attribute::POSITION)?.parse().ok()?,
        ordering_key: text_of(item, attribute::PENDING_FOR)?.to_owned(),
        since: parsed(attribute::PENDING_SINCE)?,
        due: parsed(attribute::PENDING_DUE)?,
    })
}

fn saga_of(item: &Item) -> Option<SagaId> {
    SagaId::try_from(text_of(item, attribute::SAGA_ID)?.to_owned()).ok()
}

fn failed(operation: &'static str, source: Cause) -> JournalsError {
    JournalsError::Store { operation, source }
}
