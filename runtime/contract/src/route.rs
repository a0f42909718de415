//! The public routes: the API Gateway's OpenAPI body, the load balancer's rules and the service's own document agree on them.

use crate::service::Service;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody: login and the documentation.
    Public,
    /// A signed-in member; the gateway checks an access token with [`MEMBER_SCOPE`].
    Member,
    /// Somebody who works here; the gateway checks [`SETTLE_SCOPE`], the service their group too.
    Operator,
}

/// The scope that Cognito puts into access tokens of `AdminInitiateAuth`, and the only one; see [`identity`](crate::identity).
pub const MEMBER_SCOPE: &str = "aws.cognito.signin.user.admin";

/// What people who work here need to settle manual actions and to set sagas going again; see [`identity`](crate::identity).
pub const SETTLE_SCOPE: &str = "como/manual-actions.settle";

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
    route("get", "/v1/accounts/me/points", Service::Accounts, Access::Member),
    route("get", "/v1/docs", Service::Accounts, Access::Public),
    route("get", "/v1/docs/{asset}", Service::Accounts, Access::Public),
    route("get", DOCUMENT_PATH, Service::Accounts, Access::Public),
    route("get", "/v1/experiences", Service::Experiences, Access::Member),
    route("get", "/v1/experiences/{id}", Service::Experiences, Access::Member),
    route("get", "/v1/bookings", Service::Bookings, Access::Member),
    route("post", "/v1/bookings", Service::Bookings, Access::Member),
    route("post", "/v1/bookings/quotes", Service::Bookings, Access::Member),
    route("get", "/v1/bookings/{id}", Service::Bookings, Access::Member),
    route("post", "/v1/bookings/{id}/cancel", Service::Bookings, Access::Member),
    route("post", "/v1/bookings/{id}/sign-in", Service::Bookings, Access::Member),
    route("get", "/v1/bookings/manual-actions", Service::Bookings, Access::Operator),
    route("post", "/v1/bookings/manual-actions/{id}/settle", Service::Bookings, Access::Operator),
    route("get", "/v1/bookings/operations/{id}", Service::Bookings, Access::Operator),
    route("post", "/v1/bookings/operations/{id}/redrive", Service::Bookings, Access::Operator),
    route("get", "/v1/items", Service::Redemptions, Access::Member),
    route("get", "/v1/items/{id}", Service::Redemptions, Access::Member),
    route("get", "/v1/redemptions", Service::Redemptions, Access::Member),
    route("post", "/v1/redemptions", Service::Redemptions, Access::Member),
    route("post", "/v1/redemptions/quotes", Service::Redemptions, Access::Member),
    route("get", "/v1/redemptions/{id}", Service::Redemptions, Access::Member),
    route("post", "/v1/redemptions/{id}/cancel", Service::Redemptions, Access::Member),
    route("post", "/v1/redemptions/{id}/sign-in", Service::Redemptions, Access::Member),
];

/// Below this path partners call, without a token of ours: what they send is signed, or its address is secret.
pub const WEBHOOK_PREFIX: &str = "/v1/webhooks/";

/// A route that a partner calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Webhook {
    pub path: &'static str,
    pub service: Service,
    /// Without this header the gateway does not pass the request on; the service checks what it says. A partner that signs
    /// nothing has an address that nobody else knows.
    pub signature_header: Option<&'static str>,
}

/// The routes that partners call.
pub const WEBHOOKS: &[Webhook] = &[
    Webhook { path: "/v1/webhooks/stripe", service: Service::Bookings, signature_header: Some("Stripe-Signature") },
    Webhook { path: "/v1/webhooks/sevenrooms/{key}", service: Service::Bookings, signature_header: None },
];

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
