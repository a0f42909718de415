//! Loyalty points and what they buy: taking them, giving them back, items that are redeemed.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use secrecy::SecretString;

use crate::effect::{CallKey, EffectError};
use crate::experience::Price;
use crate::identifier::{ItemId, MemberId, MemberNumber, RedemptionId};
use crate::member::ProfileToken;
use crate::money::Points;
use crate::partner::PartnerError;
use crate::section::Read;

/// Members' points. The partner has no idempotency: the key is the receipt's number and can be looked up.
#[async_trait]
pub trait PointAccounts: Send + Sync {
    /// Needs the member's own token, which the member gets by signing in and nobody else can renew.
    async fn take_points(
        &self,
        key: &CallKey,
        request: &PointsRequest,
        profile_token: &ProfileToken,
    ) -> Result<(), EffectError>;

    /// [`Refusal::NotOffered`](crate::effect::Refusal::NotOffered) where the settings know no way; a person has to do it then.
    async fn give_points_back(
        &self,
        key: &CallKey,
        taken: &CallKey,
        request: &PointsRequest,
    ) -> Result<(), EffectError>;

    /// Every receipt that the partner has under the key or a part of it (`key:…`): none, one for each call, or what must not
    /// be, several for one.
    async fn receipts_of(
        &self,
        key: &CallKey,
        member_number: &MemberNumber,
    ) -> Result<Read<Vec<Receipt>>, PartnerError>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointsRequest {
    pub member_number: MemberNumber,
    pub points: Points,
    /// What the member reads in the history.
    pub description: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Of the call that it is of.
    pub key: String,
    pub kind: ReceiptKind,
    /// The partner's own number, where it has one.
    pub number: Option<String>,
    pub at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiptKind {
    PointsTaken(Points),
    PointsGivenBack(Points),
    ItemRedeemed(RedemptionId),
    ItemCancelled(RedemptionId),
    /// Nothing says what it stands for.
    Other(String),
}

/// Items that members redeem.
#[async_trait]
pub trait Items: Send + Sync {
    /// Those that this member may redeem.
    async fn items(&self, member_number: &MemberNumber) -> Result<Read<Vec<Item>>, PartnerError>;

    /// `None` when there is no such item.
    async fn item(&self, id: &ItemId) -> Result<Option<Read<Item>>, PartnerError>;

    /// Sets the items aside for the member; paying for them is another call. It can be looked up by its receipt.
    async fn redeem_item(&self, key: &CallKey, request: &RedemptionRequest) -> Result<Redemption, EffectError>;

    /// [`Refusal::NotOffered`](crate::effect::Refusal::NotOffered) where the settings know no way.
    async fn cancel_redemption(&self, key: &CallKey, id: &RedemptionId) -> Result<(), EffectError>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub id: ItemId,
    pub title: String,
    pub summary: String,
    pub description: String,
    pub category: Option<String>,
    pub brand: Option<String>,
    pub price: Price,
    /// `None` when the partner does not say.
    pub left: Option<u32>,
    pub terms: Option<String>,
    pub image_url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedemptionRequest {
    pub member_number: MemberNumber,
    pub item: ItemId,
    pub quantity: u32,
    /// The day at the shop.
    pub date: Date,
    /// The partner's name for the payment, when it was made by card.
    pub payment: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redemption {
    pub id: RedemptionId,
    /// What the member shows in the shop.
    pub vouchers: Vec<String>,
}

/// How a member can be written to and addressed.
#[async_trait]
pub trait MemberContacts: Send + Sync {
    /// `None` when the directory has no such member.
    async fn contact(&self, member_id: &MemberId) -> Result<Option<Contact>, PartnerError>;
}

#[derive(Clone)]
pub struct Contact {
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<SecretString>,
    pub phone: Option<SecretString>,
}

/// Nothing of a person is shown.
impl fmt::Debug for Contact {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Contact(…)")
    }
}
