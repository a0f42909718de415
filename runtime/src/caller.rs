//! Who is asking.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use como_domain::identifier::MemberId;
use serde::Deserialize;

use crate::problem::{Code, Problem};

/// The member of the access token.
///
/// The token's signature is not checked here: the API Gateway's Cognito authorizer has done so, and tasks can be reached
/// only through it (private subnets, security groups). Verification in the service itself comes with the bookings, where
/// a forged caller could spend something.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) member_id: MemberId,
}

#[derive(Deserialize)]
struct Claims {
    /// Cognito's user name, which is the member's number.
    username: String,
    token_use: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let value = parts.headers.get(AUTHORIZATION).ok_or(Problem::of(Code::TokenMissing))?;
        let member_id = value.to_str().ok().and_then(member_of);
        member_id.map(|member_id| Self { member_id }).ok_or(Problem::of(Code::TokenInvalid))
    }
}

/// The gateway takes a token with and without `Bearer`.
fn member_of(authorization: &str) -> Option<MemberId> {
    let token = match authorization.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        Some(_) => return None,
        None => authorization,
    };
    let mut parts = token.split('.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
    let claims: Claims = serde_json::from_slice(&payload).ok()?;
    // An id token speaks of the member too, but it is not meant for an API.
    (claims.token_use == "access").then(|| MemberId::try_from(claims.username).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(authorization: &str, expected: Option<&str>) {
        assert_eq!(member_of(authorization).as_ref().map(MemberId::as_str), expected, "{authorization}");
    }

    fn token(claims: &str) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn only_an_access_token_names_the_caller() {
        let access = token(r#"{"username": "C1000001", "token_use": "access", "sub": "x"}"#);
        check(&format!("Bearer {access}"), Some("C1000001"));
        check(&access, Some("C1000001"));
        check(&format!("Basic {access}"), None);
        check(&token(r#"{"username": "C1000001", "token_use": "id"}"#), None);
        check(&token(r#"{"username": "../admin", "token_use": "access"}"#), None);
        check("Bearer a.b", None);
        check("", None);
    }
}
