//! The service's routes and what they need.

use std::sync::Arc;

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
}

pub(crate) fn routes() -> OpenApiRouter<AccountsPorts> {
    OpenApiRouter::new().routes(routes!(login::login)).routes(routes!(me::me))
}
