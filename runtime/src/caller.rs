//! Who is asking, and what they may. The gateway has checked the token before; it is checked here again, because a forged caller
//! could spend something and because a service can be reached in other ways than through the gateway.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use como_contract::identity::STAFF_GROUP;
use como_contract::route::{MEMBER_SCOPE, SETTLE_SCOPE};
use como_domain::access::{AccessTokenError, AccessTokens, Verified};
use como_domain::identifier::MemberId;
use tracing::info;

use crate::problem::{Code, Problem};
use crate::report;

/// A member with an access token of theirs.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) member_id: MemberId,
}

/// Somebody who works here and may settle what only a person can: the scope says what the page may ask for, the group who asks.
#[derive(Debug, Clone)]
pub(crate) struct Operator {
    /// The pool's name for the person. It is filed with what they do, like a member's.
    pub(crate) id: MemberId,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller
where
    Arc<dyn AccessTokens>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let verified = verify(parts, state).await?;
        match verified.scopes.contains(MEMBER_SCOPE) {
            true => Ok(Self { member_id: verified.member_id }),
            false => Err(Problem::of(Code::Forbidden)),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Operator
where
    Arc<dyn AccessTokens>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let verified = verify(parts, state).await?;
        let may = verified.scopes.contains(SETTLE_SCOPE) && verified.groups.contains(STAFF_GROUP);
        if may { Ok(Self { id: verified.member_id }) } else { Err(Problem::of(Code::Forbidden)) }
    }
}

async fn verify<S>(parts: &Parts, state: &S) -> Result<Verified, Problem>
where
    Arc<dyn AccessTokens>: FromRef<S>,
{
    let value = parts.headers.get(AUTHORIZATION).ok_or(Problem::of(Code::TokenMissing))?;
    let token = value.to_str().ok().and_then(bearer).ok_or(Problem::of(Code::TokenInvalid))?;
    let tokens = Arc::<dyn AccessTokens>::from_ref(state);
    tokens.verify(token).await.map_err(|error| match error {
        AccessTokenError::Invalid(fault) => {
            info!(auth.fault = %fault, "refused an access token: {fault}");
            Problem::of(Code::TokenInvalid)
        }
        AccessTokenError::KeysUnavailable(_) => {
            report::own_failure(&error);
            Problem::retry_after(Code::IdentityUnavailable, 5)
        }
    })
}

/// The gateway takes a token with and without `Bearer`.
fn bearer(authorization: &str) -> Option<&str> {
    match authorization.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Some(token.trim()),
        Some(_) => None,
        None => Some(authorization).filter(|token| !token.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_with_or_without_its_scheme() {
        for (authorization, expected) in [
            ("Bearer a.b.c", Some("a.b.c")),
            ("bearer  a", Some("a")),
            ("a.b.c", Some("a.b.c")),
            ("Basic a", None),
            ("", None),
        ] {
            assert_eq!(bearer(authorization), expected, "{authorization}");
        }
    }
}
