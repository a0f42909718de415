//! Objects as Stripe shows them.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::stripe::state::{CaptureMethod, Charge, Event, Intent, IntentStatus, Refund, Session, SessionStatus, State};

/// The version that the double speaks when a caller pins none.
pub(super) const API_VERSION: &str = "2026-09-30.endive";

fn seconds(at: Timestamp) -> i64 {
    at.as_second()
}

impl State {
    pub(super) fn session(&self, session: &Session) -> Value {
        let intent = session.intent.as_ref().and_then(|id| self.intents.get(id));
        let payment_status = match intent.map(|intent| intent.status) {
            Some(IntentStatus::Succeeded) => "paid",
            // Authorised is not paid.
            _ => "unpaid",
        };
        let total = session.amount_total();
        json!({
            "id": session.id,
            "object": "checkout.session",
            "amount_subtotal": total,
            "amount_total": total,
            "cancel_url": session.cancel_url,
            "client_reference_id": session.client_reference_id,
            "created": seconds(session.created),
            "currency": session.currency,
            "customer": Value::Null,
            "customer_email": session.customer_email,
            "expires_at": seconds(session.expires_at),
            "livemode": false,
            "metadata": session.metadata,
            "mode": "payment",
            "payment_intent": session.intent,
            "payment_method_types": ["card"],
            "payment_status": payment_status,
            "status": session.status,
            "success_url": session.success_url,
            "ui_mode": "hosted",
            "url": (session.status == SessionStatus::Open).then_some(&session.page),
        })
    }

    pub(super) fn intent(&self, intent: &Intent) -> Value {
        let next_action = (intent.status == IntentStatus::RequiresAction).then(|| {
            json!({
                "type": "redirect_to_url",
                "redirect_to_url": { "url": format!("{}/c/authenticate/{}", intent.origin, intent.id), "return_url": null },
            })
        });
        json!({
            "id": intent.id,
            "object": "payment_intent",
            "amount": intent.amount,
            "amount_capturable": intent.amount_capturable(),
            "amount_received": intent.amount_received,
            "canceled_at": intent.cancelled_at.map(seconds),
            "cancellation_reason": intent.cancellation_reason,
            "capture_method": intent.capture_method,
            "client_secret": format!("{}_secret_double", intent.id),
            "confirmation_method": "automatic",
            "created": seconds(intent.created),
            "currency": intent.currency,
            "customer": Value::Null,
            "description": Value::Null,
            "last_payment_error": intent.last_error,
            "latest_charge": intent.charge,
            "livemode": false,
            "metadata": intent.metadata,
            "next_action": next_action,
            "payment_method": intent.card.as_ref().map(|_| format!("pm_{}", &intent.id[3..])),
            "payment_method_types": ["card"],
            "status": intent.status,
        })
    }

    pub(super) fn charge(&self, charge: &Charge) -> Value {
        json!({
            "id": charge.id,
            "object": "charge",
            "amount": charge.amount,
            "amount_captured": charge.amount_captured,
            "amount_refunded": charge.amount_refunded,
            "captured": 0 < charge.amount_captured,
            "created": seconds(charge.created),
            "currency": charge.currency,
            "livemode": false,
            "metadata": charge.metadata,
            "paid": true,
            "payment_intent": charge.intent,
            "payment_method_details": {
                "type": "card",
                "card": {
                    "brand": "visa",
                    "last4": charge.card.last4,
                    "capture_before": charge.capture_before.map(seconds),
                },
            },
            "refunded": charge.amount_captured == charge.amount_refunded && 0 < charge.amount_captured,
            "status": "succeeded",
        })
    }

    pub(super) fn refund(&self, refund: &Refund) -> Value {
        json!({
            "id": refund.id,
            "object": "refund",
            "amount": refund.amount,
            "charge": refund.charge,
            "created": seconds(refund.created),
            "currency": refund.currency,
            "metadata": refund.metadata,
            "payment_intent": refund.intent,
            "reason": refund.reason,
            "status": refund.status,
        })
    }

    pub(super) fn event(&self, event: &Event) -> Value {
        json!({
            "id": event.id,
            "object": "event",
            "api_version": API_VERSION,
            "created": seconds(event.created),
            "data": { "object": event.object },
            "livemode": false,
            "pending_webhooks": self.webhooks.endpoints.len(),
            "request": { "id": Value::Null, "idempotency_key": event.key },
            "type": event.kind,
        })
    }

    /// Puts objects in the place of the ids that `expand` names.
    pub(super) fn expanded(&self, mut document: Value, expand: &[String]) -> Value {
        for path in expand {
            let path = path.strip_prefix("data.").unwrap_or(path);
            let (first, rest) = path.split_once('.').unwrap_or((path, ""));
            let Some(id) = document[first].as_str().map(str::to_owned) else { continue };
            let object = match first {
                "latest_charge" => self.charges.get(&id).map(|charge| self.charge(charge)),
                "payment_intent" => self.intents.get(&id).map(|intent| self.intent(intent)),
                _ => None,
            };
            if let Some(object) = object {
                let rest: Vec<String> = if rest.is_empty() { Vec::new() } else { vec![rest.to_owned()] };
                document[first] = self.expanded(object, &rest);
            }
        }
        document
    }
}

impl CaptureMethod {
    pub(super) fn named(name: Option<&str>) -> Option<Self> {
        match name {
            None | Some("automatic" | "automatic_async") => Some(Self::Automatic),
            Some("manual") => Some(Self::Manual),
            Some(_) => None,
        }
    }
}
