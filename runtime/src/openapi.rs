//! One document for the whole API, whichever service a route belongs to.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::documentation;
use crate::problem::ProblemDocument;
use crate::services::{accounts, bookings, experiences, redemptions};

/// The name of the security scheme of member routes.
pub const MEMBER: &str = "member";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "COMO middleware API",
        description = "Members log in with their Memberson credentials, then look at curated experiences. Answers are \
                       aggregated from several partners: a section that could not be read says so and why. Errors are \
                       problem+json with stable codes.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(ProblemDocument)),
    modifiers(&MemberScheme),
    tags(
        (name = "accounts", description = "Logging in, and who is logged in"),
        (name = "experiences", description = "Curated experiences, their venues and free slots"),
        (name = "bookings", description = "Quote, confirm, follow and cancel bookings"),
        (name = "redemptions", description = "Items, and what the member redeems"),
        (name = "operations", description = "For people who work here"),
        (name = "webhooks", description = "For partners"),
        (name = "documentation", description = "This description"),
    ),
)]
struct Description;

struct MemberScheme;

impl Modify for MemberScheme {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("The `access_token` of `POST /v1/accounts/login`."))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme(MEMBER, SecurityScheme::Http(scheme));
    }
}

#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = Description::openapi();
    for part in [
        accounts::routes().into_openapi(),
        experiences::routes().into_openapi(),
        bookings::routes().into_openapi(),
        redemptions::routes().into_openapi(),
        documentation::routes().into_openapi(),
    ] {
        document.merge(part);
    }
    document
}
