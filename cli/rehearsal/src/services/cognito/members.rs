//! Members of a pool, as an administrator handles them.

use super::service::{Call, pool, pool_mut};
use super::state::{Pool, State, User, UserStatus};
use super::token::{self, VerifyError};
use crate::services::password::{PasswordError, PasswordRules};
use crate::services::wire::ServiceError;
use serde_json::{Value, json};
use std::collections::BTreeMap;

type Answer = Result<Value, ServiceError>;

impl From<PasswordError> for ServiceError {
    fn from(error: PasswordError) -> Self {
        Self::internal(&error)
    }
}

pub(super) fn create(state: &mut State, call: &Call<'_>) -> Answer {
    let pool = pool_mut(state, call)?;
    let given = call.text("Username")?;
    let mut attributes = attributes(pool, call)?;
    let exists = pool.find_user(given).is_some()
        || pool
            .username_attributes
            .iter()
            .any(|name| attributes.get(name).is_some_and(|v| pool.find_user(v).is_some()));
    if exists {
        return Err(ServiceError::new("UsernameExistsException", "User account already exists"));
    }
    let sub = uuid::Uuid::new_v4().to_string();
    // Where members sign in by an attribute, the name is their `sub`, and what was given is that attribute.
    let name = if pool.username_attributes.is_empty() { pool.spelling(given) } else { sub.clone() };
    if let Some(attribute) = sign_in_attribute(pool, given) {
        attributes.insert(attribute.to_owned(), given.to_owned());
    }
    attributes.insert("sub".to_owned(), sub.clone());
    let password = match call.optional("TemporaryPassword") {
        Some(password) => {
            pool.password_policy.check(password)?;
            password.to_owned()
        }
        None => temporary_password()?,
    };
    let (password, srp) = pool.kept_of(&name, &password)?;
    let user = User {
        name: name.clone(),
        sub,
        created: call.now,
        modified: call.now,
        enabled: true,
        status: UserStatus::ForceChangePassword,
        attributes,
        password: Some(password),
        srp,
    };
    let answer = json!({ "User": describe(&user, "Attributes") });
    pool.users.insert(name, user);
    Ok(answer)
}

pub(super) fn get(state: &State, call: &Call<'_>) -> Answer {
    let pool = pool(state, call)?;
    let user = pool.find_user(call.text("Username")?).ok_or_else(no_user)?;
    Ok(describe(user, "UserAttributes"))
}

/// The pool and the name of the bearer of an access token.
fn bearer(state: &State, call: &Call<'_>) -> Result<(String, String), ServiceError> {
    let token = call.text("AccessToken")?;
    let invalid = || ServiceError::new("NotAuthorizedException", "Invalid Access Token");
    let pool = token::claimed_pool(token).and_then(|id| state.pools.get(&id)).ok_or_else(invalid)?;
    let claims = token::verify(state, &pool.id, token).map_err(|error| match error {
        VerifyError::Invalid => invalid(),
        VerifyError::Expired => ServiceError::new("NotAuthorizedException", "Access Token has expired"),
    })?;
    // A program's token has no member.
    let name = claims.get("username").and_then(Value::as_str).ok_or_else(invalid)?;
    if claims.get("token_use") != Some(&json!("access")) {
        return Err(invalid());
    }
    Ok((pool.id.clone(), pool.find_user(name).ok_or_else(no_user)?.name.clone()))
}

/// `GetUser`: the bearer of an access token reads about himself.
pub(super) fn get_own(state: &State, call: &Call<'_>) -> Answer {
    let (pool, name) = bearer(state, call)?;
    let user = state.pools.get(&pool).and_then(|pool| pool.users.get(&name)).ok_or_else(no_user)?;
    Ok(json!({ "Username": user.name, "UserAttributes": attribute_list(user) }))
}

/// `GlobalSignOut`: the bearer ends his own refresh tokens.
pub(super) fn sign_out_own(state: &mut State, call: &Call<'_>) -> Answer {
    let (pool, name) = bearer(state, call)?;
    if let Some(pool) = state.pools.get_mut(&pool) {
        pool.sessions.retain(|_, session| session.user != name);
    }
    Ok(json!({}))
}

/// `ChangePassword`: the bearer of an access token who knows the old one.
pub(super) fn change_password(state: &mut State, call: &Call<'_>) -> Answer {
    let (pool, name) = bearer(state, call)?;
    let (previous, proposed) = (call.text("PreviousPassword")?, call.text("ProposedPassword")?);
    let pool = state.pools.get_mut(&pool).ok_or_else(no_user)?;
    let known = pool.users.get(&name).and_then(|user| user.password.as_ref());
    if !known.is_some_and(|hash| hash.matches(previous)) {
        return Err(ServiceError::new("NotAuthorizedException", "Incorrect username or password."));
    }
    pool.set_password(&name, proposed)?;
    Ok(json!({}))
}

