//! Signing in: by password, by its proof, and by refresh token.

use super::challenges::{ask_for_password, by_proof};
use super::members::no_user;
use super::service::{Call, client, pool};
use super::state::{Challenge, Client, Pool, Session, State, User, UserStatus};
use super::token::SignIn;
use crate::services::password::random_bytes;
use crate::services::wire::ServiceError;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

type Answer = Result<Value, ServiceError>;

/// What comes of one step; what is to be remembered goes by the hash of the token that the caller gets.
pub(super) enum Outcome {
    SignedIn { answer: Value, key: String, session: Session },
    Challenged { answer: Value, key: String, challenge: Challenge },
}

/// `AdminInitiateAuth`: the caller is trusted, so that any member may be signed in with his password.
pub(super) fn admin_initiate(state: &mut State, call: &Call<'_>) -> Answer {
    let pool_id = pool(state, call)?.id.clone();
    initiate_in(state, &pool_id, call, true)
}

/// `InitiateAuth`: unsigned; the client tells the pool.
pub(super) fn initiate(state: &mut State, call: &Call<'_>) -> Answer {
    let pool_id = pool_of_client(state, call.text("ClientId")?)?;
    initiate_in(state, &pool_id, call, false)
}

pub(super) fn pool_of_client(state: &State, id: &str) -> Result<String, ServiceError> {
    let pool = state.pools.values().find(|pool| pool.clients.contains_key(id));
    pool.map(|pool| pool.id.clone())
        .ok_or_else(|| ServiceError::new("ResourceNotFoundException", format!("User pool client {id} does not exist.")))
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
    let invalid = |message: String| Err(ServiceError::new("InvalidParameterException", message));
    let (wanted, refusal) = match flow {
        "ADMIN_USER_PASSWORD_AUTH" | "ADMIN_NO_SRP_AUTH" if is_admin => {
            ("ALLOW_ADMIN_USER_PASSWORD_AUTH", "Auth flow not enabled for this client")
        }
        "USER_PASSWORD_AUTH" if !is_admin => {
            ("ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH flow not enabled for this client")
        }
        "USER_SRP_AUTH" => ("ALLOW_USER_SRP_AUTH", "USER_SRP_AUTH is not enabled for the client."),
        "REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN" => ("ALLOW_REFRESH_TOKEN_AUTH", "Auth flow not enabled for this client"),
        "USER_PASSWORD_AUTH" | "ADMIN_USER_PASSWORD_AUTH" | "ADMIN_NO_SRP_AUTH" => {
            return invalid("Initiate Auth method not supported.".to_owned());
        }
        other => return invalid(format!("the rehearsal cloud does not offer the authentication flow {other}")),
    };
    if !client.flows.iter().any(|allowed| allowed == wanted) {
        return invalid(refusal.to_owned());
    }
    let outcome = match wanted {
        "ALLOW_REFRESH_TOKEN_AUTH" => {
            let token = parameter(call, "REFRESH_TOKEN")?;
            let session = session(pool, client, token, call.now)?;
            check_secret_hash(client, &session.user, &call.input["AuthParameters"])?;
            let result = renewed(pool, client, session, call.now)?;
            return Ok(json!({ "AuthenticationResult": result, "ChallengeParameters": {} }));
        }
        "ALLOW_USER_SRP_AUTH" => {
            let name = parameter(call, "USERNAME")?;
            check_secret_hash(client, name, &call.input["AuthParameters"])?;
            by_proof(pool, client, name, parameter(call, "SRP_A")?, call)?
        }
        _ => by_password(pool, client, call)?,
    };
    settle(state, pool_id, outcome, call)
}

/// Remembers what is to be remembered, and forgets what is over.
pub(super) fn settle(state: &mut State, pool_id: &str, outcome: Outcome, call: &Call<'_>) -> Answer {
    let pool = state.pools.get_mut(pool_id).ok_or_else(no_user)?;
    pool.sessions.retain(|_, session| call.now < session.expires);
    pool.challenges.retain(|_, challenge| call.now < challenge.expires);
    match outcome {
        Outcome::SignedIn { answer, key, session } => {
            pool.sessions.insert(key, session);
            Ok(answer)
        }
        Outcome::Challenged { answer, key, challenge } => {
            pool.challenges.insert(key, challenge);
            Ok(answer)
        }
    }
}

fn by_password(pool: &Pool, client: &Client, call: &Call<'_>) -> Result<Outcome, ServiceError> {
    let name = parameter(call, "USERNAME")?;
    let password = parameter(call, "PASSWORD")?;
    check_secret_hash(client, name, &call.input["AuthParameters"])?;
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
    match user.status {
        UserStatus::ForceChangePassword => ask_for_password(client, user, call),
        UserStatus::Confirmed => signed_in(pool, client, user, call),
    }
}

/// Tokens for a member who has shown that he is himself.
pub(super) fn signed_in(pool: &Pool, client: &Client, user: &User, call: &Call<'_>) -> Result<Outcome, ServiceError> {
    let session = Session {
        client: client.id.clone(),
        user: user.name.clone(),
        origin: uuid::Uuid::new_v4().to_string(),
        signed_in: call.now,
        expires: call.now + SignedDuration::from_secs(client.refresh_token_seconds),
    };
    let mut result = tokens(pool, client, user, &session, call.now)?;
    let refresh_token = opaque_token()?;
    result["RefreshToken"] = json!(refresh_token);
    let answer = json!({ "AuthenticationResult": result, "ChallengeParameters": {} });
    Ok(Outcome::SignedIn { answer, key: session_key(&refresh_token), session })
}

/// What a refresh token of this client stands for.
pub(super) fn session<'a>(
    pool: &'a Pool,
    client: &Client,
    token: &str,
    now: Timestamp,
) -> Result<&'a Session, ServiceError> {
    let invalid = |message: &str| ServiceError::new("NotAuthorizedException", message);
    let session = pool.sessions.get(&session_key(token)).ok_or_else(|| invalid("Invalid Refresh Token"))?;
    if session.client != client.id {
        return Err(invalid("Invalid Refresh Token"));
    }
    if session.expires <= now {
        return Err(invalid("Refresh Token has expired"));
    }
    Ok(session)
}

/// New tokens for a session.
pub(super) fn renewed(pool: &Pool, client: &Client, session: &Session, now: Timestamp) -> Answer {
    let user = pool.find_user(&session.user).ok_or_else(no_user)?;
    if !user.enabled {
        return Err(ServiceError::new("NotAuthorizedException", "User is disabled."));
    }
    tokens(pool, client, user, session, now)
}

fn tokens(pool: &Pool, client: &Client, user: &User, session: &Session, now: Timestamp) -> Answer {
    let sign_in = SignIn { pool, client, user, origin: &session.origin, signed_in: session.signed_in, now };
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
pub(super) fn check_secret_hash(client: &Client, user: &str, given: &Value) -> Result<(), ServiceError> {
    let Some(secret) = &client.secret else { return Ok(()) };
    let given = given["SECRET_HASH"].as_str().unwrap_or_default();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{user}{}", client.id).as_bytes());
    if STANDARD.encode(tag.as_ref()) == given {
        return Ok(());
    }
    let message = format!("Unable to verify secret hash for client {}", client.id);
    Err(ServiceError::new("NotAuthorizedException", message))
}

pub(super) fn opaque_token() -> Result<String, ServiceError> {
    Ok(URL_SAFE_NO_PAD.encode(random_bytes::<96>()?))
}

pub(super) fn session_key(token: &str) -> String {
    STANDARD.encode(Sha256::digest(token.as_bytes()))
}
