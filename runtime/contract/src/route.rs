//! The public routes: the API Gateway's OpenAPI body, the load balancer's rules and the service's own document agree on them.

use crate::service::Service;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody: login and the documentation.
    Public,
    /// A signed-in member; the gateway checks an access token with [`MEMBER_SCOPE`].
    Member,
}

/// The scope that Cognito puts into access tokens of `AdminInitiateAuth`, and the only one; see [`identity`](crate::identity).
pub const MEMBER_SCOPE: &str = "aws.cognito.signin.user.admin";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// Lower case, as OpenAPI writes it.
    pub method: &'static str,
    /// OpenAPI template, for example `/v1/experiences/{id}`.
    pub path: &'static str,
    pub service: Service,
    pub access: Access,
}

const fn route(method: &'static str, path: &'static str, service: Service, access: Access) -> Route {
    Route { method, path, service, access }
}

/// The API's description of itself: public, and answered by a task behind everything else, so it also shows that a region
/// serves.
pub const DOCUMENT_PATH: &str = "/v1/openapi.json";

/// Every route that the facade offers, grouped by service.
pub const ROUTES: &[Route] = &[
    route("post", "/v1/accounts/login", Service::Accounts, Access::Public),
    route("get", "/v1/accounts/me", Service::Accounts, Access::Member),
    route("get", "/v1/docs", Service::Accounts, Access::Public),
    route("get", "/v1/docs/{asset}", Service::Accounts, Access::Public),
    route("get", DOCUMENT_PATH, Service::Accounts, Access::Public),
    route("get", "/v1/experiences", Service::Experiences, Access::Member),
    route("get", "/v1/experiences/{id}", Service::Experiences, Access::Member),
];

/// Below this path partners call, without a token of ours: what they send is signed, or its address is secret.
pub const WEBHOOK_PREFIX: &str = "/v1/webhooks/";

/// A route that a partner calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Webhook {
    pub path: &'static str,
    pub service: Service,
    /// Without this header the gateway does not pass the request on; the service checks what it says.
    pub signature_header: &'static str,
}

/// The routes that partners call; a service that does not know one yet answers 404.
pub const WEBHOOKS: &[Webhook] =
    &[Webhook { path: "/v1/webhooks/stripe", service: Service::Bookings, signature_header: "Stripe-Signature" }];

/// The load balancer's path patterns of one service; `*` stands for any characters, slashes included, or for none.
///
/// A rule may have five values and five stars, and gains a star in front of each value, for the stage's name.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html>
#[must_use]
pub const fn path_patterns(service: Service) -> &'static [&'static str] {
    service.definition().paths
}

/// Answers 200 as long as the process runs; never public.
pub const LIVENESS_PATH: &str = "/livez";
/// Answers 200 when the service can do its own work; partners do not count. The target group asks it.
pub const READINESS_PATH: &str = "/readyz";
