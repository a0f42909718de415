//! Refunds: never more than was captured, and some change their mind later.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::stripe::cards::RefundCourse;
use crate::stripe::error::ApiError;
use crate::stripe::form::Params;
use crate::stripe::intents::Asked;
use crate::stripe::state::{IntentStatus, Refund, RefundStatus, SessionStatus, State, new_id};

const REASONS: [&str; 3] = ["duplicate", "fraudulent", "requested_by_customer"];

impl State {
    pub(super) fn create_refund(&mut self, params: &Params, asked: Asked<'_>) -> Result<Value, ApiError> {
        params.only(&["payment_intent", "charge", "amount", "reason", "metadata", "expand"])?;
        let charge_id = match (params.text("charge"), params.text("payment_intent")) {
            (Some(charge), _) => charge.to_owned(),
            (None, Some(intent)) => {
                let found = self.intents.get(intent).ok_or_else(|| ApiError::no_such("payment_intent", intent))?;
                let message = "This PaymentIntent does not have a successful charge to refund.";
                found.charge.clone().ok_or_else(|| ApiError::state("payment_intent_unexpected_state", message))?
            }
            (None, None) => return Err(ApiError::missing_param("payment_intent")),
        };
        if let Some(reason) = params.text("reason").filter(|reason| !REASONS.contains(reason)) {
            return Err(ApiError::invalid("reason", "parameter_invalid", format!("Invalid reason: {reason}")));
        }
        let wanted = params.integer("amount")?;
        let charge = self.charges.get_mut(&charge_id).ok_or_else(|| ApiError::no_such("charge", &charge_id))?;
        if charge.amount_captured == 0 {
            let message = "This charge has not been captured; cancel the PaymentIntent instead.";
            return Err(ApiError::state("charge_not_captured", message));
        }
        let left = charge.amount_captured - charge.amount_refunded;
        if left == 0 {
            return Err(ApiError::state("charge_already_refunded", "The charge has already been refunded."));
        }
        let amount = wanted.unwrap_or(left);
        if !(1..=left).contains(&amount) {
            let message = format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({left})");
            return Err(ApiError::state("amount_too_large", message).about("amount"));
        }
        charge.amount_refunded += amount;
        let later = asked.now + SignedDuration::from_secs(self.behaviour.refund_settles_s);
        let (status, settles) = match charge.card.refund {
            RefundCourse::Succeeds => (RefundStatus::Succeeded, None),
            RefundCourse::SucceedsLater => (RefundStatus::Pending, Some((later, RefundStatus::Succeeded))),
            RefundCourse::FailsLater => (RefundStatus::Succeeded, Some((later, RefundStatus::Failed))),
        };
        let refund = Refund {
            id: new_id("re"),
            created: asked.now,
            intent: charge.intent.clone(),
            charge: charge_id.clone(),
            amount,
            currency: charge.currency.clone(),
            status,
            reason: params.text("reason").map(str::to_owned),
            metadata: params.metadata(),
            settles,
        };
        let (id, shown) = (refund.id.clone(), self.refund(&refund));
        self.refunds.insert(id.clone(), refund);
        self.emit_refund("refund.created", &id, asked.now, asked.key);
        self.emit_charge("charge.refunded", &charge_id, asked.now, asked.key);
        Ok(shown)
    }

    pub(super) fn shown_refund(&self, id: &str) -> Result<Value, ApiError> {
        let refund = self.refunds.get(id).ok_or_else(|| ApiError::no_such("refund", id))?;
        Ok(self.refund(refund))
    }

    /// Whatever was due by now: pages and authorisations lapse, refunds end, keys are forgotten.
    pub(super) fn pass_time(&mut self, now: Timestamp) {
        let lapsed: Vec<String> = self
            .sessions
            .values()
            .filter(|session| session.status == SessionStatus::Open && session.expires_at <= now)
            .map(|session| session.id.clone())
            .collect();
        for id in lapsed {
            self.end_session(&id, now, None);
        }
        let is_over = |charge: &String| {
            self.charges.get(charge).and_then(|charge| charge.capture_before).is_some_and(|deadline| deadline <= now)
        };
        let uncaptured: Vec<String> = self
            .intents
            .values()
            .filter(|intent| intent.status == IntentStatus::RequiresCapture)
            .filter(|intent| intent.charge.as_ref().is_some_and(is_over))
            .map(|intent| intent.id.clone())
            .collect();
        for id in uncaptured {
            self.cancel(&id, Some("automatic"), now, None);
        }
        let settled: Vec<(String, RefundStatus)> = self
            .refunds
            .values()
            .filter_map(|refund| {
                refund.settles.filter(|(at, _)| *at <= now).map(|(_, status)| (refund.id.clone(), status))
            })
            .collect();
        for (id, status) in settled {
            self.settle(&id, status, now);
        }
        let kept = SignedDuration::from_secs(self.behaviour.keys_kept_s);
        self.replies.retain(|_, reply| now < reply.at + kept);
    }

    fn settle(&mut self, id: &str, status: RefundStatus, now: Timestamp) {
        let Some(refund) = self.refunds.get_mut(id) else { return };
        refund.status = status;
        refund.settles = None;
        if status == RefundStatus::Failed {
            let (charge, amount) = (refund.charge.clone(), refund.amount);
            if let Some(charge) = self.charges.get_mut(&charge) {
                charge.amount_refunded -= amount;
            }
            self.emit_refund("refund.failed", id, now, None);
        }
        self.emit_refund("refund.updated", id, now, None);
    }
}
