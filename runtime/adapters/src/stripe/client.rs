//! The domain's `Payments`, kept by Stripe.

use std::sync::Arc;

use async_trait::async_trait;
use como_domain::clock::Clock;
use como_domain::effect::{CallKey, EffectError, Refusal};
use como_domain::identifier::{CheckoutId, PaymentId};
use como_domain::partner::{Partner, PartnerError, PartnerErrorKind};
use como_domain::payment::{Checkout, CheckoutRequest, Opened, Payment, Payments, Refund, RefundRequest};
use como_domain::section::Read;
use reqwest::{Client, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use crate::call::{Call, PartnerCaller, Repeat, Reply};
use crate::settings::{Configuration, StripeSettings};
use crate::stripe::{convert, wire};

/// Stripe's largest page.
const PAGE: usize = 100;
/// While another call with the same key is being answered.
const KEY_IN_USE_WAIT: std::time::Duration = std::time::Duration::from_secs(1);

type Form = Vec<(String, String)>;

pub struct Stripe {
    caller: PartnerCaller,
    configuration: Arc<Configuration>,
    key: SecretString,
}

impl Stripe {
    #[must_use]
    pub fn new(http: Client, clock: Arc<dyn Clock>, configuration: Arc<Configuration>, key: SecretString) -> Self {
        Self { caller: PartnerCaller::new(Partner::Stripe, http, clock), configuration, key }
    }

    fn settings(&self, operation: &'static str) -> Result<Arc<StripeSettings>, PartnerError> {
        let not_configured = || self.caller.error(operation, PartnerErrorKind::NotConfigured, None);
        self.configuration.stripe.current().ok_or_else(not_configured)
    }

    fn with_headers(&self, request: RequestBuilder, settings: &StripeSettings) -> RequestBuilder {
        request.bearer_auth(self.key.expose_secret()).header("Stripe-Version", &settings.api_version)
    }

    /// May be repeated: under one key Stripe does it once, for a day.
    async fn post<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        key: &CallKey,
        path: &str,
        form: Form,
        refusal: impl Fn(StatusCode, &wire::ErrorBody) -> Option<Refusal> + Send,
    ) -> Result<T, EffectError> {
        let settings = self.settings(operation).map_err(EffectError::NotSent)?;
        let url = format!("{}{path}", settings.base_url);
        let call = Call::effect(operation, Repeat::Budgeted, settings.call);
        let request = |http: &Client| {
            self.with_headers(http.post(&url), &settings).header("Idempotency-Key", key.as_str()).form(&form)
        };
        let reply = self.caller.send(call, request).await.map_err(EffectError::of)?;
        if reply.status.is_success() {
            return self.parse(operation, &reply).map_err(EffectError::Unknown);
        }
        let error = error_body(&reply);
        if reply.status == StatusCode::CONFLICT {
            // The other call with this key is the same effect, and its end is not known yet.
            let kind = PartnerErrorKind::Overloaded { retry_after: Some(KEY_IN_USE_WAIT) };
            return Err(EffectError::Unknown(self.caller.error(operation, kind, None)));
        }
        let refusal = refusal(reply.status, &error).unwrap_or_else(|| common_refusal(reply.status, &error));
        Err(EffectError::Refused { partner: Partner::Stripe, operation, refusal })
    }

    /// `None` when there is no such object.
    async fn get<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<Option<Read<T>>, PartnerError> {
        let settings = self.settings(operation)?;
        let url = format!("{}{path}", settings.base_url);
        let call = Call::reading(operation, Repeat::Budgeted, settings.call);
        let request = |http: &Client| self.with_headers(http.get(&url), &settings).query(query);
        let reply = self.caller.send(call, request).await?;
        match reply.status {
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_success() => {
                Ok(Some(Read { value: self.parse(operation, &reply)?, read_at: reply.read_at }))
            }
            status => {
                let kind = PartnerErrorKind::Refused { status: status.as_u16(), code: None };
                Err(self.caller.error(operation, kind, error_body(&reply).code.map(Into::into)))
            }
        }
    }

    /// Every object of a list, or an error where the settings do not allow so many pages: half a list would look like
    /// proof that something is not there.
    async fn list<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        query: &[(&str, String)],
        id: impl Fn(&T) -> String + Send,
    ) -> Result<Read<Vec<T>>, PartnerError> {
        let settings = self.settings(operation)?;
        let unexpected =
            |what: &str| self.caller.error(operation, PartnerErrorKind::AnswerUnexpected, Some(what.into()));
        let mut found = Vec::new();
        let mut read_at = None;
        let mut after: Option<String> = None;
        for _ in 0..settings.list_pages {
            let mut query = query.to_vec();
            query.push(("limit", PAGE.to_string()));
            query.extend(after.take().map(|id| ("starting_after", id)));
            let page: Option<Read<wire::List<T>>> = self.get(operation, path, &query).await?;
            let page = page.ok_or_else(|| unexpected("there is no such list"))?;
            // The list is as old as its first page.
            let read_at = *read_at.get_or_insert(page.read_at);
            after = page.value.data.last().map(&id);
            found.extend(page.value.data);
            if page.value.has_more != Some(true) || after.is_none() {
                return Ok(Read { value: found, read_at });
            }
        }
        Err(unexpected("the list has more pages than the settings allow"))
    }

    fn parse<T: DeserializeOwned>(&self, operation: &'static str, reply: &Reply) -> Result<T, PartnerError> {
        serde_json::from_slice(&reply.body).map_err(|error| {
            let place = format!("no such JSON at line {} column {}", error.line(), error.column());
            self.caller.error(operation, PartnerErrorKind::AnswerUnexpected, Some(place.into()))
        })
    }

    fn incomprehensible(&self, operation: &'static str, error: convert::Incomprehensible) -> PartnerError {
        self.caller.error(operation, PartnerErrorKind::AnswerUnexpected, Some(error.into()))
    }
}

