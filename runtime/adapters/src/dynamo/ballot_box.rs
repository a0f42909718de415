//! One table of the lease, in a region of its own.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use como_contract::table::{self, WRITER_LEASE, lease_attribute as attribute};
use como_domain::identity::Cause;
use como_domain::journal::Region;
use como_domain::lease::{Ballot, BallotBox, BallotError, Vote};
use jiff::Timestamp;

use crate::aws::{cause, has_code};
use crate::dynamo::items::{Item, text, text_of};

const TAKEN: &str = "ConditionalCheckFailedException";

#[derive(Debug, Clone)]
pub struct LeaseTable {
    client: Client,
    table: String,
}

impl LeaseTable {
    #[must_use]
    pub fn of_environment(client: Client, environment: &str) -> Self {
        Self { client, table: table::lease(environment) }
    }
}

#[async_trait]
impl BallotBox for LeaseTable {
    async fn read(&self) -> Result<Ballot, BallotError> {
        let read = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(attribute::LEASE, text(WRITER_LEASE))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failed("read", cause(&error)))?;
        let Some(item) = read.item else { return Ok(Ballot::default()) };
        let region = |name: &str| text_of(&item, name).and_then(|text| Region::try_from(text.to_owned()).ok());
        let vote = match region(attribute::HOLDER) {
            None => None,
            Some(holder) => Some(vote(&item, holder).ok_or_else(|| failed("read", "no vote of ours".into()))?),
        };
        Ok(Ballot { vote, wanted: region(attribute::WANTED) })
    }

    async fn renew(&self, region: &Region, epoch: u64) -> Result<bool, BallotError> {
        let renewed = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(attribute::LEASE, text(WRITER_LEASE))
            .update_expression("ADD #renewal :one")
            .condition_expression("#holder = :holder AND #epoch = :epoch")
            .expression_attribute_names("#renewal", attribute::RENEWAL)
            .expression_attribute_names("#holder", attribute::HOLDER)
            .expression_attribute_names("#epoch", attribute::EPOCH)
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":holder", text(region.as_str()))
            .expression_attribute_values(":epoch", number(epoch))
            .send()
            .await;
        match renewed {
            Ok(_) => Ok(true),
            Err(error) if has_code(&error, TAKEN) => Ok(false),
            Err(error) => Err(failed("renew", cause(&error))),
        }
    }

    async fn take(&self, vote: &Vote, replaced: Option<&Vote>) -> Result<bool, BallotError> {
        let taken = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(attribute::LEASE, text(WRITER_LEASE))
            .expression_attribute_names("#holder", attribute::HOLDER)
            .expression_attribute_names("#epoch", attribute::EPOCH)
            .expression_attribute_names("#renewal", attribute::RENEWAL)
            .expression_attribute_names("#taken", attribute::TAKEN_OVER_AT)
            .expression_attribute_values(":holder", text(vote.holder.as_str()))
            .expression_attribute_values(":epoch", number(vote.epoch))
            .expression_attribute_values(":renewal", number(vote.renewal));
        let taken = match vote.taken_over_at {
            Some(at) => taken
                .update_expression("SET #holder = :holder, #epoch = :epoch, #renewal = :renewal, #taken = :taken")
                .expression_attribute_values(":taken", text(at.to_string())),
            None => {
                taken.update_expression("SET #holder = :holder, #epoch = :epoch, #renewal = :renewal REMOVE #taken")
            }
        };
        let taken = match replaced {
            None => taken.condition_expression("attribute_not_exists(#holder)"),
            Some(replaced) => taken
                .condition_expression("#holder = :before AND #epoch = :its_epoch AND #renewal = :its_renewal")
                .expression_attribute_values(":before", text(replaced.holder.as_str()))
                .expression_attribute_values(":its_epoch", number(replaced.epoch))
                .expression_attribute_values(":its_renewal", number(replaced.renewal)),
        };
        match taken.send().await {
            Ok(_) => Ok(true),
            Err(error) if has_code(&error, TAKEN) => Ok(false),
            Err(error) => Err(failed("take", cause(&error))),
        }
    }

    async fn want(&self, region: &Region) -> Result<(), BallotError> {
        self.client
            .update_item()
            .table_name(&self.table)
            .key(attribute::LEASE, text(WRITER_LEASE))
            .update_expression("SET #wanted = :wanted")
            .expression_attribute_names("#wanted", attribute::WANTED)
            .expression_attribute_values(":wanted", text(region.as_str()))
            .send()
            .await
            .map(drop)
            .map_err(|error| failed("ask for", cause(&error)))
    }
}

fn vote(item: &Item, holder: Region) -> Option<Vote> {
    let counted = |name: &str| item.get(name)?.as_n().ok()?.parse().ok();
    let taken_over_at: Option<Timestamp> = match text_of(item, attribute::TAKEN_OVER_AT) {
        Some(text) => Some(text.parse().ok()?),
        None => None,
    };
    Some(Vote { holder, epoch: counted(attribute::EPOCH)?, renewal: counted(attribute::RENEWAL)?, taken_over_at })
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn failed(operation: &'static str, source: Cause) -> BallotError {
    BallotError { operation, source }
}
