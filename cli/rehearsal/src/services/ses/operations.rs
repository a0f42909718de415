//! SES v2's REST protocol.

use super::mail;
use super::service::Ses;
use super::state::{ConfigurationSet, EventDestination, State, invalid, missing, no_set};
use crate::services::wire::{Request, ServiceError};
use serde_json::{Value, json};

pub(super) fn run(ses: &Ses, region: &str, request: &Request, input: &Value) -> Result<Value, ServiceError> {
    let path = request.uri().path().replace("%40", "@");
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let method = request.method().as_str();
    let unknown = || ServiceError::unknown_operation("SES", &format!("{method} {path}"));
    let ["v2", "email", rest @ ..] = parts.as_slice() else { return Err(unknown()) };
    match (method, rest) {
        ("POST", ["outbound-emails"]) => mail::send(ses, region, input),
        // Newer clients list by another path.
        ("POST", ["list-configuration-sets"]) => sets(ses, region, "GET", &[], input).ok_or_else(unknown)?,
        ("POST", ["list-email-identities" | "list-identities"]) => {
            identities(ses, region, "GET", &[], input).ok_or_else(unknown)?
        }
        (_, ["identities", rest @ ..]) => identities(ses, region, method, rest, input).ok_or_else(unknown)?,
        (_, ["configuration-sets", rest @ ..]) => sets(ses, region, method, rest, input).ok_or_else(unknown)?,
        _ => Err(unknown()),
    }
}

fn identities(
    ses: &Ses,
    region: &str,
    method: &str,
    rest: &[&str],
    input: &Value,
) -> Option<Result<Value, ServiceError>> {
    let kind = |name: &str| if name.contains('@') { "EMAIL_ADDRESS" } else { "DOMAIN" };
    let no_identity = |name: &str| missing(format!("Email identity {name} does not exist."));
    let store = match ses.regions.of(region) {
        Ok(store) => store,
        Err(error) => return Some(Err(error.into())),
    };
    Some(match (method, rest) {
        ("POST", []) => {
            let name = input["EmailIdentity"].as_str().unwrap_or_default().to_lowercase();
            store.change(|state| {
                if name.is_empty() {
                    return Err(invalid("EmailIdentity must not be null"));
                }
                if state.identities.contains_key(&name) {
                    let message = format!("Email identity {name} already exist.");
                    return Err(ServiceError::new("AlreadyExistsException", message));
                }
                state.identities.insert(name.clone(), None);
                Ok(json!({ "IdentityType": kind(&name), "VerifiedForSendingStatus": true }))
            })
        }
        ("GET", []) => {
            let all = store.read(|state| {
                let all = state.identities.keys().map(|name| {
                    let (is_verified, status) = verification(ses, state, name);
                    json!({
                        "IdentityType": kind(name), "IdentityName": name, "SendingEnabled": is_verified,
                        "VerificationStatus": status,
                    })
                });
                all.collect::<Vec<_>>()
            });
            Ok(json!({ "EmailIdentities": all }))
        }
        ("GET", [name]) => store.read(|state| {
            state.identities.get(*name).ok_or_else(|| no_identity(name))?;
            let (is_verified, status) = verification(ses, state, name);
            let tokens = state.dkim.get(*name).into_iter().flatten();
            let tokens = tokens.filter_map(|(name, _)| name.split('.').next()).collect::<Vec<_>>();
            Ok(json!({
                "IdentityType": kind(name), "VerifiedForSendingStatus": is_verified, "VerificationStatus": status,
                "DkimAttributes": {
                    "SigningEnabled": true, "Status": status, "Tokens": tokens, "SigningAttributesOrigin": "AWS_SES",
                },
            }))
        }),
        ("DELETE", [name]) => {
            store.change(|state| state.identities.remove(*name).map(|_| json!({})).ok_or_else(|| no_identity(name)))
        }
        _ => return None,
    })
}

fn sets(ses: &Ses, region: &str, method: &str, rest: &[&str], input: &Value) -> Option<Result<Value, ServiceError>> {
    let store = match ses.regions.of(region) {
        Ok(store) => store,
        Err(error) => return Some(Err(error.into())),
    };
    Some(match (method, rest) {
        ("POST", []) => {
            let name = input["ConfigurationSetName"].as_str().unwrap_or_default();
            store.change(|state| {
                if name.is_empty() {
                    return Err(invalid("ConfigurationSetName must not be null"));
                }
                if state.sets.contains_key(name) {
                    let message = format!("Configuration set <{name}> already exists.");
                    return Err(ServiceError::new("AlreadyExistsException", message));
                }
                state.sets.insert(name.to_owned(), ConfigurationSet::default());
                Ok(json!({}))
            })
        }
        ("GET", []) => {
            let names = store.read(|state| state.sets.keys().cloned().collect::<Vec<_>>());
            Ok(json!({ "ConfigurationSets": names }))
        }
        ("GET", [name]) => store.read(|state| {
            let set = state.sets.get(*name).ok_or_else(|| no_set(name));
            set.map(|_| json!({ "ConfigurationSetName": name, "SendingOptions": { "SendingEnabled": true } }))
        }),
        ("DELETE", [name]) => {
            store.change(|state| state.sets.remove(*name).map(|_| json!({})).ok_or_else(|| no_set(name)))
        }
        ("POST", [name, "event-destinations"]) => store.change(|state| {
            let set = state.set_mut(name)?;
            let given = destination(&input["EventDestination"])?;
            let id = input["EventDestinationName"].as_str().unwrap_or_default();
            set.destinations.insert(id.to_owned(), given);
            Ok(json!({}))
        }),
        ("GET", [name, "event-destinations"]) => store.read(|state| {
            let set = state.sets.get(*name).ok_or_else(|| no_set(name))?;
            let shown = set.destinations.iter().map(|(id, one)| {
                json!({
                    "Name": id, "Enabled": one.enabled, "MatchingEventTypes": one.types,
                    "SnsDestination": { "TopicArn": one.topic },
                })
            });
            Ok(json!({ "EventDestinations": shown.collect::<Vec<_>>() }))
        }),
        ("DELETE", [name, "event-destinations", id]) => store.change(|state| {
            let gone = state.set_mut(name)?.destinations.remove(*id);
            gone.map(|_| json!({})).ok_or_else(|| missing(format!("Event destination <{id}> does not exist.")))
        }),
        _ => return None,
    })
}

fn verification(ses: &Ses, state: &State, identity: &str) -> (bool, &'static str) {
    let is_verified = ses.is_verified(state, identity);
    (is_verified, if is_verified { "SUCCESS" } else { "PENDING" })
}

/// From the wire or from a template, which spell the topic's ARN in two ways.
pub(super) fn destination(given: &Value) -> Result<EventDestination, ServiceError> {
    let topic = ["TopicArn", "TopicARN"].iter().find_map(|name| given["SnsDestination"][*name].as_str());
    let Some(topic) = topic else {
        if given.is_null() {
            return Err(invalid("EventDestination must not be null"));
        }
        return Err(invalid("the rehearsal cloud does not offer event destinations other than topics"));
    };
    let types = given["MatchingEventTypes"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let flag = &given["Enabled"];
    Ok(EventDestination {
        enabled: flag.as_bool().or_else(|| flag.as_str()?.parse().ok()).unwrap_or(true),
        types: types.map(str::to_uppercase).collect(),
        topic: topic.to_owned(),
    })
}
