//! The one door: by path to a service, as the load balancer does, after the gateway's look at the token.
//!
//! Beside the API there are pages and switches for people. Everything answers only what asks for this machine by name: a page
//! of somebody else's that gets its own name to lead here (DNS rebinding) is turned away, and so is one that sends a form.

use crate::desk::Desk;
use crate::{desk, pages};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use como_contract::route::{Access, MEMBER_SCOPE, ROUTES, path_patterns};
use como_contract::service::Service;
use como_rehearsal::stores::Stores;
use std::sync::Arc;
use tower::ServiceExt as _;

/// What the services are given in place of a token that is not to be believed; they have the words for it.
const NO_TOKEN: HeaderValue = HeaderValue::from_static("Bearer none");

pub(crate) struct Door {
    /// In the order of their priorities.
    pub(crate) services: Vec<(Service, Router)>,
    pub(crate) stores: Arc<Stores>,
    /// ARN of the members' pool.
    pub(crate) pool: String,
    pub(crate) port: u16,
}

pub(crate) fn router(door: Door, desk: Desk) -> Router {
    let door = Arc::new(door);
    Router::new()
        .merge(pages::router())
        .nest("/local", desk::router(desk))
        .fallback(pass)
        .with_state(Arc::clone(&door))
        .layer(from_fn_with_state(door, by_name))
}

impl Door {
    /// Whether a browser's page of this very origin asks, or a program.
    fn admits(&self, headers: &HeaderMap) -> bool {
        let names = ["127.0.0.1", "localhost"].map(|name| format!("{name}:{}", self.port));
        let text = |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let host = text(header::HOST).unwrap_or_default();
        let is_own = |origin: &str| names.iter().any(|name| origin.strip_prefix("http://") == Some(name));
        names.iter().any(|name| host == name) && text(header::ORIGIN).is_none_or(is_own)
    }

    fn is_member(&self, headers: &HeaderMap) -> bool {
        let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        // The gateway takes a token with and without the word.
        let token = value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer ")).unwrap_or(value).trim();
        self.stores.claims(&self.pool, token).is_some_and(|claims| {
            let claim = |name: &str| claims.get(name).and_then(|value| value.as_str()).unwrap_or_default();
            claim("token_use") == "access" && claim("scope").split(' ').any(|scope| scope == MEMBER_SCOPE)
        })
    }
}

async fn by_name(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    match door.admits(request.headers()) {
        true => next.run(request).await,
        false => (StatusCode::MISDIRECTED_REQUEST, "ask for 127.0.0.1 or localhost, with the port\n").into_response(),
    }
}

async fn pass(State(door): State<Arc<Door>>, mut request: Request) -> Response {
    let path = request.uri().path();
    let found = door.services.iter().find(|(service, _)| path_patterns(*service).iter().any(|one| fits(one, path)));
    // One service is as good as another to say that there is nothing.
    let Some((_, service)) = found.or_else(|| door.services.first()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if is_for_members(request.method(), path)
        && request.headers().contains_key(header::AUTHORIZATION)
        && !door.is_member(request.headers())
    {
        request.headers_mut().insert(header::AUTHORIZATION, NO_TOKEN);
    }
    match service.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

fn is_for_members(method: &Method, path: &str) -> bool {
    let is_route = |template: &str| {
        let (wanted, found) = (template.split('/'), path.split('/'));
        wanted.clone().count() == found.clone().count()
            && wanted.zip(found).all(|(wanted, found)| wanted.starts_with('{') || wanted == found)
    };
    let mut routes = ROUTES.iter().filter(|route| route.access == Access::Member);
    routes.any(|route| route.method.eq_ignore_ascii_case(method.as_str()) && is_route(route.path))
}

/// As a load balancer's path pattern: `*` stands for any characters, or none.
fn fits(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((head, rest)) => path.strip_prefix(head).is_some_and(|tail| {
            let mut ends = tail.char_indices().map(|(index, _)| index).chain([tail.len()]);
            ends.any(|index| tail.get(index..).is_some_and(|tail| fits(rest, tail)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_the_load_balancers() {
        assert!(fits("/v1/docs*", "/v1/docs") && fits("/v1/docs*", "/v1/docs/a.js") && !fits("/v1/docs*", "/v1/doc"));
        assert!(fits("/v1/accounts/*", "/v1/accounts/me") && !fits("/v1/accounts/*", "/v1/accounts"));
        assert!(fits("/a*/c", "/a/b/c") && !fits("/a*/c", "/a/b/d") && fits("/a", "/a") && !fits("/a", "/ab"));
    }

    #[test]
    fn members_routes_are_the_contracts() {
        assert!(is_for_members(&Method::GET, "/v1/accounts/me"));
        assert!(is_for_members(&Method::GET, "/v1/experiences/EXP-1001"));
        assert!(!is_for_members(&Method::POST, "/v1/accounts/login"));
        assert!(!is_for_members(&Method::GET, "/v1/experiences/EXP-1001/more"));
    }
}