pub(super) fn list(state: &State, call: &Call<'_>) -> Answer {
    let pool = pool(state, call)?;
    // A filter is `name = "value"` or `name ^= "value"`.
    let filter = call.optional("Filter").filter(|filter| !filter.trim().is_empty());
    let filter = match filter.map(|filter| filter.split_once('=')) {
        Some(None) => return Err(ServiceError::new("InvalidParameterException", "Error while parsing filter.")),
        Some(Some((name, value))) => {
            let is_prefix = name.ends_with('^');
            Some((name.trim_end_matches('^').trim().to_owned(), value.trim().trim_matches('"').to_owned(), is_prefix))
        }
        None => None,
    };
    let matches = |user: &&User| {
        let Some((name, wanted, is_prefix)) = &filter else { return true };
        let value = match name.as_str() {
            "username" => Some(&user.name),
            other => user.attributes.get(other),
        };
        value.is_some_and(|value| if *is_prefix { value.starts_with(wanted.as_str()) } else { value == wanted })
    };
    let limit = call.input["Limit"].as_u64().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(60);
    let after = call.optional("PaginationToken").unwrap_or_default();
    let found: Vec<&User> =
        pool.users.values().filter(matches).filter(|user| after < user.name.as_str()).take(limit + 1).collect();
    let page: Vec<Value> = found.iter().take(limit).map(|user| describe(user, "Attributes")).collect();
    let mut answer = json!({ "Users": page });
    if limit < found.len() {
        answer["PaginationToken"] = json!(found.get(limit.saturating_sub(1)).map(|user| &user.name));
    }
    Ok(answer)
}

pub(super) fn set_password(state: &mut State, call: &Call<'_>) -> Answer {
    let now = call.now;
    let password = call.text("Password")?;
    let permanent = call.input["Permanent"].as_bool().unwrap_or(false);
    let pool = pool_mut(state, call)?;
    let name = user_mut(pool, call)?.name.clone();
    pool.set_password(&name, password)?;
    let user = user_mut(pool, call)?;
    user.status = if permanent { UserStatus::Confirmed } else { UserStatus::ForceChangePassword };
    user.modified = now;
    Ok(json!({}))
}

pub(super) fn update_attributes(state: &mut State, call: &Call<'_>) -> Answer {
    let pool = pool_mut(state, call)?;
    let attributes = attributes(pool, call)?;
    let user = user_mut(pool, call)?;
    user.attributes.extend(attributes);
    user.modified = call.now;
    Ok(json!({}))
}

pub(super) fn delete(state: &mut State, call: &Call<'_>) -> Answer {
    let pool = pool_mut(state, call)?;
    let name = user_mut(pool, call)?.name.clone();
    pool.users.remove(&name);
    pool.sessions.retain(|_, session| session.user != name);
    for group in pool.groups.values_mut() {
        group.members.remove(&name);
    }
    Ok(json!({}))
}

pub(super) fn enable(state: &mut State, call: &Call<'_>, enabled: bool) -> Answer {
    let user = user_mut(pool_mut(state, call)?, call)?;
    user.enabled = enabled;
    user.modified = call.now;
    Ok(json!({}))
}

/// Ends every refresh token; access tokens run out by themselves.
pub(super) fn sign_out(state: &mut State, call: &Call<'_>) -> Answer {
    let pool = pool_mut(state, call)?;
    let name = user_mut(pool, call)?.name.clone();
    pool.sessions.retain(|_, session| session.user != name);
    Ok(json!({}))
}

pub(super) fn no_user() -> ServiceError {
    ServiceError::new("UserNotFoundException", "User does not exist.")
}

fn user_mut<'a>(pool: &'a mut Pool, call: &Call<'_>) -> Result<&'a mut User, ServiceError> {
    let name = call.text("Username")?;
    let name = pool.find_user(name).ok_or_else(no_user)?.name.clone();
    pool.users.get_mut(&name).ok_or_else(no_user)
}

/// The attribute of those that the pool signs in with which a given name is a value of.
fn sign_in_attribute<'a>(pool: &'a Pool, given: &str) -> Option<&'a str> {
    let fitting = if given.contains('@') { "email" } else { "phone_number" };
    pool.username_attributes.iter().map(String::as_str).find(|attribute| *attribute == fitting)
}

const STANDARD: &[&str] = &[
    "address",
    "birthdate",
    "email",
    "email_verified",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "phone_number_verified",
    "picture",
    "preferred_username",
    "profile",
    "updated_at",
    "website",
    "zoneinfo",
];

fn attributes(pool: &Pool, call: &Call<'_>) -> Result<BTreeMap<String, String>, ServiceError> {
    let mut attributes = BTreeMap::new();
    for attribute in call.input["UserAttributes"].as_array().into_iter().flatten() {
        let name = attribute["Name"].as_str().unwrap_or_default();
        let known = STANDARD.contains(&name) || pool.custom_attributes.iter().any(|custom| custom == name);
        if !known {
            return Err(ServiceError::new(
                "InvalidParameterException",
                format!("Attributes did not conform to the schema: {name}: Attribute does not exist in the schema.\n"),
            ));
        }
        attributes.insert(name.to_owned(), attribute["Value"].as_str().unwrap_or_default().to_owned());
    }
    Ok(attributes)
}

fn attribute_list(user: &User) -> Value {
    user.attributes.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect()
}

pub(super) fn describe(user: &User, attributes: &str) -> Value {
    json!({
        "Username": user.name, attributes: attribute_list(user), "Enabled": user.enabled,
        "UserStatus": user.status.name(), "UserCreateDate": seconds(user.created),
        "UserLastModifiedDate": seconds(user.modified),
    })
}

/// A time in AWS's JSON protocols.
pub(super) fn seconds(time: jiff::Timestamp) -> Value {
    json!(time.as_millisecond() as f64 / 1000.0)
}

fn temporary_password() -> Result<String, PasswordError> {
    let rules = PasswordRules {
        length: 16,
        excluded: "",
        lower_case: true,
        upper_case: true,
        digits: true,
        punctuation: true,
        space: false,
        one_of_each: true,
    };
    rules.generate()
}
