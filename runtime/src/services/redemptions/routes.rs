//! The service's routes and what they need.

use std::sync::Arc;

use axum::extract::FromRef;
use como_domain::access::AccessTokens;
use como_domain::points::Items;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::orders::Orders;
use crate::services::redemptions::{items, orders, quoting};

#[derive(Clone)]
pub struct RedemptionsPorts {
    pub orders: Orders,
    pub items: Arc<dyn Items>,
}

impl FromRef<RedemptionsPorts> for Arc<dyn AccessTokens> {
    fn from_ref(ports: &RedemptionsPorts) -> Self {
        Arc::clone(&ports.orders.tokens)
    }
}

pub(crate) fn routes() -> OpenApiRouter<RedemptionsPorts> {
    OpenApiRouter::new()
        .routes(routes!(items::list_items))
        .routes(routes!(items::read_item))
        .routes(routes!(quoting::quote_redemption))
        .routes(routes!(orders::list_redemptions, orders::confirm_redemption))
        .routes(routes!(orders::read_redemption))
        .routes(routes!(orders::cancel_redemption))
        .routes(routes!(orders::sign_in_for_redemption))
}
