//! Groups of members; tokens name those that a member is in.

use super::members::{describe as describe_user, no_user, seconds};
use super::service::{Call, pool, pool_mut};
use super::state::{Group, Pool, State, User};
use crate::provision::ProvisionError;
use crate::services::wire::ServiceError;
use serde_json::{Value, json};

type Answer = Result<Value, ServiceError>;

pub(super) fn create(state: &mut State, call: &Call<'_>) -> Answer {
    let pool = pool_mut(state, call)?;
    let name = call.text("GroupName")?;
    if pool.groups.contains_key(name) {
        return Err(ServiceError::new("GroupExistsException", "A group with the name already exists."));
    }
    let mut group = Group::new(call.now);
    change(&mut group, call);
    let shown = json!({ "Group": describe(&pool.id, name, &group) });
    pool.groups.insert(name.to_owned(), group);
    Ok(shown)
}

/// `AWS::Cognito::UserPoolGroup`, whose properties have the API's names; one that is asked for again is the same.
pub(super) fn put(pool: &mut Pool, call: &Call<'_>, owner: String) -> Result<String, ProvisionError> {
    let refused = |error: ServiceError| ProvisionError::Refused { message: error.message };
    let name = call.text("GroupName").map_err(refused)?.to_owned();
    if pool.groups.get(&name).is_some_and(|known| known.owner.as_ref() != Some(&owner)) {
        return Err(ProvisionError::AlreadyExists { identifier: format!("{}|{name}", pool.id) });
    }
    let group = pool.groups.entry(name.clone()).or_insert_with(|| Group::new(call.now));
    change(group, call);
    (group.owner, group.modified) = (Some(owner), call.now);
    Ok(name)
}

pub(super) fn update(state: &mut State, call: &Call<'_>) -> Answer {
    let pool = pool_mut(state, call)?;
    let id = pool.id.clone();
    let (name, group) = group_mut(pool, call)?;
    change(group, call);
    group.modified = call.now;
    Ok(json!({ "Group": describe(&id, name, group) }))
}

pub(super) fn get(state: &State, call: &Call<'_>) -> Answer {
    let pool = pool(state, call)?;
    let name = call.text("GroupName")?;
    let group = pool.groups.get(name).ok_or_else(no_group)?;
    Ok(json!({ "Group": describe(&pool.id, name, group) }))
}

pub(super) fn delete(state: &mut State, call: &Call<'_>) -> Answer {
    let name = call.text("GroupName")?;
    pool_mut(state, call)?.groups.remove(name).ok_or_else(no_group)?;
    Ok(json!({}))
}

pub(super) fn list(state: &State, call: &Call<'_>) -> Answer {
    let pool = pool(state, call)?;
    let all = pool.groups.iter().map(|(name, group)| (name.as_str(), describe(&pool.id, name, group)));
    Ok(page("Groups", all, call))
}

pub(super) fn add_user(state: &mut State, call: &Call<'_>) -> Answer {
    let pool = pool_mut(state, call)?;
    let user = pool.find_user(call.text("Username")?).ok_or_else(no_user)?.name.clone();
    group_mut(pool, call)?.1.members.insert(user);
    Ok(json!({}))
}

pub(super) fn remove_user(state: &mut State, call: &Call<'_>) -> Answer {
    let pool = pool_mut(state, call)?;
    let user = pool.find_user(call.text("Username")?).ok_or_else(no_user)?.name.clone();
    group_mut(pool, call)?.1.members.remove(&user);
    Ok(json!({}))
}

pub(super) fn of_user(state: &State, call: &Call<'_>) -> Answer {
    let pool = pool(state, call)?;
    let user = pool.find_user(call.text("Username")?).ok_or_else(no_user)?;
    let own = pool.groups.iter().filter(|(_, group)| group.members.contains(&user.name));
    Ok(page("Groups", own.map(|(name, group)| (name.as_str(), describe(&pool.id, name, group))), call))
}

pub(super) fn users(state: &State, call: &Call<'_>) -> Answer {
    let pool = pool(state, call)?;
    let group = pool.groups.get(call.text("GroupName")?).ok_or_else(no_group)?;
    let users = group.members.iter().filter_map(|name| pool.users.get(name));
    Ok(page("Users", users.map(|user| (user.name.as_str(), describe_user(user, "Attributes"))), call))
}

/// The names of a member's groups, by precedence: the lowest number first, those without one last.
pub(super) fn names(pool: &Pool, user: &User) -> Vec<String> {
    let mut own: Vec<(u64, &String)> = pool
        .groups
        .iter()
        .filter(|(_, group)| group.members.contains(&user.name))
        .map(|(name, group)| (group.precedence.unwrap_or(u64::MAX), name))
        .collect();
    own.sort();
    own.into_iter().map(|(_, name)| name.clone()).collect()
}

/// The roles of groups in the order of their names.
pub(super) fn roles(pool: &Pool, names: &[String]) -> Vec<String> {
    names.iter().filter_map(|name| pool.groups.get(name)?.role.clone()).collect()
}

fn change(group: &mut Group, call: &Call<'_>) {
    let given = |name: &str| call.optional(name).map(str::to_owned);
    group.description = given("Description").or_else(|| group.description.take());
    group.role = given("RoleArn").or_else(|| group.role.take());
    group.precedence = call.input["Precedence"].as_u64().or(group.precedence);
}

fn group_mut<'a, 'b>(pool: &'a mut Pool, call: &'b Call<'_>) -> Result<(&'b str, &'a mut Group), ServiceError> {
    let name = call.text("GroupName")?;
    Ok((name, pool.groups.get_mut(name).ok_or_else(no_group)?))
}

fn no_group() -> ServiceError {
    ServiceError::new("ResourceNotFoundException", "Group not found.")
}

/// The token is the name of the last that was shown.
fn page<'a>(list: &str, all: impl Iterator<Item = (&'a str, Value)>, call: &Call<'_>) -> Value {
    let limit = call.input["Limit"].as_u64().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(60).max(1);
    let after = call.optional("NextToken").unwrap_or_default();
    let found: Vec<(&str, Value)> = all.filter(|(name, _)| after < *name).take(limit + 1).collect();
    let last = found.get(limit - 1).filter(|_| limit < found.len()).map(|(name, _)| (*name).to_owned());
    let shown: Vec<Value> = found.into_iter().take(limit).map(|(_, shown)| shown).collect();
    let mut answer = json!({ list: shown });
    if let Some(last) = last {
        answer["NextToken"] = json!(last);
    }
    answer
}

fn describe(pool: &str, name: &str, group: &Group) -> Value {
    let mut shown = json!({
        "GroupName": name, "UserPoolId": pool, "CreationDate": seconds(group.created),
        "LastModifiedDate": seconds(group.modified),
    });
    let texts = [("Description", &group.description), ("RoleArn", &group.role)];
    for (name, value) in texts {
        if let Some(value) = value {
            shown[name] = json!(value);
        }
    }
    if let Some(precedence) = group.precedence {
        shown["Precedence"] = json!(precedence);
    }
    shown
}
