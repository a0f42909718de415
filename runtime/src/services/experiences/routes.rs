//! The service's routes and what they need.

use std::sync::Arc;

use axum::extract::FromRef;
use como_domain::access::AccessTokens;
use como_domain::partner::{Catalogue, Venues};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::services::experiences::venue_links::VenueLinks;
use crate::services::experiences::{details, list};

#[derive(Clone)]
pub struct ExperiencesPorts {
    pub(super) catalogue: Arc<dyn Catalogue>,
    pub(super) venues: Arc<dyn Venues>,
    pub(super) links: Arc<VenueLinks>,
    tokens: Arc<dyn AccessTokens>,
}

impl FromRef<ExperiencesPorts> for Arc<dyn AccessTokens> {
    fn from_ref(ports: &ExperiencesPorts) -> Self {
        Arc::clone(&ports.tokens)
    }
}

impl ExperiencesPorts {
    #[must_use]
    pub fn new(catalogue: Arc<dyn Catalogue>, venues: Arc<dyn Venues>, tokens: Arc<dyn AccessTokens>) -> Self {
        Self { catalogue, venues, links: Arc::new(VenueLinks::default()), tokens }
    }
}

pub(crate) fn routes() -> OpenApiRouter<ExperiencesPorts> {
    OpenApiRouter::new().routes(routes!(list::list)).routes(routes!(details::details))
}
