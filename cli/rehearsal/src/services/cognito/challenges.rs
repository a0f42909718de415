//! Sign-ins of more than one step: the proof of a password, and the first password of one's own.

use super::members::no_user;
use super::service::{Call, client};
use super::sign_in::{Outcome, check_secret_hash, opaque_token, pool_of_client, session_key, settle, signed_in};
use super::srp::{Exchange, Verifier};
use super::state::{Challenge, ChallengeKind, Client, Pool, State, User, UserStatus};
use crate::services::password::random_bytes;
use crate::services::wire::ServiceError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use serde_json::{Value, json};

type Answer = Result<Value, ServiceError>;

/// How long somebody may take for the next step; the default of an app client's `AuthSessionValidity`.
const VALIDITY: SignedDuration = SignedDuration::from_mins(3);

/// `RespondToAuthChallenge`: unsigned; the client tells the pool.
pub(super) fn respond(state: &mut State, call: &Call<'_>) -> Answer {
    let pool = pool_of_client(state, call.text("ClientId")?)?;
    respond_in(state, &pool, call)
}

/// `AdminRespondToAuthChallenge`.
pub(super) fn admin_respond(state: &mut State, call: &Call<'_>) -> Answer {
    let pool = super::service::pool(state, call)?.id.clone();
    respond_in(state, &pool, call)
}

fn respond_in(state: &mut State, pool_id: &str, call: &Call<'_>) -> Answer {
    let pool = state.pools.get(pool_id).ok_or_else(|| ServiceError::new("ResourceNotFoundException", pool_id))?;
    let client = client(pool, call.text("ClientId")?)?.clone();
    check_secret_hash(&client, response(call, "USERNAME")?, &call.input["ChallengeResponses"])?;
    match call.text("ChallengeName")? {
        "PASSWORD_VERIFIER" => {
            let block = response(call, "PASSWORD_CLAIM_SECRET_BLOCK")?;
            let challenge = take(state, pool_id, &client, block, call)?;
            let pool = state.pools.get(pool_id).ok_or_else(no_user)?;
            let outcome = check_proof(pool, &client, challenge, block, call)?;
            settle(state, pool_id, outcome, call)
        }
        "NEW_PASSWORD_REQUIRED" => {
            let session = call.text("Session")?;
            let challenge = take(state, pool_id, &client, session, call)?;
            let ChallengeKind::NewPassword = challenge.kind else { return Err(wrong_session()) };
            let pool = state.pools.get_mut(pool_id).ok_or_else(no_user)?;
            set_first_password(pool, &challenge.user, call)?;
            let user = pool.users.get(&challenge.user).ok_or_else(no_user)?;
            let outcome = signed_in(pool, &client, user, call)?;
            settle(state, pool_id, outcome, call)
        }
        other => {
            let message = format!("the rehearsal cloud does not offer the challenge {other}");
            Err(ServiceError::new("InvalidParameterException", message))
        }
    }
}

/// The first step of a sign-in by SRP. A member who is not there gets a challenge, too, that nobody can meet, where the
/// client hides who is.
pub(super) fn by_proof(
    pool: &Pool,
    client: &Client,
    name: &str,
    public: &str,
    call: &Call<'_>,
) -> Result<Outcome, ServiceError> {
    let found = pool.find_user(name);
    let (user, verifier) = match found {
        Some(user) if !user.enabled => return Err(not_authorised("User is disabled.")),
        Some(user) => (user.name.clone(), user.srp.clone()),
        None if client.hides_missing_users => (name.to_owned(), None),
        None => return Err(no_user()),
    };
    let verifier = match verifier {
        Some(verifier) => verifier,
        None => Verifier::of(&pool.id, &user, &opaque_token()?)?,
    };
    let salt = verifier.salt.clone();
    let exchange = Exchange::begin(public, verifier)?;
    let exchange =
        exchange.ok_or_else(|| ServiceError::new("InvalidParameterException", "SRP_A is not a valid public value."))?;
    let block = secret_block()?;
    let parameters = json!({
        "SALT": salt, "SECRET_BLOCK": block, "SRP_B": exchange.server_public, "USERNAME": user,
        "USER_ID_FOR_SRP": user,
    });
    let challenge = Challenge {
        client: client.id.clone(),
        user,
        expires: call.now + VALIDITY,
        kind: ChallengeKind::Proof(exchange),
    };
    let answer = json!({ "ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": parameters });
    Ok(Outcome::Challenged { answer, key: session_key(&block), challenge })
}

