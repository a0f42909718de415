//! The double as a whole: its routes, its switches, its books.

use std::io;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::State as Extracted;
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::controls::{Controls, Operated, merged, with_controls};
use crate::memberson::state::State;
use crate::memberson::{accounts, points, rewards};
use crate::store::Store;

/// Shared by the router and the test that looks over its shoulder.
#[derive(Debug, Clone)]
pub struct Memberson {
    pub(super) controls: Arc<Controls>,
    pub(super) store: Arc<Store<State>>,
}

impl Memberson {
    #[must_use]
    pub fn seeded() -> Self {
        Self { controls: Arc::default(), store: Arc::new(Store::in_memory(State::seeded())) }
    }

    /// Goes on where an earlier process ended; tokens of the service are issued anew.
    ///
    /// # Errors
    /// When the directory cannot be read, or holds something else.
    pub fn in_directory(directory: &Path) -> io::Result<Self> {
        let store = Store::in_directory(directory, "memberson", State::seeded())?;
        Ok(Self { controls: Arc::default(), store: Arc::new(store) })
    }

    /// Method and path of every call so far.
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        self.controls.calls()
    }

    /// Service tokens only; members' own tokens go on.
    pub fn expire_tokens(&self) {
        self.controls.expire_tokens();
    }

    /// Members' own tokens only.
    pub fn expire_profile_tokens(&self) {
        self.store.change(|state| state.profile_tokens.clear());
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
}

impl Operated for Memberson {
    fn controls(&self) -> &Arc<Controls> {
        &self.controls
    }

    fn books(&self) -> Value {
        self.store.read(|state| {
            json!({
                "points": state.points,
                "receipts": state.receipts,
                "redemptions": state.redemptions,
                "stock": state.stock,
            })
        })
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

pub fn memberson_router(double: Memberson) -> Router {
    let partner = Router::new()
        .route("/api/user/authenticate", post(accounts::authenticate))
        .route("/api/profile/search-simple", post(accounts::search))
        .route("/api/profile/search", post(accounts::search_in_full))
        .route("/api/profile/{customer_number}/signin", post(accounts::sign_in))
        .route("/api/profile/{customer_number}/summary", get(accounts::summary))
        .route("/api/transaction/redeem-point", post(points::redeem))
        .route("/api/transaction/reverse-redeem-point", post(points::reverse))
        .route("/api/member/{member_number}/receipts", get(points::receipts))
        .route("/api/member/{member_number}/vouchers", get(rewards::vouchers))
        .route("/MockRewardApi/rewards", get(rewards::list_experiences))
        .route("/MockRewardApi/reward/{number}", get(rewards::describe))
        .route("/MockRewardApi/member/{member_number}/rewards", get(rewards::list_items))
        .route("/MockRewardApi/reward/redeem", post(rewards::redeem))
        .route("/MockRewardApi/reward/redeem/{number}/cancel", post(rewards::cancel))
        .with_state(double.clone());
    let more =
        Router::new().route("/_double/expire-profile-tokens", post(expire_profile_tokens)).with_state(double.clone());
    with_controls(partner, &double, more)
}

async fn expire_profile_tokens(Extracted(double): Extracted<Memberson>) -> StatusCode {
    double.expire_profile_tokens();
    StatusCode::NO_CONTENT
}
