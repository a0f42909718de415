//! Checkout Sessions, and what the member does on their page.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::stripe::cards::by_number;
use crate::stripe::error::ApiError;
use crate::stripe::form::Params;
use crate::stripe::intents::{Asked, SMALLEST_AMOUNT};
use crate::stripe::state::{CaptureMethod, Intent, IntentStatus, Line, Session, SessionStatus, State, new_id};

const SHORTEST: SignedDuration = SignedDuration::from_mins(30);
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

impl State {
    pub(super) fn create_session(&mut self, params: &Params, asked: Asked<'_>) -> Result<Value, ApiError> {
        params.only(&[
            "mode",
            "line_items",
            "success_url",
            "cancel_url",
            "client_reference_id",
            "customer_email",
            "metadata",
            "payment_intent_data",
            "payment_method_types",
            "expires_at",
            "submit_type",
            "locale",
            "ui_mode",
            "expand",
        ])?;
        if params.required("mode")? != "payment" {
            return Err(ApiError::invalid("mode", "parameter_invalid", "The double knows the mode `payment` only"));
        }
        let success_url = params.required("success_url")?.to_owned();
        let (currency, lines) = lines(params)?;
        let intent_data = params.nested("payment_intent_data");
        intent_data.only(&["capture_method", "metadata", "description", "receipt_email"])?;
        let capture_method = CaptureMethod::named(intent_data.text("capture_method"))
            .ok_or_else(|| ApiError::invalid("payment_intent_data[capture_method]", "parameter_invalid", "Invalid"))?;
        let id = new_id("cs_test");
        let session = Session {
            page: format!("{}/c/pay/{id}", asked.origin),
            id: id.clone(),
            created: asked.now,
            expires_at: expiry(params, asked.now)?,
            status: SessionStatus::Open,
            currency,
            lines,
            success_url,
            cancel_url: params.text("cancel_url").map(str::to_owned),
            client_reference_id: params.text("client_reference_id").map(str::to_owned),
            customer_email: params.text("customer_email").map(str::to_owned),
            metadata: params.metadata(),
            intent_metadata: intent_data.metadata(),
            capture_method,
            intent: None,
        };
        if session.amount_total() < SMALLEST_AMOUNT {
            return Err(ApiError::invalid("line_items", "amount_too_small", "The total must be at least 50 cents"));
        }
        let shown = self.session(&session);
        self.sessions.insert(id, session);
        Ok(shown)
    }

    pub(super) fn shown_session(&self, id: &str) -> Result<Value, ApiError> {
        let session = self.sessions.get(id).ok_or_else(|| ApiError::no_such("checkout.session", id))?;
        Ok(self.session(session))
    }

    pub(super) fn expire_session(&mut self, id: &str, params: &Params, asked: Asked<'_>) -> Result<Value, ApiError> {
        params.only(&["expand"])?;
        let session = self.sessions.get(id).ok_or_else(|| ApiError::no_such("checkout.session", id))?;
        if session.status != SessionStatus::Open {
            let message = "Only Checkout Sessions with a status in [\"open\"] can be expired.";
            return Err(ApiError::state("checkout_session_unexpected_state", message));
        }
        self.end_session(id, asked.now, asked.key);
        self.shown_session(id)
    }

    /// Nobody can pay any more; a payment that was begun is over.
    pub(super) fn end_session(&mut self, id: &str, now: Timestamp, key: Option<&str>) {
        let Some(session) = self.sessions.get_mut(id) else { return };
        session.status = SessionStatus::Expired;
        let intent = session.intent.clone();
        if let Some(intent) = intent {
            self.cancel(&intent, Some("automatic"), now, key);
        }
        self.emit_session("checkout.session.expired", id, now, key);
    }

    /// The member has typed a card in and pressed the button.
    pub(super) fn pay(&mut self, id: &str, number: &str, asked: Asked<'_>) -> Result<(), ApiError> {
        let session = self.sessions.get(id).ok_or_else(|| ApiError::no_such("checkout.session", id))?;
        if session.status != SessionStatus::Open {
            return Ok(());
        }
        let card = by_number(number);
        if let Some(decline) = card.decline.filter(|decline| decline.is_typing_error()) {
            let (code, decline_code, message) = decline.words();
            return Err(ApiError::card(code, decline_code, message, Value::Null));
        }
        let intent_id = match session.intent.clone() {
            Some(intent) => intent,
            None => {
                let intent = begun(session, asked);
                let intent_id = self.insert_intent(intent, asked);
                if let Some(session) = self.sessions.get_mut(id) {
                    session.intent = Some(intent_id.clone());
                }
                intent_id
            }
        };
        let intent = self.intent_mut(&intent_id)?;
        if intent.status == IntentStatus::RequiresAction {
            intent.status = IntentStatus::RequiresPaymentMethod;
        }
        intent.card = Some(card);
        self.confirm(&intent_id, asked)?;
        self.complete_if_paid(id, asked);
        Ok(())
    }

