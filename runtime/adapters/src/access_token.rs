//! Access tokens of our Cognito pools, verified here: signature, issuer, expiry, use, client.
//!
//! The keys of an issuer are fetched once an hour, and when a token names one that is not among them, at most once a minute.
//! What was fetched goes on being used when the issuer cannot be reached: keys change once in years.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use como_domain::access::{AccessTokenError, AccessTokens, TokenFault, Verified};
use como_domain::clock::Clock;
use como_domain::identifier::MemberId;
use como_domain::identity::Cause;
use jiff::Timestamp;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use tokio::sync::Mutex;

const FETCH_TIMEOUT: Duration = Duration::from_secs(2);
const KEYS_FRESH_FOR: Duration = Duration::from_secs(3_600);
/// Tokens with made-up keys must not make us ask all the time.
const BETWEEN_FETCHES: Duration = Duration::from_secs(60);
/// A pool has two keys.
const MAX_KEYS_BYTES: usize = 64 * 1024;
/// Ours are below 2 KB.
const MAX_TOKEN_LENGTH: usize = 8 * 1024;

/// A pool whose tokens are accepted.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// The token's `iss`.
    pub issuer: String,
    pub keys_url: String,
    /// The clients to whom its tokens may have been given.
    pub client_ids: BTreeSet<String>,
}

impl Issuer {
    /// <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html>
    ///
    /// `endpoint`: another address for the keys than AWS's own; the issuer's name stays AWS's.
    #[must_use]
    pub fn of_pool(region: &str, pool_id: &str, client_id: &str, endpoint: Option<&str>) -> Self {
        let issuer = format!("https://cognito-idp.{region}.amazonaws.com/{pool_id}");
        let keys_url = match endpoint {
            Some(endpoint) => format!("{}/{pool_id}/.well-known/jwks.json", endpoint.trim_end_matches('/')),
            None => format!("{issuer}/.well-known/jwks.json"),
        };
        Self { issuer, keys_url, client_ids: BTreeSet::from([client_id.to_owned()]) }
    }
}

pub struct CognitoTokens {
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    pools: Vec<(Issuer, Mutex<Keys>)>,
}

#[derive(Default)]
struct Keys {
    by_id: BTreeMap<String, DecodingKey>,
    fetched_at: Option<Duration>,
    tried_at: Option<Duration>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    exp: i64,
    nbf: Option<i64>,
    token_use: Option<String>,
    client_id: Option<String>,
    username: Option<String>,
    scope: Option<String>,
    #[serde(rename = "cognito:groups", default)]
    groups: BTreeSet<String>,
}

impl CognitoTokens {
    /// Of this region's pool and the other's: a member who signed in there goes on here.
    #[must_use]
    pub fn new(http: reqwest::Client, clock: Arc<dyn Clock>, issuers: Vec<Issuer>) -> Self {
        let pools = issuers.into_iter().map(|issuer| (issuer, Mutex::default())).collect();
        Self { http, clock, pools }
    }

    async fn key(&self, issuer: &Issuer, keys: &Mutex<Keys>, id: &str) -> Result<DecodingKey, AccessTokenError> {
        // Held while fetching: the others wait for that answer instead of asking for their own.
        let mut keys = keys.lock().await;
        let now = self.clock.monotonic();
        let is_fresh = keys.fetched_at.is_some_and(|at| now.saturating_sub(at) < KEYS_FRESH_FOR);
        let may_ask = keys.tried_at.is_none_or(|at| BETWEEN_FETCHES <= now.saturating_sub(at));
        // With no keys at all there is nothing to be spared by waiting.
        let must_ask = keys.by_id.is_empty();
        if must_ask || may_ask && !(is_fresh && keys.by_id.contains_key(id)) {
            keys.tried_at = Some(now);
            match self.fetch(issuer).await {
                Ok(by_id) => {
                    keys.by_id = by_id;
                    keys.fetched_at = Some(now);
                }
                Err(cause) if keys.by_id.is_empty() => return Err(AccessTokenError::KeysUnavailable(cause)),
                Err(_) => {}
            }
        }
        keys.by_id.get(id).cloned().ok_or(AccessTokenError::Invalid(TokenFault::UnknownKey))
    }

