//! The service's routes and what they need.

use std::sync::Arc;

use axum::extract::FromRef;
use como_domain::access::AccessTokens;
use como_domain::identity::{Identities, Sessions};
use como_domain::partner::MemberDirectory;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::services::accounts::{login, me};

#[derive(Clone)]
pub struct AccountsPorts {
    pub directory: Arc<dyn MemberDirectory>,
    pub identities: Arc<dyn Identities>,
    pub sessions: Arc<dyn Sessions>,
    pub tokens: Arc<dyn AccessTokens>,
}

impl FromRef<AccountsPorts> for Arc<dyn AccessTokens> {
    fn from_ref(ports: &AccountsPorts) -> Self {
        Arc::clone(&ports.tokens)
    }
}

pub(crate) fn routes() -> OpenApiRouter<AccountsPorts> {
    OpenApiRouter::new().routes(routes!(login::login)).routes(routes!(me::me)).routes(routes!(me::points_balance))
}
