//! PaymentIntents: requires_payment_method → requires_action → requires_capture → succeeded, or canceled on the way.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::stripe::cards::{Card, Decline, by_name, by_number};
use crate::stripe::error::ApiError;
use crate::stripe::form::Params;
use crate::stripe::state::{CaptureMethod, Charge, Intent, IntentStatus, State, new_id};

/// Stripe takes no smaller payment in SGD.
pub(super) const SMALLEST_AMOUNT: i64 = 50;

/// Who is asking, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) now: Timestamp,
    pub(super) key: Option<&'a str>,
    /// Where the double itself is reached, for pages.
    pub(super) origin: &'a str,
}

impl State {
    pub(super) fn create_intent(&mut self, params: &Params, asked: Asked<'_>) -> Result<Value, ApiError> {
        params.only(&[
            "amount",
            "currency",
            "capture_method",
            "confirm",
            "payment_method",
            "payment_method_data",
            "payment_method_types",
            "automatic_payment_methods",
            "return_url",
            "metadata",
            "description",
            "receipt_email",
            "expand",
        ])?;
        let amount = params.integer("amount")?.ok_or_else(|| ApiError::missing_param("amount"))?;
        let currency = params.required("currency")?.to_lowercase();
        if amount < SMALLEST_AMOUNT {
            return Err(ApiError::invalid("amount", "amount_too_small", "Amount must be at least 50 cents"));
        }
        let capture_method = CaptureMethod::named(params.text("capture_method"))
            .ok_or_else(|| ApiError::invalid("capture_method", "parameter_invalid", "Invalid capture_method"))?;
        let card = card_of(params)?;
        let confirm = params.text("confirm") == Some("true");
        if params.text("return_url").is_some() && !confirm {
            let message = "`return_url` can only be set when `confirm` is true.";
            return Err(ApiError::invalid("return_url", "parameter_invalid", message));
        }
        let status = match card {
            Some(_) => IntentStatus::RequiresConfirmation,
            None => IntentStatus::RequiresPaymentMethod,
        };
        let intent = Intent {
            id: new_id("pi"),
            created: asked.now,
            amount,
            currency,
            capture_method,
            status,
            amount_received: 0,
            metadata: params.metadata(),
            card,
            charge: None,
            cancelled_at: None,
            cancellation_reason: None,
            last_error: None,
            session: None,
            origin: asked.origin.to_owned(),
        };
        let id = self.insert_intent(intent, asked);
        if confirm {
            self.confirm(&id, asked)?;
        }
        self.shown_intent(&id)
    }

    pub(super) fn insert_intent(&mut self, intent: Intent, asked: Asked<'_>) -> String {
        let id = intent.id.clone();
        self.intents.insert(id.clone(), intent);
        self.emit_intent("payment_intent.created", &id, asked.now, asked.key);
        id
    }

    pub(super) fn confirm_intent(&mut self, id: &str, params: &Params, asked: Asked<'_>) -> Result<Value, ApiError> {
        params.only(&["payment_method", "payment_method_data", "return_url", "expand", "receipt_email"])?;
        let card = card_of(params)?;
        if let Some(card) = card {
            self.intent_mut(id)?.card = Some(card);
        }
        self.confirm(id, asked)?;
        self.shown_intent(id)
    }

    /// With the card that the intent has.
    pub(super) fn confirm(&mut self, id: &str, asked: Asked<'_>) -> Result<(), ApiError> {
        let intent = self.intent_mut(id)?;
        if !matches!(intent.status, IntentStatus::RequiresPaymentMethod | IntentStatus::RequiresConfirmation) {
            return Err(unexpected_state(intent, "confirm"));
        }
        let Some(card) = intent.card.clone() else {
            let message = "You cannot confirm this PaymentIntent because it's missing a payment method.";
            return Err(ApiError::state("payment_intent_unexpected_state", message));
        };
        if card.needs_authentication {
            intent.status = IntentStatus::RequiresAction;
            self.emit_intent("payment_intent.requires_action", id, asked.now, asked.key);
            return Ok(());
        }
        self.charge_card(id, card, asked)
    }

    /// The cardholder has answered the bank.
    pub(super) fn authenticated(&mut self, id: &str, is_genuine: bool, asked: Asked<'_>) -> Result<(), ApiError> {
        let intent = self.intent_mut(id)?;
        if intent.status != IntentStatus::RequiresAction {
            return Err(unexpected_state(intent, "authenticate"));
        }
        match (intent.card.clone(), is_genuine) {
            (Some(card), true) => self.charge_card(id, card, asked),
            _ => {
                let message = "We are unable to authenticate your payment method. Please choose another one.";
                let error = json!({
                    "type": "card_error", "code": "payment_intent_authentication_failure", "message": message,
                });
                Err(self.fail(id, error, "payment_intent_authentication_failure", None, message, asked))
            }
        }
    }

