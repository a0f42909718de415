//! The secrets of one region.
//!
//! A version has stages, a stage is on one version only. AWSCURRENT is never taken away, only moved, and what loses it gets
//! AWSPREVIOUS. A version without a stage is deprecated: it can be read by its id and is not listed.

use crate::services::wire::ServiceError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const CURRENT: &str = "AWSCURRENT";
pub(super) const PREVIOUS: &str = "AWSPREVIOUS";

#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// By name.
    pub(super) secrets: BTreeMap<String, Secret>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Secret {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) description: Option<String>,
    pub(super) kms_key: Option<String>,
    pub(super) created: Timestamp,
    pub(super) changed: Timestamp,
    /// When it was deleted and when that becomes final.
    pub(super) deletion: Option<Deletion>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) policy: Option<String>,
    /// By id.
    pub(super) versions: BTreeMap<String, Version>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct Deletion {
    pub(super) asked: Timestamp,
    pub(super) due: Timestamp,
}

/// Without `Debug`, since it holds the value.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Version {
    pub(super) created: Timestamp,
    pub(super) content: Content,
    pub(super) stages: BTreeSet<String>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Content {
    Text(String),
    /// In base64, as it comes and goes.
    Binary(String),
}

impl State {
    /// By name, by ARN, or by ARN without its random end.
    pub(super) fn find(&self, id: &str) -> Result<&Secret, ServiceError> {
        let found = match id.starts_with("arn:") {
            false => self.secrets.get(id),
            true => self.secrets.values().find(|secret| {
                secret.arn == id || secret.arn.rsplit_once('-').is_some_and(|(partial, _)| partial == id)
            }),
        };
        found.ok_or_else(not_found)
    }

    pub(super) fn find_mut(&mut self, id: &str) -> Result<&mut Secret, ServiceError> {
        let name = self.find(id)?.name.clone();
        self.secrets.get_mut(&name).ok_or_else(not_found)
    }

    /// One that is not deleted, for a change.
    pub(super) fn living_mut(&mut self, id: &str) -> Result<&mut Secret, ServiceError> {
        let secret = self.find_mut(id)?;
        secret.check_lives()?;
        Ok(secret)
    }

    pub(super) fn is_overdue(&self, now: Timestamp) -> bool {
        self.secrets.values().any(|secret| secret.is_overdue(now))
    }

    pub(super) fn bury(&mut self, now: Timestamp) {
        self.secrets.retain(|_, secret| !secret.is_overdue(now));
    }
}

impl Secret {
    fn is_overdue(&self, now: Timestamp) -> bool {
        self.deletion.is_some_and(|deletion| deletion.due <= now)
    }

    pub(super) fn check_lives(&self) -> Result<(), ServiceError> {
        if self.deletion.is_none() {
            return Ok(());
        }
        Err(invalid_request("You can't perform this operation on the secret because it was marked for deletion."))
    }

    pub(super) fn at_stage(&self, stage: &str) -> Option<(&String, &Version)> {
        self.versions.iter().find(|(_, version)| version.stages.contains(stage))
    }

    /// Puts a stage on a version and takes it from all others.
    pub(super) fn stage(&mut self, stage: &str, id: &str) {
        let before = self.at_stage(stage).map(|(id, _)| id.clone()).filter(|before| before != id);
        for (other, version) in &mut self.versions {
            version.stages.remove(stage);
            if other == id {
                version.stages.insert(stage.to_owned());
            }
        }
        if let (CURRENT, Some(before)) = (stage, before) {
            self.stage(PREVIOUS, &before);
        }
    }

    pub(super) fn described(&self) -> Value {
        let stages: BTreeMap<&String, &BTreeSet<String>> = self
            .versions
            .iter()
            .filter(|(_, version)| !version.stages.is_empty())
            .map(|(id, version)| (id, &version.stages))
            .collect();
        let mut answer = json!({
            "ARN": self.arn, "Name": self.name, "CreatedDate": seconds(self.created),
            "LastChangedDate": seconds(self.changed), "VersionIdsToStages": stages, "Tags": self.tag_list(),
        });
        if let Some(description) = &self.description {
            answer["Description"] = json!(description);
        }
        if let Some(key) = &self.kms_key {
            answer["KmsKeyId"] = json!(key);
        }
        if let Some(deletion) = &self.deletion {
            answer["DeletedDate"] = seconds(deletion.asked);
        }
        answer
    }

    pub(super) fn tag_list(&self) -> Value {
        self.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
    }
}

/// Seconds since 1970, with milliseconds, as the JSON protocols have times.
pub(super) fn seconds(time: Timestamp) -> Value {
    let text = format!("{}.{:03}", time.as_second(), time.subsec_millisecond());
    serde_json::from_str(&text).unwrap_or_default()
}

pub(super) fn not_found() -> ServiceError {
    ServiceError::new("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

pub(super) fn invalid_request(message: &str) -> ServiceError {
    ServiceError::new("InvalidRequestException", message)
}

pub(super) fn invalid_parameter(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidParameterException", message)
}

#[cfg(test)]
mod tests {
    use super::{CURRENT, Content, PREVIOUS, Secret, Version};
    use jiff::Timestamp;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn a_stage_moves_and_leaves_the_one_before_behind() {
        let version = || Version {
            created: Timestamp::UNIX_EPOCH,
            content: Content::Text(String::new()),
            stages: BTreeSet::new(),
        };
        let mut secret = Secret {
            name: "s".to_owned(),
            arn: "arn".to_owned(),
            description: None,
            kms_key: None,
            created: Timestamp::UNIX_EPOCH,
            changed: Timestamp::UNIX_EPOCH,
            deletion: None,
            tags: BTreeMap::new(),
            policy: None,
            versions: ["1", "2", "3"].map(|id| (id.to_owned(), version())).into(),
        };
        let check = |secret: &Secret, current: Option<&str>, previous: Option<&str>| {
            let at = |stage| secret.at_stage(stage).map(|(id, _)| id.as_str());
            assert_eq!((at(CURRENT), at(PREVIOUS)), (current, previous));
        };
        secret.stage(CURRENT, "1");
        check(&secret, Some("1"), None);
        secret.stage(CURRENT, "2");
        check(&secret, Some("2"), Some("1"));
        secret.stage(CURRENT, "3");
        check(&secret, Some("3"), Some("2"));
        secret.stage(CURRENT, "2");
        check(&secret, Some("2"), Some("3"));
        secret.stage(CURRENT, "2");
        check(&secret, Some("2"), Some("3"));
    }
}
