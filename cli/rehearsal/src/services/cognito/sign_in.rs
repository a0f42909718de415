//! Signing in: by password as an administrator, and by refresh token.

use super::members::no_user;
use super::service::{Call, client, pool};
use super::state::{Client, Pool, Session, State, User, UserStatus};
use super::token::SignIn;
use crate::services::password::random_bytes;
use crate::services::wire::ServiceError;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

type Answer = Result<Value, ServiceError>;

/// `AdminInitiateAuth`: the caller is trusted, so that any member may be signed in with his password.
pub(super) fn admin_initiate(state: &mut State, call: &Call<'_>) -> Answer {
    let pool_id = pool(state, call)?.id.clone();
    initiate_in(state, &pool_id, call, true)
}

/// `InitiateAuth`: unsigned; the client tells the pool.
pub(super) fn initiate(state: &mut State, call: &Call<'_>) -> Answer {
    let id = call.text("ClientId")?;
    let pool = state.pools.values().find(|pool| pool.clients.contains_key(id));
    let pool_id = pool.map(|pool| pool.id.clone()).ok_or_else(|| {
        ServiceError::new("ResourceNotFoundException", format!("User pool client {id} does not exist."))
    })?;
    initiate_in(state, &pool_id, call, false)
}

pub(super) fn revoke(state: &mut State, call: &Call<'_>) -> Answer {
    let id = call.text("ClientId")?;
    let key = session_key(call.text("Token")?);
    for pool in state.pools.values_mut().filter(|pool| pool.clients.contains_key(id)) {
        pool.sessions.retain(|known, session| *known != key || session.client != id);
    }
    Ok(json!({}))
}

fn initiate_in(state: &mut State, pool_id: &str, call: &Call<'_>, is_admin: bool) -> Answer {
    let pool = state.pools.get(pool_id).ok_or_else(|| ServiceError::new("ResourceNotFoundException", pool_id))?;
    let client = client(pool, call.text("ClientId")?)?;
    let flow = call.text("AuthFlow")?;
    let wanted = match flow {
        "ADMIN_USER_PASSWORD_AUTH" | "ADMIN_NO_SRP_AUTH" if is_admin => "ALLOW_ADMIN_USER_PASSWORD_AUTH",
        "USER_PASSWORD_AUTH" if !is_admin => "ALLOW_USER_PASSWORD_AUTH",
        "REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN" => "ALLOW_REFRESH_TOKEN_AUTH",
        "USER_PASSWORD_AUTH" | "ADMIN_USER_PASSWORD_AUTH" | "ADMIN_NO_SRP_AUTH" => {
            return Err(ServiceError::new("InvalidParameterException", "Initiate Auth method not supported."));
        }
        other => {
            let message = format!("the rehearsal cloud does not offer the authentication flow {other}");
            return Err(ServiceError::new("InvalidParameterException", message));
        }
    };
    if !client.flows.iter().any(|allowed| allowed == wanted) {
        let flow = if wanted == "ALLOW_USER_PASSWORD_AUTH" { "USER_PASSWORD_AUTH" } else { "Auth" };
        let message = format!("{flow} flow not enabled for this client");
        return Err(ServiceError::new("InvalidParameterException", message));
    }
    if wanted == "ALLOW_REFRESH_TOKEN_AUTH" {
        return refresh(pool, client, call);
    }
    let (answer, session) = by_password(pool, client, call)?;
    if let (Some((key, session)), Some(pool)) = (session, state.pools.get_mut(pool_id)) {
        pool.sessions.retain(|_, session| call.now < session.expires);
        pool.sessions.insert(key, session);
    }
    Ok(answer)
}