    /// The member has answered the bank's question on the page of the session.
    pub(super) fn answer_bank(&mut self, id: &str, is_genuine: bool, asked: Asked<'_>) -> Result<(), ApiError> {
        let session = self.sessions.get(id).ok_or_else(|| ApiError::no_such("checkout.session", id))?;
        let (SessionStatus::Open, Some(intent)) = (session.status, session.intent.clone()) else { return Ok(()) };
        self.authenticated(&intent, is_genuine, asked)?;
        self.complete_if_paid(id, asked);
        Ok(())
    }

    fn complete_if_paid(&mut self, id: &str, asked: Asked<'_>) {
        let Some(session) = self.sessions.get_mut(id) else { return };
        let status = session.intent.as_ref().and_then(|intent| self.intents.get(intent)).map(|intent| intent.status);
        if matches!(status, Some(IntentStatus::RequiresCapture | IntentStatus::Succeeded)) {
            session.status = SessionStatus::Complete;
            self.emit_session("checkout.session.completed", id, asked.now, asked.key);
        }
    }
}

fn begun(session: &Session, asked: Asked<'_>) -> Intent {
    Intent {
        id: new_id("pi"),
        created: asked.now,
        amount: session.amount_total(),
        currency: session.currency.clone(),
        capture_method: session.capture_method,
        status: IntentStatus::RequiresPaymentMethod,
        amount_received: 0,
        metadata: session.intent_metadata.clone(),
        card: None,
        charge: None,
        cancelled_at: None,
        cancellation_reason: None,
        last_error: None,
        session: Some(session.id.clone()),
        origin: asked.origin.to_owned(),
    }
}

fn lines(params: &Params) -> Result<(String, Vec<Line>), ApiError> {
    let mut currencies = BTreeMap::new();
    let mut lines = Vec::new();
    for item in params.list("line_items") {
        item.only(&["price_data", "quantity"])?;
        let price = item.nested("price_data");
        price.only(&["currency", "unit_amount", "product_data"])?;
        let unit_amount = price.integer("unit_amount")?.filter(|amount| 0 <= *amount);
        let quantity = item.integer("quantity")?.filter(|quantity| (1..=1_000).contains(quantity));
        lines.push(Line {
            name: price.nested("product_data").required("name")?.to_owned(),
            unit_amount: unit_amount.ok_or_else(|| ApiError::missing_param("line_items[price_data][unit_amount]"))?,
            quantity: quantity.ok_or_else(|| ApiError::missing_param("line_items[quantity]"))?,
        });
        currencies.insert(price.required("currency")?.to_lowercase(), ());
    }
    let mut currencies = currencies.into_keys();
    match (currencies.next(), currencies.next()) {
        (Some(currency), None) => Ok((currency, lines)),
        (None, _) => Err(ApiError::missing_param("line_items")),
        (Some(_), Some(_)) => {
            Err(ApiError::invalid("line_items", "parameter_invalid", "All line items must have the same currency"))
        }
    }
}

fn expiry(params: &Params, now: Timestamp) -> Result<Timestamp, ApiError> {
    let Some(seconds) = params.integer("expires_at")? else { return Ok(now + LONGEST) };
    let wrong = |message: &str| ApiError::invalid("expires_at", "parameter_invalid", message);
    let at = Timestamp::from_second(seconds).map_err(|_| wrong("Invalid timestamp"))?;
    // Whole seconds: what was right when it was rounded down shall not be wrong now.
    let lasts = at.duration_since(now) + SignedDuration::from_secs(1);
    if lasts < SHORTEST {
        return Err(wrong("The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."));
    }
    if LONGEST + SignedDuration::from_secs(1) < lasts {
        return Err(wrong("The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."));
    }
    Ok(at)
}
