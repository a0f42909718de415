//! The pages that a member sees: where the card is typed in, and where the bank asks.

use axum::Form;
use axum::extract::{Path, State as Extracted};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::stripe::Stripe;
use crate::stripe::api::origin;
use crate::stripe::error::ApiError;
use crate::stripe::intents::Asked;
use crate::stripe::markup;
use crate::stripe::state::{IntentStatus, Session, SessionStatus, State};

#[derive(Deserialize)]
pub(super) struct TypedCard {
    #[serde(default)]
    number: String,
}

#[derive(Deserialize)]
pub(super) struct BankAnswer {
    answer: String,
}

pub(super) async fn show(Extracted(double): Extracted<Stripe>, Path(id): Path<String>) -> Response {
    let now = double.controls.clock.now();
    double.store.change(|state| state.pass_time(now));
    double.send_events();
    double.store.read(|state| page(state, &id, None))
}

pub(super) async fn pay(
    Extracted(double): Extracted<Stripe>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(card): Form<TypedCard>,
) -> Response {
    double.act(&id, &headers, |state, asked| state.pay(&id, &card.number, asked))
}

pub(super) async fn answer_bank(
    Extracted(double): Extracted<Stripe>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(bank): Form<BankAnswer>,
) -> Response {
    double.act(&id, &headers, |state, asked| state.answer_bank(&id, bank.answer == "complete", asked))
}

/// For a PaymentIntent without a session: answers the bank's question as the cardholder would.
pub(super) async fn authenticate(
    Extracted(double): Extracted<Stripe>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(bank): Form<BankAnswer>,
) -> Response {
    let (now, origin) = (double.controls.clock.now(), origin(&headers));
    let asked = Asked { now, key: None, origin: &origin };
    let answered = double.store.change(|state| state.authenticated(&id, bank.answer == "complete", asked));
    double.send_events();
    match answered {
        Ok(()) => Html(markup::note("Thank you", "The bank knows you. You can close this page.")).into_response(),
        Err(error) => {
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
            (status, Html(markup::note("Not authenticated", "The payment was not made."))).into_response()
        }
    }
}

impl Stripe {
    fn act(
        &self,
        id: &str,
        headers: &HeaderMap,
        act: impl FnOnce(&mut State, Asked<'_>) -> Result<(), ApiError>,
    ) -> Response {
        let (now, origin) = (self.controls.clock.now(), origin(headers));
        let response = self.store.change(|state| {
            state.pass_time(now);
            let acted = act(state, Asked { now, key: None, origin: &origin });
            page(state, id, acted.err())
        });
        self.send_events();
        response
    }
}

fn page(state: &State, id: &str, error: Option<ApiError>) -> Response {
    let Some(session) = state.sessions.get(id) else {
        let note = markup::note("Nothing to pay", "There is no such page, or there never was.");
        return (StatusCode::NOT_FOUND, Html(note)).into_response();
    };
    let message = error.map(|error| error.document()["error"]["message"].as_str().unwrap_or_default().to_owned());
    match session.status {
        SessionStatus::Complete => Redirect::to(&success_url(session)).into_response(),
        SessionStatus::Expired => {
            let note = markup::note("This page has expired", "Nothing was charged. Please begin again in the app.");
            (StatusCode::GONE, Html(note)).into_response()
        }
        SessionStatus::Open => {
            let intent = session.intent.as_ref().and_then(|intent| state.intents.get(intent));
            match intent.is_some_and(|intent| intent.status == IntentStatus::RequiresAction) {
                true => Html(markup::bank(session)).into_response(),
                false => {
                    let status = if message.is_some() { StatusCode::PAYMENT_REQUIRED } else { StatusCode::OK };
                    (status, Html(markup::checkout(session, message.as_deref()))).into_response()
                }
            }
        }
    }
}

fn success_url(session: &Session) -> String {
    session.success_url.replace("{CHECKOUT_SESSION_ID}", &session.id)
}
