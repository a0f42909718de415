//! Access and ID tokens as Cognito writes them.

use super::groups;
use super::state::{Client, Pool, State, User};
use crate::services::wire::ServiceError;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Map, Value, json};
use thiserror::Error;

pub(crate) type Claims = Map<String, Value>;

/// The scope of every access token that `InitiateAuth` issues.
const SELF_SERVICE_SCOPE: &str = "aws.cognito.signin.user.admin";

#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum VerifyError {
    #[error("the token is not one of this pool's")]
    Invalid,
    #[error("the token has expired")]
    Expired,
}

/// One sign-in, from which tokens are issued now or later by its refresh token.
pub(super) struct SignIn<'a> {
    pub(super) pool: &'a Pool,
    pub(super) client: &'a Client,
    pub(super) user: &'a User,
    pub(super) origin: &'a str,
    pub(super) signed_in: Timestamp,
    pub(super) now: Timestamp,
}

impl SignIn<'_> {
    pub(super) fn access_token(&self) -> Result<String, ServiceError> {
        let mut claims = self.claims("access", self.client.access_token_seconds);
        claims.insert("client_id".to_owned(), json!(self.client.id));
        claims.insert("scope".to_owned(), json!(SELF_SERVICE_SCOPE));
        claims.insert("username".to_owned(), json!(self.user.name));
        self.insert_groups(&mut claims, "access");
        sign(self.pool, &claims)
    }

    pub(super) fn id_token(&self) -> Result<String, ServiceError> {
        let mut claims = self.claims("id", self.client.id_token_seconds);
        claims.insert("aud".to_owned(), json!(self.client.id));
        claims.insert("cognito:username".to_owned(), json!(self.user.name));
        for (name, value) in &self.user.attributes {
            let is_flag = name.ends_with("_verified");
            claims.insert(name.clone(), if is_flag { json!(value == "true") } else { json!(value) });
        }
        self.insert_groups(&mut claims, "id");
        sign(self.pool, &claims)
    }

    /// Roles are in ID tokens only.
    fn insert_groups(&self, claims: &mut Claims, token_use: &str) {
        let names = groups::names(self.pool, self.user);
        if names.is_empty() {
            return;
        }
        let roles = groups::roles(self.pool, &names);
        claims.insert("cognito:groups".to_owned(), json!(names));
        if let (Some(preferred), "id") = (roles.first(), token_use) {
            claims.insert("cognito:preferred_role".to_owned(), json!(preferred));
            claims.insert("cognito:roles".to_owned(), json!(roles));
        }
    }

    fn claims(&self, token_use: &str, seconds: i64) -> Claims {
        let now = self.now.as_second();
        let id = || uuid::Uuid::new_v4().to_string();
        let claims = json!({
            "sub": self.user.sub, "iss": self.pool.issuer(), "origin_jti": self.origin, "event_id": id(),
            "token_use": token_use, "auth_time": self.signed_in.as_second(), "exp": now + seconds, "iat": now,
            "jti": id(),
        });
        claims.as_object().cloned().unwrap_or_default()
    }
}

/// The access token of a program that has no member.
pub(super) fn client_token(pool: &Pool, client: &Client, scopes: &str, now: Timestamp) -> Result<String, ServiceError> {
    let at = now.as_second();
    let claims = json!({
        "sub": client.id, "token_use": "access", "scope": scopes, "auth_time": at, "iss": pool.issuer(),
        "exp": at + client.access_token_seconds, "iat": at, "version": 2, "jti": uuid::Uuid::new_v4().to_string(),
        "client_id": client.id,
    });
    sign(pool, &claims.as_object().cloned().unwrap_or_default())
}

fn sign(pool: &Pool, claims: &Claims) -> Result<String, ServiceError> {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(pool.key.id.clone());
    header.typ = None;
    EncodingKey::from_rsa_pem(pool.key.pem.as_bytes())
        .and_then(|key| jsonwebtoken::encode(&header, claims, &key))
        .map_err(|error| ServiceError::internal(&error))
}

/// The claims of a token that one of the pools has issued and that has not expired.
pub(super) fn verify(state: &State, pool_id: &str, token: &str) -> Result<Claims, VerifyError> {
    let pool = state.pools.get(pool_id).ok_or(VerifyError::Invalid)?;
    let header = jsonwebtoken::decode_header(token).map_err(|_| VerifyError::Invalid)?;
    if header.kid.as_ref() != Some(&pool.key.id) {
        return Err(VerifyError::Invalid);
    }
    let key = DecodingKey::from_rsa_components(&pool.key.modulus, &pool.key.exponent);
    let key = key.map_err(|_| VerifyError::Invalid)?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.leeway = 0;
    validation.validate_aud = false;
    validation.set_issuer(&[pool.issuer()]);
    let verified = jsonwebtoken::decode::<Claims>(token, &key, &validation);
    verified.map(|data| data.claims).map_err(|error| match error.kind() {
        jsonwebtoken::errors::ErrorKind::ExpiredSignature => VerifyError::Expired,
        _ => VerifyError::Invalid,
    })
}

/// The pool that a token says it is from; to be verified.
pub(super) fn claimed_pool(token: &str) -> Option<String> {
    let claims: Claims = jsonwebtoken::dangerous::insecure_decode_claims(token).ok()?;
    claims.get("iss")?.as_str()?.rsplit('/').next().map(str::to_owned)
}
