//! One service as a router: its routes, the health checks, the layers. Tests run exactly this.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use como_adapters::settings::Configuration;
use tower_http::catch_panic::CatchPanicLayer;

use crate::services::accounts::{self, AccountsPorts};
use crate::services::bookings::{self, BookingsPorts};
use crate::services::experiences::{self, ExperiencesPorts};
use crate::services::redemptions::{self, RedemptionsPorts};
use crate::{documentation, health, observe};

/// A login or a quote is the largest body that members send; what partners tell has its own limit.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// The accounts service, which also serves the API's documentation.
pub fn accounts(ports: AccountsPorts, configuration: Arc<Configuration>) -> Router {
    let (routes, _) = accounts::routes().split_for_parts();
    let (pages, _) = documentation::routes().split_for_parts();
    assemble(routes.with_state(ports).merge(pages), configuration)
}

pub fn experiences(ports: ExperiencesPorts, configuration: Arc<Configuration>) -> Router {
    let (routes, _) = experiences::routes().split_for_parts();
    assemble(routes.with_state(ports), configuration)
}

/// The bookings service, which also takes what partners tell.
pub fn bookings(ports: BookingsPorts, configuration: Arc<Configuration>) -> Router {
    let (routes, _) = bookings::routes().split_for_parts();
    let (pages, _) = documentation::document_route().split_for_parts();
    assemble(routes.with_state(ports).merge(pages), configuration)
}

pub fn redemptions(ports: RedemptionsPorts, configuration: Arc<Configuration>) -> Router {
    let (routes, _) = redemptions::routes().split_for_parts();
    let (pages, _) = documentation::document_route().split_for_parts();
    assemble(routes.with_state(ports).merge(pages), configuration)
}

/// A service whose sagas are not wired: health and the API's description. A path of its own is `route.unknown`, as at the gateway.
pub fn without_routes(configuration: Arc<Configuration>) -> Router {
    let (pages, _) = documentation::document_route().split_for_parts();
    assemble(pages, configuration)
}

fn assemble(routes: Router, configuration: Arc<Configuration>) -> Router {
    routes
        .merge(health::routes(configuration))
        .fallback(observe::unknown_route)
        .method_not_allowed_fallback(observe::unknown_method)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn(observe::deadline))
        .layer(CatchPanicLayer::custom(observe::panicked))
        .layer(from_fn(observe::observe))
}
