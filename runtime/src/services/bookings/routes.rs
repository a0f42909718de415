//! The service's routes and what they need.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, FromRef};
use como_domain::access::AccessTokens;
use como_domain::manual_actions::ManualActions;
use como_domain::partner::{Catalogue, Venues};
use como_domain::webhook_events::WebhookEvents;
use secrecy::SecretString;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::orders::Orders;
use crate::services::bookings::{operating, orders, quoting, sevenrooms, stripe};

/// Larger than any event that a partner has been seen to send.
const MAX_EVENT_BYTES: usize = 64 * 1024;

#[derive(Clone)]
pub struct BookingsPorts {
    pub orders: Orders,
    pub catalogue: Arc<dyn Catalogue>,
    pub venues: Arc<dyn Venues>,
    pub actions: Arc<dyn ManualActions>,
    pub events: Arc<dyn WebhookEvents>,
    /// Any of them may have signed an event.
    pub stripe_secrets: Vec<SecretString>,
    /// Ends the address that SevenRooms calls.
    pub sevenrooms_key: SecretString,
}

impl FromRef<BookingsPorts> for Arc<dyn AccessTokens> {
    fn from_ref(ports: &BookingsPorts) -> Self {
        Arc::clone(&ports.orders.tokens)
    }
}

pub(crate) fn routes() -> OpenApiRouter<BookingsPorts> {
    let webhooks = OpenApiRouter::new()
        .routes(routes!(stripe::receive_stripe))
        .routes(routes!(sevenrooms::receive_sevenrooms))
        .layer(DefaultBodyLimit::max(MAX_EVENT_BYTES));
    OpenApiRouter::new()
        .routes(routes!(quoting::quote_booking))
        .routes(routes!(orders::list_bookings, orders::confirm_booking))
        .routes(routes!(orders::read_booking))
        .routes(routes!(orders::cancel_booking))
        .routes(routes!(orders::sign_in_for_booking))
        .routes(routes!(operating::list_actions))
        .routes(routes!(operating::settle_action))
        .routes(routes!(operating::read_operation))
        .routes(routes!(operating::redrive))
        .merge(webhooks)
}
