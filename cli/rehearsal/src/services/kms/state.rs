//! The keys and aliases of one region.

use crate::services::wire::ServiceError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// By identifier.
    pub(super) keys: BTreeMap<String, Key>,
    /// Name, with `alias/`, to alias.
    pub(super) aliases: BTreeMap<String, Alias>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Alias {
    /// The stack and logical id that it was made for; none for one made over the wire.
    pub(super) owner: Option<String>,
    pub(super) key: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Key {
    pub(super) owner: Option<String>,
    pub(super) arn: String,
    /// Base64; the same in all replicas.
    pub(super) material: String,
    pub(super) description: String,
    pub(super) created: Timestamp,
    pub(super) enabled: bool,
    pub(super) deletion: Option<Timestamp>,
    pub(super) policy: String,
    pub(super) rotates: bool,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) multi_region: Option<MultiRegion>,
}

/// Where the family of a multi-Region key lives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MultiRegion {
    pub(super) primary: String,
    pub(super) replicas: Vec<String>,
}

impl Key {
    pub(super) fn id(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or_default()
    }

    pub(super) fn state(&self) -> &'static str {
        match (self.deletion, self.enabled) {
            (Some(_), _) => "PendingDeletion",
            (None, true) => "Enabled",
            (None, false) => "Disabled",
        }
    }

    pub(super) fn check_usable(&self) -> Result<(), ServiceError> {
        match self.state() {
            "Enabled" => Ok(()),
            "Disabled" => Err(ServiceError::new("DisabledException", format!("{} is disabled.", self.arn))),
            _ => Err(self.pending_deletion()),
        }
    }

    pub(super) fn pending_deletion(&self) -> ServiceError {
        ServiceError::new("KMSInvalidStateException", format!("{} is pending deletion.", self.arn))
    }
}

impl State {
    /// The identifier of a key named by itself, its ARN, an alias or an alias's ARN.
    pub(super) fn resolve(&self, reference: &str) -> Result<String, ServiceError> {
        let name = reference.rsplit(':').next().unwrap_or(reference);
        if name.starts_with("alias/") {
            let alias = self.aliases.get(name);
            return alias.map(|alias| alias.key.clone()).ok_or_else(|| not_found("Alias", reference));
        }
        let id = name.strip_prefix("key/").unwrap_or(name);
        self.keys.get(id).map(|_| id.to_owned()).ok_or_else(|| not_found("Key", reference))
    }

    pub(super) fn key(&self, reference: &str) -> Result<&Key, ServiceError> {
        let id = self.resolve(reference)?;
        self.keys.get(&id).ok_or_else(|| not_found("Key", reference))
    }

    pub(super) fn key_mut(&mut self, reference: &str) -> Result<&mut Key, ServiceError> {
        let id = self.resolve(reference)?;
        self.keys.get_mut(&id).ok_or_else(|| not_found("Key", reference))
    }

    /// Keys whose waiting period is over are gone.
    pub(super) fn is_overdue(&self, now: Timestamp) -> bool {
        self.keys.values().any(|key| key.deletion.is_some_and(|at| at <= now))
    }

    pub(super) fn bury(&mut self, now: Timestamp) {
        self.keys.retain(|_, key| key.deletion.is_none_or(|at| now < at));
        let keys = &self.keys;
        self.aliases.retain(|_, alias| keys.contains_key(&alias.key));
    }
}

fn not_found(kind: &str, reference: &str) -> ServiceError {
    ServiceError::new("NotFoundException", format!("{kind} '{reference}' does not exist"))
}
