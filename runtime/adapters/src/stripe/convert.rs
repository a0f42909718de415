//! From Stripe's JSON to the domain.

use como_domain::identifier::{CheckoutId, PaymentId, RefundId};
use como_domain::money::{Currency, Money};
use como_domain::payment::{
    Checkout, CheckoutStatus, Payment, PaymentEvent, PaymentEventKind, PaymentStatus, Refund, RefundStatus,
};
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::stripe::wire;

/// Under which our own reference travels in an object's metadata.
pub(super) const REFERENCE: &str = "como_reference";

/// An answer that parsed as JSON but makes no sense to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the field {field} cannot be understood")]
pub(super) struct Incomprehensible {
    field: &'static str,
}

fn field(field: &'static str) -> Incomprehensible {
    Incomprehensible { field }
}

pub(super) fn checkout(session: wire::Session) -> Result<Checkout, Incomprehensible> {
    let from_metadata = reference(session.metadata);
    Ok(Checkout {
        id: CheckoutId::try_from(session.id).map_err(|_| field("id"))?,
        reference: session.client_reference_id.or(from_metadata),
        status: match session.status.as_deref() {
            Some("open") => CheckoutStatus::Open,
            Some("complete") => CheckoutStatus::Complete,
            Some("expired") => CheckoutStatus::Expired,
            other => CheckoutStatus::Other(other.unwrap_or_default().to_owned()),
        },
        page: session.url,
        payment: payment_id(session.payment_intent)?,
        expires_at: session.expires_at.and_then(instant),
    })
}

pub(super) fn payment(intent: wire::Intent) -> Result<Payment, Incomprehensible> {
    let currency = Currency::try_from(intent.currency.as_str()).map_err(|_| field("currency"))?;
    let status = payment_status(&intent.status);
    let stated = intent.latest_charge.and_then(|charge| match charge {
        wire::LatestCharge::Object { payment_method_details } => payment_method_details?.card?.capture_before,
        wire::LatestCharge::Id(_) => None,
    });
    let capturable = match (intent.amount_capturable, &status) {
        (Some(amount), _) => amount,
        (None, PaymentStatus::Authorised) => intent.amount,
        (None, _) => 0,
    };
    let received = match (intent.amount_received, &status) {
        (Some(amount), _) => amount,
        (None, PaymentStatus::Captured) => intent.amount,
        (None, _) => 0,
    };
    Ok(Payment {
        id: PaymentId::try_from(intent.id).map_err(|_| field("id"))?,
        reference: reference(intent.metadata),
        amount: Money::from_minor(intent.amount, currency),
        capturable: Money::from_minor(capturable, currency),
        received: Money::from_minor(received, currency),
        capture_before: stated.and_then(instant),
        status,
    })
}

fn payment_status(status: &str) -> PaymentStatus {
    match status {
        "requires_payment_method" => PaymentStatus::NeedsCard,
        "requires_confirmation" => PaymentStatus::NeedsConfirmation,
        "requires_action" => PaymentStatus::NeedsAction,
        "processing" => PaymentStatus::Processing,
        "requires_capture" => PaymentStatus::Authorised,
        "succeeded" => PaymentStatus::Captured,
        "canceled" => PaymentStatus::Cancelled,
        other => PaymentStatus::Other(other.to_owned()),
    }
}

/// `fallback`: the currency of the payment, for peers that leave it out.
pub(super) fn refund(refund: wire::Refund, fallback: Option<Currency>) -> Result<Refund, Incomprehensible> {
    let stated = refund.currency.as_deref().map(Currency::try_from);
    let currency = match (stated, fallback) {
        (Some(Ok(currency)), _) | (None, Some(currency)) => currency,
        (Some(Err(_)), _) | (None, None) => return Err(field("currency")),
    };
    Ok(Refund {
        id: RefundId::try_from(refund.id).map_err(|_| field("id"))?,
        payment: payment_id(refund.payment_intent)?,
        reference: reference(refund.metadata),
        amount: Money::from_minor(refund.amount, currency),
        status: refund_status(refund.status.as_deref()),
    })
}

fn refund_status(status: Option<&str>) -> RefundStatus {
    match status {
        Some("pending" | "requires_action") => RefundStatus::Pending,
        Some("succeeded") => RefundStatus::Succeeded,
        Some("failed") => RefundStatus::Failed,
        Some("canceled") => RefundStatus::Cancelled,
        other => RefundStatus::Other(other.unwrap_or_default().to_owned()),
    }
}

/// What an event speaks of; an object that we do not know is one that we do not wait for.
pub(super) fn event(event: wire::Event) -> PaymentEvent {
    let object = event.data.object;
    let (mut reference, mut checkout_id, mut payment_id) = (None, None, None);
    let mut refund_course = None;
    match object["object"].as_str() {
        Some("checkout.session") => {
            if let Some(checkout) = read(object).and_then(|session| checkout(session).ok()) {
                (reference, checkout_id, payment_id) = (checkout.reference, Some(checkout.id), checkout.payment);
            }
        }
        Some("payment_intent") => {
            if let Some(payment) = read(object).and_then(|intent| payment(intent).ok()) {
                (reference, payment_id) = (payment.reference, Some(payment.id));
            }
        }
        Some("refund") => {
            if let Some(refund) = read(object).and_then(|read| refund(read, None).ok()) {
                (reference, payment_id, refund_course) = (refund.reference, refund.payment, Some(refund.status));
            }
        }
        _ => {}
    }
    PaymentEvent {
        id: event.id,
        kind: event_kind(event.kind, refund_course),
        created_at: event.created.and_then(instant),
        reference,
        checkout: checkout_id,
        payment: payment_id,
    }
}

fn event_kind(kind: String, refund: Option<RefundStatus>) -> PaymentEventKind {
    match (kind.as_str(), refund) {
        ("checkout.session.completed" | "checkout.session.async_payment_succeeded", _) => {
            PaymentEventKind::CheckoutCompleted
        }
        ("checkout.session.expired", _) => PaymentEventKind::CheckoutExpired,
        ("payment_intent.amount_capturable_updated", _) => PaymentEventKind::Authorised,
        ("payment_intent.succeeded", _) => PaymentEventKind::Captured,
        ("payment_intent.canceled", _) => PaymentEventKind::Cancelled,
        ("payment_intent.payment_failed", _) => PaymentEventKind::Declined,
        ("refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated", Some(status)) => {
            PaymentEventKind::RefundChanged(status)
        }
        _ => PaymentEventKind::Other(kind),
    }
}

fn read<T: DeserializeOwned>(object: serde_json::Value) -> Option<T> {
    serde_json::from_value(object).ok()
}

fn reference(metadata: Option<wire::Metadata>) -> Option<String> {
    metadata?.remove(REFERENCE)
}

fn payment_id(reference: Option<wire::Reference>) -> Result<Option<PaymentId>, Incomprehensible> {
    let id = reference.map(|reference| PaymentId::try_from(reference.into_id()));
    id.transpose().map_err(|_| field("payment_intent"))
}

fn instant(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(seconds).ok()
}