    async fn fetch(&self, issuer: &Issuer) -> Result<BTreeMap<String, DecodingKey>, Cause> {
        let response = self.http.get(&issuer.keys_url).timeout(FETCH_TIMEOUT).send().await;
        let response = response.map_err(reqwest::Error::without_url)?;
        if !response.status().is_success() {
            return Err(format!("status {}", response.status().as_u16()).into());
        }
        let body = response.bytes().await.map_err(reqwest::Error::without_url)?;
        if MAX_KEYS_BYTES < body.len() {
            return Err("more than a pool's keys".into());
        }
        let set: JwkSet = serde_json::from_slice(&body)?;
        let keys = set.keys.iter().filter_map(|key| {
            let id = key.common.key_id.clone()?;
            DecodingKey::from_jwk(key).ok().map(|decoding| (id, decoding))
        });
        let keys: BTreeMap<String, DecodingKey> = keys.collect();
        if keys.is_empty() { Err("no key that can be used".into()) } else { Ok(keys) }
    }
}

#[async_trait]
impl AccessTokens for CognitoTokens {
    async fn verify(&self, token: &str) -> Result<Verified, AccessTokenError> {
        let invalid = AccessTokenError::Invalid;
        if MAX_TOKEN_LENGTH < token.len() {
            return Err(invalid(TokenFault::Malformed));
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| invalid(TokenFault::Malformed))?;
        if header.alg != Algorithm::RS256 {
            return Err(invalid(TokenFault::Algorithm));
        }
        let key_id = header.kid.ok_or(invalid(TokenFault::UnknownKey))?;
        // Only to know whose key to try; nothing of it is believed before the signature is checked.
        let claimed: Claims =
            jsonwebtoken::dangerous::insecure_decode_claims(token).map_err(|_| invalid(TokenFault::Malformed))?;
        let pool = self.pools.iter().find(|(issuer, _)| issuer.issuer == claimed.iss);
        let (issuer, keys) = pool.ok_or(invalid(TokenFault::Issuer))?;
        let key = self.key(issuer, keys, &key_id).await?;
        let mut validation = Validation::new(Algorithm::RS256);
        // Times are compared with our own clock below; access tokens have no audience.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.set_required_spec_claims(&["iss", "exp"]);
        validation.set_issuer(&[&issuer.issuer]);
        let checked = jsonwebtoken::decode::<Claims>(token, &key, &validation);
        let claims = checked.map_err(|error| {
            invalid(match error.kind() {
                ErrorKind::InvalidSignature => TokenFault::Signature,
                ErrorKind::InvalidIssuer => TokenFault::Issuer,
                ErrorKind::InvalidAlgorithm => TokenFault::Algorithm,
                _ => TokenFault::Malformed,
            })
        })?;
        accept(claims.claims, issuer, self.clock.now()).map_err(invalid)
    }
}

fn accept(claims: Claims, issuer: &Issuer, now: Timestamp) -> Result<Verified, TokenFault> {
    let expires_at = Timestamp::from_second(claims.exp).map_err(|_| TokenFault::Malformed)?;
    if expires_at <= now {
        return Err(TokenFault::Expired);
    }
    if claims.nbf.is_some_and(|from| now.as_second() < from) {
        return Err(TokenFault::NotYetValid);
    }
    // An id token speaks of the member too, but it is not meant for an API.
    if claims.token_use.as_deref() != Some("access") {
        return Err(TokenFault::NotForAccess);
    }
    if !claims.client_id.is_some_and(|client| issuer.client_ids.contains(&client)) {
        return Err(TokenFault::Client);
    }
    let member_id = claims.username.and_then(|name| MemberId::try_from(name).ok()).ok_or(TokenFault::NoMember)?;
    let scopes = claims.scope.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    Ok(Verified { member_id, scopes, groups: claims.groups, expires_at })
}