#[async_trait]
impl Payments for Stripe {
    async fn open_checkout(&self, key: &CallKey, request: &CheckoutRequest) -> Result<Checkout, EffectError> {
        let operation = "open a checkout";
        let form = checkout_form(request);
        let session: wire::Session = self.post(operation, key, "/v1/checkout/sessions", form, |_, _| None).await?;
        convert::checkout(session).map_err(|error| EffectError::Unknown(self.incomprehensible(operation, error)))
    }

    async fn expire_checkout(&self, key: &CallKey, id: &CheckoutId) -> Result<Checkout, EffectError> {
        let operation = "close a checkout";
        let path = format!("/v1/checkout/sessions/{id}/expire");
        // Stripe has no code of its own for a session that is not open any more.
        let closed = |status, _: &wire::ErrorBody| (status == StatusCode::BAD_REQUEST).then_some(Refusal::WrongState);
        let session: wire::Session = self.post(operation, key, &path, Form::new(), closed).await?;
        convert::checkout(session).map_err(|error| EffectError::Unknown(self.incomprehensible(operation, error)))
    }

    async fn checkout(&self, id: &CheckoutId) -> Result<Option<Read<Checkout>>, PartnerError> {
        let operation = "read a checkout";
        let read: Option<Read<wire::Session>> =
            self.get(operation, &format!("/v1/checkout/sessions/{id}"), &[]).await?;
        let Some(Read { value, read_at }) = read else { return Ok(None) };
        let value = convert::checkout(value).map_err(|error| self.incomprehensible(operation, error))?;
        Ok(Some(Read { value, read_at }))
    }

    /// Over the list, since Stripe's search answers up to a minute late and is no proof that something is not there.
    async fn checkouts_of(&self, reference: &CallKey, opened: Opened) -> Result<Read<Vec<Checkout>>, PartnerError> {
        let operation = "look for a checkout";
        let query = [
            ("created[gte]", opened.from.as_second().to_string()),
            // Whole seconds: the last one counts to its end.
            ("created[lte]", opened.to.as_second().saturating_add(1).to_string()),
        ];
        let sessions: Read<Vec<wire::Session>> =
            self.list(operation, "/v1/checkout/sessions", &query, |session: &wire::Session| session.id.clone()).await?;
        let own = sessions.value.into_iter().filter(|session| {
            let in_metadata = session.metadata.as_ref().and_then(|metadata| metadata.get(convert::REFERENCE));
            let is_own = |text: &String| reference.covers(text);
            session.client_reference_id.as_ref().is_some_and(is_own) || in_metadata.is_some_and(is_own)
        });
        let own: Result<Vec<Checkout>, _> = own.map(convert::checkout).collect();
        let value = own.map_err(|error| self.incomprehensible(operation, error))?;
        Ok(Read { value, read_at: sessions.read_at })
    }

    async fn payment(&self, id: &PaymentId) -> Result<Option<Read<Payment>>, PartnerError> {
        let operation = "read a payment";
        // The charge says until when it may be captured.
        let query = [("expand[]", "latest_charge".to_owned())];
        let read: Option<Read<wire::Intent>> =
            self.get(operation, &format!("/v1/payment_intents/{id}"), &query).await?;
        let Some(Read { value, read_at }) = read else { return Ok(None) };
        let value = convert::payment(value).map_err(|error| self.incomprehensible(operation, error))?;
        Ok(Some(Read { value, read_at }))
    }

