//! The log groups of one region.

use crate::services::wire::ServiceError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Milliseconds since 1970.
pub(super) type Millis = i64;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// By name.
    pub(super) groups: BTreeMap<String, Group>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Group {
    /// The stack and logical id that it was made for; none for one made over the wire or by a function's first run.
    pub(super) owner: Option<String>,
    pub(super) created: Millis,
    pub(super) retention_days: Option<u64>,
    pub(super) kms_key: Option<String>,
    pub(super) class: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
    /// By name.
    pub(super) streams: BTreeMap<String, Stream>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Stream {
    pub(super) created: Millis,
    /// The output that is being followed into it.
    pub(super) source: Option<PathBuf>,
}

impl State {
    pub(super) fn group(&self, name: &str) -> Result<&Group, ServiceError> {
        self.groups.get(name).ok_or_else(no_group)
    }

    pub(super) fn group_mut(&mut self, name: &str) -> Result<&mut Group, ServiceError> {
        self.groups.get_mut(name).ok_or_else(no_group)
    }
}

impl Group {
    pub(super) fn stream(&self, name: &str) -> Result<&Stream, ServiceError> {
        self.streams.get(name).ok_or_else(|| missing("The specified log stream does not exist."))
    }
}

pub(super) fn check_group_name(name: &str) -> Result<(), ServiceError> {
    let letters = name.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-_/#".contains(letter));
    if name.is_empty() || 512 < name.len() || !letters {
        return Err(invalid("logGroupName must be 1 to 512 letters, digits, or of '_', '-', '/', '.', '#'"));
    }
    Ok(())
}

pub(super) fn check_stream_name(name: &str) -> Result<(), ServiceError> {
    if name.is_empty() || 512 < name.len() || name.contains([':', '*']) {
        return Err(invalid("logStreamName must be 1 to 512 characters without ':' and '*'"));
    }
    Ok(())
}

pub(super) fn no_group() -> ServiceError {
    missing("The specified log group does not exist.")
}

pub(super) fn missing(message: &str) -> ServiceError {
    ServiceError::new("ResourceNotFoundException", message)
}

pub(super) fn taken(message: &str) -> ServiceError {
    ServiceError::new("ResourceAlreadyExistsException", message)
}

pub(super) fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidParameterException", message)
}
