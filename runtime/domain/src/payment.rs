//! Card payments: authorised by the member on the partner's own page, captured once the booking stands.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;

use crate::effect::{CallKey, EffectError};
use crate::identifier::{CheckoutId, PaymentId, RefundId};
use crate::money::Money;
use crate::partner::PartnerError;
use crate::section::Read;

/// Where members pay. Each call with a [`CallKey`] may be repeated under the same key within a day, and has its effect once.
#[async_trait]
pub trait Payments: Send + Sync {
    async fn open_checkout(&self, key: &CallKey, request: &CheckoutRequest) -> Result<Checkout, EffectError>;

    /// So that nobody can pay any more; [`Refusal::WrongState`](crate::effect::Refusal::WrongState) when it was paid or has
    /// expired already.
    async fn expire_checkout(&self, key: &CallKey, id: &CheckoutId) -> Result<Checkout, EffectError>;

    /// `None` when there is no such checkout.
    async fn checkout(&self, id: &CheckoutId) -> Result<Option<Read<Checkout>>, PartnerError>;

    /// Every checkout that was opened in this time for `reference`, or for a part of it (`reference:…`): for whoever does not
    /// know whether there is one.
    async fn checkouts_of(&self, reference: &CallKey, opened: Opened) -> Result<Read<Vec<Checkout>>, PartnerError>;

    /// `None` when there is no such payment.
    async fn payment(&self, id: &PaymentId) -> Result<Option<Read<Payment>>, PartnerError>;

    /// Takes the whole of what was authorised.
    async fn capture(&self, key: &CallKey, id: &PaymentId) -> Result<Payment, EffectError>;

    /// Lets go of what was authorised; nothing was taken.
    async fn release(&self, key: &CallKey, id: &PaymentId) -> Result<Payment, EffectError>;

    async fn refund(&self, key: &CallKey, request: &RefundRequest) -> Result<Refund, EffectError>;

    /// All refunds of a payment.
    async fn refunds(&self, id: &PaymentId) -> Result<Read<Vec<Refund>>, PartnerError>;
}

#[derive(Clone)]
pub struct CheckoutRequest {
    /// Whose payment it is, for example a saga's call: comes back with the checkout, its payment and every event of either.
    pub reference: String,
    /// What the member reads on the card page.
    pub title: String,
    pub unit_price: Money,
    pub quantity: u32,
    /// May contain `{CHECKOUT_SESSION_ID}`.
    pub success_url: String,
    pub cancel_url: String,
    /// 30 minutes to 24 hours from now.
    pub expires_at: Timestamp,
    pub email: Option<SecretString>,
}

/// The address of a person must not reach a log through something larger.
impl fmt::Debug for CheckoutRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CheckoutRequest").field("reference", &self.reference).finish_non_exhaustive()
    }
}

/// When a checkout may have been opened; both ends count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    pub from: Timestamp,
    pub to: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    pub id: CheckoutId,
    pub reference: Option<String>,
    pub status: CheckoutStatus,
    /// Where the member pays; only while it is open.
    pub page: Option<String>,
    /// Once the member has begun to pay.
    pub payment: Option<PaymentId>,
    pub expires_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckoutStatus {
    Open,
    /// The member is through: the payment says with what result.
    Complete,
    Expired,
    Other(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub id: PaymentId,
    pub reference: Option<String>,
    pub status: PaymentStatus,
    pub amount: Money,
    /// What a capture would take now.
    pub capturable: Money,
    /// What was taken, refunds not subtracted.
    pub received: Money,
    /// After this the authorisation lapses by itself.
    pub capture_before: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentStatus {
    /// No card yet, or the last one was declined.
    NeedsCard,
    NeedsConfirmation,
    /// The member has to authenticate with the bank.
    NeedsAction,
    Processing,
    Authorised,
    Captured,
    Cancelled,
    Other(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRequest {
    pub payment: PaymentId,
    pub amount: Money,
    /// Comes back with the refund.
    pub reference: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub id: RefundId,
    pub payment: Option<PaymentId>,
    pub reference: Option<String>,
    pub amount: Money,
    pub status: RefundStatus,
}

/// A refund that was accepted can still fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundStatus {
    Pending,
    Succeeded,
    Failed,
    Cancelled,
    Other(String),
}

/// What the partner tells us by itself: more than once, late and in any order, so it is a reason to look, never the truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentEvent {
    /// The same for every delivery of one event.
    pub id: String,
    pub kind: PaymentEventKind,
    pub created_at: Option<Timestamp>,
    pub reference: Option<String>,
    pub checkout: Option<CheckoutId>,
    pub payment: Option<PaymentId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentEventKind {
    CheckoutCompleted,
    CheckoutExpired,
    Authorised,
    Captured,
    Cancelled,
    Declined,
    /// A refund was made or has changed: succeeded, or failed later.
    RefundChanged(RefundStatus),
    /// An event that nobody here waits for.
    Other(String),
}
