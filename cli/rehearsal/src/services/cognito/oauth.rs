//! `/oauth2/token` of a pool's domain: tokens for programs, and renewed ones for members.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html>, 2026-11

use super::service::Cognito;
use super::sign_in::{renewed, session};
use super::state::{Client, Pool, State};
use super::token::client_token;
use crate::services::wire::{self, Request, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) const PATH: &str = "/oauth2/token";

/// An error of RFC 6749, and what more there is to say.
struct Refusal {
    error: &'static str,
    description: String,
}

impl From<&'static str> for Refusal {
    fn from(error: &'static str) -> Self {
        Self { error, description: String::new() }
    }
}

impl Cognito {
    /// None for another path. Every domain is at one address here, so the client tells the pool.
    pub(crate) fn token_endpoint(&self, request: &Request) -> Option<Response> {
        if request.uri().path() != PATH {
            return None;
        }
        let form: BTreeMap<String, String> = form_urlencoded::parse(request.body()).into_owned().collect();
        let (status, body) = match self.store.read(|state| grant(state, request, &form, Timestamp::now())) {
            Ok(tokens) => (200, tokens),
            Err(Refusal { error, description }) if description.is_empty() => (400, json!({ "error": error })),
            Err(Refusal { error, description }) => (400, json!({ "error": error, "error_description": description })),
        };
        let mut response = wire::with_content_type(status, "application/json;charset=UTF-8", body.to_string());
        response.headers_mut().insert(http::header::CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
        Some(response)
    }
}

fn grant(state: &State, request: &Request, form: &BTreeMap<String, String>, now: Timestamp) -> Result<Value, Refusal> {
    if request.method() != http::Method::POST {
        return Err("invalid_request".into());
    }
    let (pool, client) = authenticated(state, request)?;
    let kind = form.get("grant_type").map(String::as_str).unwrap_or_default();
    match kind {
        "client_credentials" => {
            let scopes = granted(client, form.get("scope").map(String::as_str).unwrap_or_default())?;
            let token = client_token(pool, client, &scopes, now).map_err(|_| "server_error")?;
            let expires = client.access_token_seconds;
            Ok(json!({ "access_token": token, "expires_in": expires, "token_type": "Bearer" }))
        }
        "refresh_token" => {
            let token = form.get("refresh_token").ok_or("invalid_request")?;
            let session = session(pool, client, token, now).map_err(|_| "invalid_grant")?;
            let tokens = renewed(pool, client, session, now).map_err(|_| "invalid_grant")?;
            Ok(json!({
                "access_token": tokens["AccessToken"], "id_token": tokens["IdToken"],
                "expires_in": tokens["ExpiresIn"], "token_type": "Bearer",
            }))
        }
        "" => Err("invalid_request".into()),
        other => {
            let description = format!("the rehearsal cloud does not offer the grant type {other}");
            Err(Refusal { error: "unsupported_grant_type", description })
        }
    }
}

/// Client and secret, by HTTP's basic authentication or in the form; empty where the call names none.
pub(crate) fn client_credentials(headers: &http::HeaderMap, body: &[u8]) -> (String, Option<String>) {
    let header = headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let basic = header.and_then(|header| header.strip_prefix("Basic "));
    let basic = basic.and_then(|coded| String::from_utf8(STANDARD.decode(coded.trim()).ok()?).ok());
    if let Some((id, secret)) = basic.as_ref().and_then(|text| text.split_once(':')) {
        return (id.to_owned(), Some(secret.to_owned()));
    }
    let mut form: BTreeMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
    (form.remove("client_id").unwrap_or_default(), form.remove("client_secret"))
}

/// A pool without a domain has no such address.
fn authenticated<'a>(state: &'a State, request: &Request) -> Result<(&'a Pool, &'a Client), Refusal> {
    let (id, secret) = client_credentials(request.headers(), request.body());
    let pool = state.pools.values().find(|pool| pool.clients.contains_key(&id)).ok_or("invalid_client")?;
    let client = pool.clients.get(&id).filter(|client| client.secret == secret).ok_or("invalid_client")?;
    if state.domains.values().any(|owner| *owner == pool.id) {
        return Ok((pool, client));
    }
    Err(Refusal { error: "invalid_request", description: format!("user pool {} has no domain", pool.id) })
}

/// Those that are asked for, all that are allowed when none is.
fn granted(client: &Client, asked: &str) -> Result<String, Refusal> {
    if !client.grants.iter().any(|grant| grant == "client_credentials") {
        return Err("unauthorized_client".into());
    }
    let asked: Vec<&str> = asked.split_whitespace().collect();
    if asked.is_empty() {
        return Ok(client.scopes.join(" "));
    }
    match asked.iter().all(|scope| client.scopes.iter().any(|allowed| allowed == scope)) {
        true => Ok(asked.join(" ")),
        false => Err("invalid_scope".into()),
    }
}
