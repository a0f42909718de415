//! What a service needs to take, show and change orders.

use std::sync::Arc;

use axum::extract::FromRef;
use como_domain::access::AccessTokens;
use como_domain::clock::Clock;
use como_domain::identity::ProfileTokens;
use como_domain::partner::MemberDirectory;
use como_domain::saga::policy::Policy;
use como_domain::sagas::Sagas;

use crate::idempotent::Idempotency;
use crate::quote::Quotes;

#[derive(Clone)]
pub struct Orders {
    pub tokens: Arc<dyn AccessTokens>,
    pub sagas: Arc<dyn Sagas>,
    pub idempotency: Idempotency,
    pub profile_tokens: Arc<dyn ProfileTokens>,
    pub directory: Arc<dyn MemberDirectory>,
    pub clock: Arc<dyn Clock>,
    pub quotes: Arc<Quotes>,
    /// The one by which the sagas run: a status says what they will do.
    pub policy: Policy,
}

impl FromRef<Orders> for Arc<dyn AccessTokens> {
    fn from_ref(orders: &Orders) -> Self {
        Arc::clone(&orders.tokens)
    }
}
