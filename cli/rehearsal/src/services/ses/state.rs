//! Identities, configuration sets and mails of one region.

use crate::services::wire::ServiceError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// Address or domain, to the stack and logical id that it was made for; none for one made over the wire.
    pub(super) identities: BTreeMap<String, Option<String>>,
    /// Names and values of the records that prove a domain, by identity.
    #[serde(default)]
    pub(super) dkim: BTreeMap<String, Vec<(String, String)>>,
    pub(super) sets: BTreeMap<String, ConfigurationSet>,
    /// Oldest first.
    pub(super) mails: Vec<Mail>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct ConfigurationSet {
    pub(super) owner: Option<String>,
    pub(super) destinations: BTreeMap<String, EventDestination>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct EventDestination {
    pub(super) enabled: bool,
    /// In SES's capitals, for example `BOUNCE`.
    pub(super) types: Vec<String>,
    /// ARN of a topic.
    pub(super) topic: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Mail {
    pub(super) id: String,
    pub(super) at: Timestamp,
    pub(super) from: String,
    pub(super) to: Vec<String>,
    /// As it was sent.
    pub(super) content: Value,
    pub(super) configuration_set: Option<String>,
}

impl State {
    /// The identities that a sender's address could send by: itself, its domain, and every domain above.
    pub(super) fn identities_of(&self, from: &str) -> Vec<&str> {
        let address = address(from);
        let mut names = vec![address.as_str()];
        let mut domain = address.rsplit('@').next();
        while let Some(name) = domain {
            names.push(name);
            domain = name.split_once('.').map(|(_, rest)| rest);
        }
        names.iter().filter_map(|name| self.identities.get_key_value(*name)).map(|(name, _)| name.as_str()).collect()
    }

    pub(super) fn set_mut(&mut self, name: &str) -> Result<&mut ConfigurationSet, ServiceError> {
        self.sets.get_mut(name).ok_or_else(|| no_set(name))
    }
}

/// The address in `Name <address>`, in lower case.
pub(super) fn address(from: &str) -> String {
    let inner = from.rsplit_once('<').map_or(from, |(_, rest)| rest.trim_end_matches(['>', ' ']));
    inner.trim().to_lowercase()
}

pub(super) fn no_set(name: &str) -> ServiceError {
    missing(format!("Configuration set <{name}> does not exist."))
}

pub(super) fn missing(message: String) -> ServiceError {
    ServiceError { status: 404, code: "NotFoundException".to_owned(), message }
}

pub(super) fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new("BadRequestException", message)
}
