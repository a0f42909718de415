//! The double as a whole: its routes, its switches, its books.

use std::io;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{delete, get, post, put};
use serde_json::{Value, json};

use crate::controls::{Controls, Operated, merged, with_controls};
use crate::sevenrooms::refusal::Refusal;
use crate::sevenrooms::state::State;
use crate::sevenrooms::{reading, reserving};
use crate::store::Store;

/// Shared by the router and the test that looks over its shoulder.
#[derive(Debug, Clone)]
pub struct SevenRooms {
    pub(super) controls: Arc<Controls>,
    pub(super) store: Arc<Store<State>>,
}

impl SevenRooms {
    #[must_use]
    pub fn seeded() -> Self {
        Self { controls: Arc::default(), store: Arc::new(Store::in_memory(State::seeded())) }
    }

    /// Goes on where an earlier process ended; tokens are issued anew.
    ///
    /// # Errors
    /// When the directory cannot be read, or holds something else.
    pub fn in_directory(directory: &Path) -> io::Result<Self> {
        let store = Store::in_directory(directory, "sevenrooms", State::seeded())?;
        Ok(Self { controls: Arc::default(), store: Arc::new(store) })
    }

    /// Method and path of every call so far.
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        self.controls.calls()
    }

    pub fn expire_tokens(&self) {
        self.controls.expire_tokens();
    }

    /// As `POST /_double/faults` with this document; an unknown one changes nothing and returns `false`.
    pub fn set_faults(&self, rules: Value) -> bool {
        self.controls.set_faults(rules)
    }

    /// As `POST /_double/behaviour`.
    pub fn set_behaviour(&self, changes: Value) -> bool {
        self.change_behaviour(changes)
    }

    /// As `books` in `GET /_double/ledger`.
    #[must_use]
    pub fn ledger(&self) -> Value {
        self.books()
    }

    /// The raw token, without `Bearer`.
    pub(super) fn check_token(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        match token {
            Some(token) if self.controls.knows_token(token) => Ok(()),
            _ => Err(Refusal(StatusCode::UNAUTHORIZED, "Token is not valid")),
        }
    }
}

impl Operated for SevenRooms {
    fn controls(&self) -> &Arc<Controls> {
        &self.controls
    }

    fn books(&self) -> Value {
        self.store.read(|state| json!({ "reservations": state.reservations }))
    }

    fn behaviour(&self) -> Value {
        self.store.read(|state| json!(state.behaviour))
    }

    fn change_behaviour(&self, changes: Value) -> bool {
        self.store.change(|state| match merged(&state.behaviour, changes) {
            Some(behaviour) => {
                state.behaviour = behaviour;
                true
            }
            None => false,
        })
    }

    fn reset(&self) {
        self.store.change(|state| *state = State::seeded());
    }
}

pub fn sevenrooms_router(double: SevenRooms) -> Router {
    let api = Router::new()
        .route("/auth", post(reading::authenticate))
        .route("/venues", get(reading::list_venues))
        .route("/venues/{id}/availability", get(reading::list_availability))
        .route("/reservations", get(reading::list_reservations))
        .route("/venues/{id}/book", put(reserving::book))
        .route("/reservations/{id}", delete(reserving::cancel))
        .route("/concierge/{concierge_id}/reservations/{id}", delete(reserving::cancel_as_concierge))
        .with_state(double.clone());
    with_controls(Router::new().nest("/2_4", api), &double, Router::new())
}
