//! Prices and balances behind a quote, for whatever is bought.

use como_domain::experience::Price;
use como_domain::identifier::MemberId;
use como_domain::money::Points;
use como_domain::partner::Partner;
use como_domain::saga::intent::{Payment, Subject};
use como_domain::section::UnavailableReason;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::orders::{AmountView, Orders, payment_amount};
use crate::problem::{Code, Problem};
use crate::quote::{Quote, VALID_FOR, after};
use crate::report;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PayWith {
    Points,
    Card,
}

pub(crate) struct Asked {
    pub(crate) subject: Subject,
    pub(crate) title: String,
    pub(crate) unit: Price,
    pub(crate) count: u32,
    pub(crate) pay_with: PayWith,
    pub(crate) deadline: Timestamp,
    pub(crate) availability_checked: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuoteReply {
    /// For the confirmation. Missing when the points do not suffice.
    #[serde(skip_serializing_if = "Option::is_none")]
    quote: Option<String>,
    /// The quote is good until then.
    #[schema(format = DateTime)]
    expires_at: String,
    title: String,
    /// Tickets or pieces.
    count: u32,
    /// The whole price.
    price: AmountView,
    /// With points: what the member has, whole points, read just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    balance: Option<i64>,
    /// Whether the balance pays the price; a card is checked when it is used.
    is_enough: bool,
    /// When the points do not suffice: what it costs by card, where that is offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_card: Option<AmountView>,
    /// Whether the partner was seen to have it; if not, it could not be asked.
    availability_checked: bool,
    /// What is not fulfilled by then is given back.
    #[schema(format = DateTime)]
    deadline: String,
}

pub(crate) async fn price(orders: &Orders, member: &MemberId, asked: Asked) -> Result<QuoteReply, Problem> {
    let points = asked.unit.points.map(|points| points.checked_mul(asked.count)).map(whole).transpose()?;
    let money = asked.unit.money.map(|money| money.checked_mul(asked.count)).map(whole).transpose()?;
    let card = money.map(Payment::Card);
    let payment = match asked.pay_with {
        PayWith::Points => points.map(Payment::Points),
        PayWith::Card => card,
    };
    let payment = payment.ok_or(Problem::of(Code::PaymentNotOffered))?;
    let balance = match payment {
        Payment::Points(_) => Some(balance(orders, member).await?),
        Payment::Card(_) => None,
    };
    let is_enough = match (payment, balance) {
        (Payment::Points(price), Some(balance)) => price <= balance,
        _ => true,
    };
    let expires_at = after(orders.clock.now(), VALID_FOR).min(asked.deadline);
    let quote = Quote { member: member.clone(), subject: asked.subject, payment, deadline: asked.deadline, expires_at };
    Ok(QuoteReply {
        quote: is_enough.then(|| orders.quotes.write(&quote)).transpose()?,
        expires_at: expires_at.to_string(),
        title: asked.title,
        count: asked.count,
        price: payment_amount(payment),
        balance: balance.map(Points::whole),
        is_enough,
        by_card: card.filter(|_| !is_enough).map(payment_amount),
        availability_checked: asked.availability_checked,
        deadline: asked.deadline.to_string(),
    })
}

/// As Memberson has it now; a balance that could not be read is none.
async fn balance(orders: &Orders, member: &MemberId) -> Result<Points, Problem> {
    let summary = orders.directory.summary(member).await.map_err(|error| {
        report::partner_failure(&error);
        Problem::partner_unavailable(error.partner, error.kind)
    })?;
    let summary = summary.ok_or(Problem::of(Code::MemberUnknown))?.value;
    let membership = summary.membership.ok_or(Problem::of(Code::NoMembership))?;
    let missing = || Problem::partner_missing(Partner::Memberson, UnavailableReason::PartnerAnswerUnexpected);
    membership.points.ok_or_else(missing)
}

fn whole<T>(product: Option<T>) -> Result<T, Problem> {
    product.ok_or(Problem::of(Code::PaymentNotOffered))
}