    async fn capture(&self, key: &CallKey, id: &PaymentId) -> Result<Payment, EffectError> {
        let operation = "capture a payment";
        let path = format!("/v1/payment_intents/{id}/capture");
        let intent: wire::Intent = self.post(operation, key, &path, Form::new(), |_, _| None).await?;
        convert::payment(intent).map_err(|error| EffectError::Unknown(self.incomprehensible(operation, error)))
    }

    async fn release(&self, key: &CallKey, id: &PaymentId) -> Result<Payment, EffectError> {
        let operation = "release a payment";
        let path = format!("/v1/payment_intents/{id}/cancel");
        let intent: wire::Intent = self.post(operation, key, &path, Form::new(), |_, _| None).await?;
        convert::payment(intent).map_err(|error| EffectError::Unknown(self.incomprehensible(operation, error)))
    }

    async fn refund(&self, key: &CallKey, request: &RefundRequest) -> Result<Refund, EffectError> {
        let operation = "refund a payment";
        let form = [
            ("payment_intent".to_owned(), request.payment.to_string()),
            ("amount".to_owned(), request.amount.minor().to_string()),
            (format!("metadata[{}]", convert::REFERENCE), request.reference.clone()),
        ];
        let too_large = |status, error: &wire::ErrorBody| {
            let is_about_amount = error.param.as_deref() == Some("amount");
            (status == StatusCode::BAD_REQUEST && is_about_amount).then_some(Refusal::AmountTooLarge)
        };
        let refund: wire::Refund = self.post(operation, key, "/v1/refunds", form.into(), too_large).await?;
        convert::refund(refund, Some(request.amount.currency()))
            .map_err(|error| EffectError::Unknown(self.incomprehensible(operation, error)))
    }

    async fn refunds(&self, id: &PaymentId) -> Result<Read<Vec<Refund>>, PartnerError> {
        let operation = "list a payment's refunds";
        let query = [("payment_intent", id.to_string())];
        let refunds: Read<Vec<wire::Refund>> =
            self.list(operation, "/v1/refunds", &query, |refund: &wire::Refund| refund.id.clone()).await?;
        let read: Result<Vec<Refund>, _> =
            refunds.value.into_iter().map(|refund| convert::refund(refund, None)).collect();
        let value = read.map_err(|error| self.incomprehensible(operation, error))?;
        Ok(Read { value, read_at: refunds.read_at })
    }
}

fn checkout_form(request: &CheckoutRequest) -> Form {
    let reference = convert::REFERENCE;
    let line = |name: &str| format!("line_items[0]{name}");
    let mut form: Form = vec![
        ("mode".to_owned(), "payment".to_owned()),
        ("client_reference_id".to_owned(), request.reference.clone()),
        (format!("metadata[{reference}]"), request.reference.clone()),
        (format!("payment_intent_data[metadata][{reference}]"), request.reference.clone()),
        ("payment_intent_data[capture_method]".to_owned(), "manual".to_owned()),
        (line("[price_data][currency]"), request.unit_price.currency().code().to_lowercase()),
        (line("[price_data][unit_amount]"), request.unit_price.minor().to_string()),
        (line("[price_data][product_data][name]"), request.title.clone()),
        (line("[quantity]"), request.quantity.to_string()),
        ("success_url".to_owned(), request.success_url.clone()),
        ("cancel_url".to_owned(), request.cancel_url.clone()),
        ("expires_at".to_owned(), request.expires_at.as_second().to_string()),
    ];
    // Only cards can be authorised now and captured later as we need it.
    form.push(("payment_method_types[0]".to_owned(), "card".to_owned()));
    if let Some(email) = &request.email {
        form.push(("customer_email".to_owned(), email.expose_secret().to_owned()));
    }
    form
}

fn error_body(reply: &Reply) -> wire::ErrorBody {
    serde_json::from_slice::<wire::ErrorReply>(&reply.body).map(|reply| reply.error).unwrap_or_default()
}

/// <https://docs.stripe.com/error-codes>
fn common_refusal(status: StatusCode, error: &wire::ErrorBody) -> Refusal {
    match (error.kind.as_deref(), error.code.as_deref()) {
        (Some("idempotency_error"), _) => Refusal::KeyReused,
        (Some("card_error"), _) => Refusal::CardDeclined,
        (_, Some("resource_missing")) => Refusal::Absent,
        (
            _,
            Some(
                "payment_intent_unexpected_state"
                | "charge_already_captured"
                | "charge_expired_for_capture"
                | "charge_disputed",
            ),
        ) => Refusal::WrongState,
        (_, Some("charge_already_refunded" | "amount_too_large")) => Refusal::AmountTooLarge,
        _ if status == StatusCode::PAYMENT_REQUIRED => Refusal::CardDeclined,
        _ if status == StatusCode::NOT_FOUND => Refusal::Absent,
        _ => Refusal::Other { status: status.as_u16(), code: None },
    }
}