/// The answer, and the session to remember under the hash of its refresh token.
fn by_password(
    pool: &Pool,
    client: &Client,
    call: &Call<'_>,
) -> Result<(Value, Option<(String, Session)>), ServiceError> {
    let name = parameter(call, "USERNAME")?;
    let password = parameter(call, "PASSWORD")?;
    check_secret_hash(client, name, call)?;
    let wrong = || ServiceError::new("NotAuthorizedException", "Incorrect username or password.");
    let Some(user) = pool.find_user(name) else {
        return Err(if client.hides_missing_users { wrong() } else { no_user() });
    };
    if !user.enabled {
        return Err(ServiceError::new("NotAuthorizedException", "User is disabled."));
    }
    if !user.password.as_ref().is_some_and(|hash| hash.matches(password)) {
        return Err(wrong());
    }
    if user.status == UserStatus::ForceChangePassword {
        let parameters = json!({ "USER_ID_FOR_SRP": user.name, "requiredAttributes": "[]", "userAttributes": "{}" });
        let answer = json!({
            "ChallengeName": "NEW_PASSWORD_REQUIRED", "ChallengeParameters": parameters, "Session": opaque_token()?,
        });
        return Ok((answer, None));
    }
    let session = Session {
        client: client.id.clone(),
        user: user.name.clone(),
        origin: uuid::Uuid::new_v4().to_string(),
        signed_in: call.now,
        expires: call.now + SignedDuration::from_secs(client.refresh_token_seconds),
    };
    let mut result = tokens(pool, client, user, &session, call)?;
    let refresh_token = opaque_token()?;
    result["RefreshToken"] = json!(refresh_token);
    let answer = json!({ "AuthenticationResult": result, "ChallengeParameters": {} });
    Ok((answer, Some((session_key(&refresh_token), session))))
}

fn refresh(pool: &Pool, client: &Client, call: &Call<'_>) -> Answer {
    let token = parameter(call, "REFRESH_TOKEN")?;
    let invalid = |message: &str| ServiceError::new("NotAuthorizedException", message);
    let session = pool.sessions.get(&session_key(token)).ok_or_else(|| invalid("Invalid Refresh Token"))?;
    if session.client != client.id {
        return Err(invalid("Invalid Refresh Token"));
    }
    if session.expires <= call.now {
        return Err(invalid("Refresh Token has expired"));
    }
    check_secret_hash(client, &session.user, call)?;
    let user = pool.find_user(&session.user).ok_or_else(no_user)?;
    if !user.enabled {
        return Err(invalid("User is disabled."));
    }
    let result = tokens(pool, client, user, session, call)?;
    Ok(json!({ "AuthenticationResult": result, "ChallengeParameters": {} }))
}

fn tokens(pool: &Pool, client: &Client, user: &User, session: &Session, call: &Call<'_>) -> Answer {
    let sign_in = SignIn { pool, client, user, origin: &session.origin, signed_in: session.signed_in, now: call.now };
    Ok(json!({
        "AccessToken": sign_in.access_token()?, "IdToken": sign_in.id_token()?,
        "ExpiresIn": client.access_token_seconds, "TokenType": "Bearer",
    }))
}

fn parameter<'a>(call: &'a Call<'_>, name: &str) -> Result<&'a str, ServiceError> {
    call.input["AuthParameters"][name]
        .as_str()
        .ok_or_else(|| ServiceError::new("InvalidParameterException", format!("Missing required parameter {name}")))
}

/// A client with a secret proves it with every call.
fn check_secret_hash(client: &Client, user: &str, call: &Call<'_>) -> Result<(), ServiceError> {
    let Some(secret) = &client.secret else { return Ok(()) };
    let given = call.input["AuthParameters"]["SECRET_HASH"].as_str().unwrap_or_default();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{user}{}", client.id).as_bytes());
    if STANDARD.encode(tag.as_ref()) == given {
        return Ok(());
    }
    let message = format!("Unable to verify secret hash for client {}", client.id);
    Err(ServiceError::new("NotAuthorizedException", message))
}

fn opaque_token() -> Result<String, ServiceError> {
    Ok(URL_SAFE_NO_PAD.encode(random_bytes::<96>()?))
}

fn session_key(token: &str) -> String {
    STANDARD.encode(Sha256::digest(token.as_bytes()))
}
