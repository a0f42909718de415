//! The domain's `Items`, kept by Memberson.

use async_trait::async_trait;
use como_domain::effect::{CallKey, EffectError, Refusal};
use como_domain::identifier::{ItemId, MemberNumber, RedemptionId};
use como_domain::partner::PartnerError;
use como_domain::points::{Item, Items, Redemption, RedemptionRequest};
use como_domain::section::Read;
use reqwest::StatusCode;
use serde::de::IgnoredAny;
use tracing::warn;

use crate::call::Repeat;
use crate::memberson::client::at;
use crate::memberson::{Memberson, convert, wire};
use crate::settings::MembersonSettings;

#[async_trait]
impl Items for Memberson {
    /// Not cached: it says how many are left.
    async fn items(&self, member_number: &MemberNumber) -> Result<Read<Vec<Item>>, PartnerError> {
        let operation = "list the items";
        let settings = self.settings(operation)?;
        let url = at(&settings, &settings.items_path, MembersonSettings::MEMBER_NUMBER, member_number.as_str());
        let reply = self.send(&settings, operation, Repeat::Budgeted, |http| http.get(&url)).await?;
        let rewards: Vec<serde_json::Value> = self.accept(operation, &reply)?;
        let offered = rewards.len();
        let readable = rewards.into_iter().filter_map(|reward| {
            let reward: wire::Reward = serde_json::from_value(reward).ok()?;
            convert::item(reward).ok()
        });
        let value: Vec<Item> = readable.collect();
        let skipped = offered - value.len();
        if 0 < skipped {
            // One slip in the CRM must not empty the whole list.
            warn!(items.skipped = skipped, "left out {skipped} items that cannot be understood");
        }
        Ok(Read { value, read_at: reply.read_at })
    }

    async fn item(&self, id: &ItemId) -> Result<Option<Read<Item>>, PartnerError> {
        let operation = "read an item";
        let settings = self.settings(operation)?;
        let url = at(&settings, &settings.reward_path, MembersonSettings::REWARD_NUMBER, id.as_str());
        let query = [("includeMedia", "true"), ("includeRewardPricing", "true"), ("includeLinkedItems", "true")];
        let reply = self.send(&settings, operation, Repeat::Budgeted, |http| http.get(&url).query(&query)).await?;
        if reply.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let reward: wire::Reward = self.accept(operation, &reply)?;
        let value = convert::item(reward).map_err(|error| self.incomprehensible(operation, error))?;
        Ok(Some(Read { value, read_at: reply.read_at }))
    }

    async fn redeem_item(&self, key: &CallKey, request: &RedemptionRequest) -> Result<Redemption, EffectError> {
        let operation = "redeem an item";
        let settings = self.settings(operation).map_err(EffectError::NotSent)?;
        let url = format!("{}{}", settings.base_url, settings.redeem_item_path);
        let body = wire::RedeemItemRequest {
            member_number: request.member_number.as_str(),
            reward_number: request.item.as_str(),
            date: request.date.to_string(),
            location_code: &settings.location_code,
            receipt_number: key.as_str(),
            quantity: request.quantity,
            payment: request.payment.as_deref().map(|id| wire::RedeemPayment { purchase_transaction_id: id }),
        };
        let reply = self.effect(&settings, operation, |http| http.post(&url).json(&body)).await?;
        let sold_out = |code| (code == settings.sold_out_code).then_some(Refusal::SoldOut);
        let redeemed: wire::RedeemItemReply = self.done(operation, &reply, sold_out)?;
        convert::redemption(redeemed).map_err(|error| EffectError::Unknown(self.incomprehensible(operation, error)))
    }

    async fn cancel_redemption(&self, key: &CallKey, id: &RedemptionId) -> Result<(), EffectError> {
        let operation = "cancel a redemption";
        let settings = self.settings(operation).map_err(EffectError::NotSent)?;
        let path = settings.redemption_cancel_path.as_ref().ok_or_else(|| Self::not_offered(operation))?;
        let url = at(&settings, path, MembersonSettings::REDEMPTION_NUMBER, id.as_str());
        let body = wire::CancelRedemptionRequest { receipt_number: key.as_str() };
        let reply = self.effect(&settings, operation, |http| http.post(&url).json(&body)).await?;
        self.done::<IgnoredAny>(operation, &reply, |_| None).map(drop)
    }
}
