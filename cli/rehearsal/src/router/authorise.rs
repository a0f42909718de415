//! Cognito authorizers as API Gateway runs them.

use super::openapi::{Operation, Routes};
use crate::services::cognito::{Claims, Cognito, VerifyError};
use http::HeaderMap;

/// Why a request is not let in; each has API Gateway's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denied {
    Unauthorized,
    Expired,
}

impl Denied {
    pub(super) const fn message(self) -> &'static str {
        match self {
            Self::Unauthorized => "Unauthorized",
            Self::Expired => "The incoming token has expired",
        }
    }
}

/// The caller's claims; none for a public operation.
pub(super) fn authorise(
    routes: &Routes,
    operation: &Operation,
    headers: &HeaderMap,
    cognito: &Cognito,
) -> Result<Option<Claims>, Denied> {
    if operation.security.is_empty() {
        return Ok(None);
    }
    let header = headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let header = header.ok_or(Denied::Unauthorized)?;
    // API Gateway takes the token with or without the word.
    let token = header.strip_prefix("Bearer ").or_else(|| header.strip_prefix("bearer ")).unwrap_or(header).trim();
    let mut denied = Denied::Unauthorized;
    for requirement in &operation.security {
        let Some(authorizer) = routes.authorizers.get(&requirement.authorizer) else { continue };
        for pool in &authorizer.user_pools {
            match cognito.verify(pool, token) {
                Ok(claims) if admits(&claims, &requirement.scopes) => return Ok(Some(claims)),
                Err(VerifyError::Expired) => denied = Denied::Expired,
                Ok(_) | Err(VerifyError::Invalid) => {}
            }
        }
    }
    Err(denied)
}

/// With scopes, an access token that has one of them; without, an ID token.
fn admits(claims: &Claims, scopes: &[String]) -> bool {
    let claim = |name: &str| claims.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    if scopes.is_empty() {
        return claim("token_use") == "id";
    }
    claim("token_use") == "access" && claim("scope").split(' ').any(|scope| scopes.iter().any(|one| one == scope))
}