    fn charge_card(&mut self, id: &str, card: Card, asked: Asked<'_>) -> Result<(), ApiError> {
        if let Some(decline) = card.decline {
            let (code, decline_code, message) = decline.words();
            let error = json!({ "type": "card_error", "code": code, "decline_code": decline_code, "message": message });
            return Err(self.fail(id, error, code, decline_code, message, asked));
        }
        let window = SignedDuration::from_secs(self.behaviour.capture_window_s);
        let intent = self.intent_mut(id)?;
        let is_manual = intent.capture_method == CaptureMethod::Manual;
        let charge = Charge {
            id: new_id("ch"),
            created: asked.now,
            intent: id.to_owned(),
            amount: intent.amount,
            amount_captured: if is_manual { 0 } else { intent.amount },
            amount_refunded: 0,
            currency: intent.currency.clone(),
            card,
            capture_before: is_manual.then_some(asked.now + window),
            metadata: intent.metadata.clone(),
        };
        intent.charge = Some(charge.id.clone());
        intent.last_error = None;
        intent.status = if is_manual { IntentStatus::RequiresCapture } else { IntentStatus::Succeeded };
        intent.amount_received = charge.amount_captured;
        let charge_id = charge.id.clone();
        self.charges.insert(charge_id.clone(), charge);
        self.emit_charge("charge.succeeded", &charge_id, asked.now, asked.key);
        let kind = if is_manual { "payment_intent.amount_capturable_updated" } else { "payment_intent.succeeded" };
        self.emit_intent(kind, id, asked.now, asked.key);
        Ok(())
    }

    fn fail(
        &mut self,
        id: &str,
        error: Value,
        code: &'static str,
        decline_code: Option<&'static str>,
        message: &str,
        asked: Asked<'_>,
    ) -> ApiError {
        if let Some(intent) = self.intents.get_mut(id) {
            intent.status = IntentStatus::RequiresPaymentMethod;
            intent.card = None;
            intent.last_error = Some(error);
        }
        self.emit_intent("payment_intent.payment_failed", id, asked.now, asked.key);
        let shown = self.intents.get(id).map_or(Value::Null, |intent| self.intent(intent));
        ApiError::card(code, decline_code, message, shown)
    }

    pub(super) fn capture_intent(&mut self, id: &str, params: &Params, asked: Asked<'_>) -> Result<Value, ApiError> {
        params.only(&["amount_to_capture", "metadata", "expand"])?;
        let wanted = params.integer("amount_to_capture")?;
        let intent = self.intent_mut(id)?;
        if intent.status != IntentStatus::RequiresCapture {
            return Err(unexpected_state(intent, "capture"));
        }
        let amount = wanted.unwrap_or(intent.amount);
        if !(1..=intent.amount).contains(&amount) {
            let message = "The amount_to_capture must be positive and not exceed the authorised amount.";
            return Err(ApiError::state("amount_too_large", message).about("amount_to_capture"));
        }
        intent.status = IntentStatus::Succeeded;
        intent.amount_received = amount;
        let charge_id = intent.charge.clone().unwrap_or_default();
        if let Some(charge) = self.charges.get_mut(&charge_id) {
            charge.amount_captured = amount;
        }
        self.emit_charge("charge.captured", &charge_id, asked.now, asked.key);
        self.emit_intent("payment_intent.succeeded", id, asked.now, asked.key);
        self.shown_intent(id)
    }

    pub(super) fn cancel_intent(&mut self, id: &str, params: &Params, asked: Asked<'_>) -> Result<Value, ApiError> {
        params.only(&["cancellation_reason", "expand"])?;
        let intent = self.intent_mut(id)?;
        if matches!(intent.status, IntentStatus::Succeeded | IntentStatus::Canceled) {
            return Err(unexpected_state(intent, "cancel"));
        }
        self.cancel(id, params.text("cancellation_reason"), asked.now, asked.key);
        self.shown_intent(id)
    }

    pub(super) fn cancel(&mut self, id: &str, reason: Option<&str>, now: Timestamp, key: Option<&str>) {
        if let Some(intent) = self.intents.get_mut(id) {
            intent.status = IntentStatus::Canceled;
            intent.cancelled_at = Some(now);
            intent.cancellation_reason = reason.map(str::to_owned);
        }
        self.emit_intent("payment_intent.canceled", id, now, key);
    }

    pub(super) fn intent_mut(&mut self, id: &str) -> Result<&mut Intent, ApiError> {
        self.intents.get_mut(id).ok_or_else(|| ApiError::no_such("payment_intent", id))
    }

    pub(super) fn shown_intent(&self, id: &str) -> Result<Value, ApiError> {
        let intent = self.intents.get(id).ok_or_else(|| ApiError::no_such("payment_intent", id))?;
        Ok(self.intent(intent))
    }
}

fn unexpected_state(intent: &Intent, verb: &str) -> ApiError {
    let status = serde_json::to_value(intent.status).unwrap_or_default();
    let status = status.as_str().unwrap_or_default();
    let message = format!("You cannot {verb} this PaymentIntent because it has a status of {status}.");
    ApiError::state("payment_intent_unexpected_state", message)
}

fn card_of(params: &Params) -> Result<Option<Card>, ApiError> {
    if let Some(name) = params.text("payment_method") {
        let card = by_name(name).ok_or_else(|| ApiError::no_such("PaymentMethod", name))?;
        return Ok(Some(card));
    }
    let data = params.nested("payment_method_data");
    let number = data.nested("card").text("number").map(str::to_owned);
    Ok(number.map(|number| by_number(&number)))
}

/// A number that is nobody's card is said so at once, on the page and in the API.
impl Decline {
    pub(super) const fn is_typing_error(self) -> bool {
        matches!(self, Self::IncorrectNumber)
    }
}