/// Asks for a password in place of the administrator's.
pub(super) fn ask_for_password(client: &Client, user: &User, call: &Call<'_>) -> Result<Outcome, ServiceError> {
    let session = opaque_token()?;
    let attributes: Value = user
        .attributes
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let parameters = json!({
        "USER_ID_FOR_SRP": user.name, "requiredAttributes": "[]", "userAttributes": attributes.to_string(),
    });
    let answer = json!({
        "ChallengeName": "NEW_PASSWORD_REQUIRED", "ChallengeParameters": parameters, "Session": session,
    });
    let (client, user, expires) = (client.id.clone(), user.name.clone(), call.now + VALIDITY);
    let challenge = Challenge { client, user, expires, kind: ChallengeKind::NewPassword };
    Ok(Outcome::Challenged { answer, key: session_key(&session), challenge })
}

fn check_proof(
    pool: &Pool,
    client: &Client,
    challenge: Challenge,
    block: &str,
    call: &Call<'_>,
) -> Result<Outcome, ServiceError> {
    let ChallengeKind::Proof(exchange) = challenge.kind else { return Err(wrong_session()) };
    let (signature, timestamp) = (response(call, "PASSWORD_CLAIM_SIGNATURE")?, response(call, "TIMESTAMP")?);
    let user = pool.users.get(&challenge.user);
    let proven = exchange.proves(&pool.id, &challenge.user, block, timestamp, signature);
    let Some(user) = user.filter(|_| proven) else { return Err(not_authorised("Incorrect username or password.")) };
    match user.status {
        UserStatus::ForceChangePassword => ask_for_password(client, user, call),
        UserStatus::Confirmed => signed_in(pool, client, user, call),
    }
}

fn set_first_password(pool: &mut Pool, name: &str, call: &Call<'_>) -> Result<(), ServiceError> {
    let password = response(call, "NEW_PASSWORD")?;
    pool.set_password(name, password)?;
    let user = pool.users.get_mut(name).ok_or_else(no_user)?;
    user.status = UserStatus::Confirmed;
    user.modified = call.now;
    let given = call.input["ChallengeResponses"].as_object().into_iter().flatten();
    for (key, value) in given {
        if let (Some(attribute), Some(value)) = (key.strip_prefix("userAttributes."), value.as_str()) {
            user.attributes.insert(attribute.to_owned(), value.to_owned());
        }
    }
    Ok(())
}

/// A challenge is met once.
fn take(
    state: &mut State,
    pool_id: &str,
    client: &Client,
    token: &str,
    call: &Call<'_>,
) -> Result<Challenge, ServiceError> {
    let pool = state.pools.get_mut(pool_id).ok_or_else(wrong_session)?;
    let challenge = pool.challenges.get(&session_key(token)).filter(|known| known.client == client.id);
    let challenge = challenge.ok_or_else(wrong_session)?.clone();
    if challenge.expires <= call.now {
        return Err(not_authorised("Invalid session for the user, session is expired."));
    }
    pool.challenges.remove(&session_key(token));
    Ok(challenge)
}

fn response<'a>(call: &'a Call<'_>, name: &str) -> Result<&'a str, ServiceError> {
    call.input["ChallengeResponses"][name]
        .as_str()
        .ok_or_else(|| ServiceError::new("InvalidParameterException", format!("Missing required parameter {name}")))
}

/// Clients decode it as base64 with padding.
fn secret_block() -> Result<String, ServiceError> {
    Ok(STANDARD.encode(random_bytes::<96>()?))
}

fn wrong_session() -> ServiceError {
    not_authorised("Invalid session for the user.")
}

fn not_authorised(message: &str) -> ServiceError {
    ServiceError::new("NotAuthorizedException", message)
}
