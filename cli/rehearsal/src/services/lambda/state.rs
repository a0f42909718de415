//! The functions of one region.

use crate::services::wire::ServiceError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// By name.
    pub(super) functions: BTreeMap<String, Function>,
    /// By UUID.
    pub(super) mappings: BTreeMap<String, Mapping>,
    /// Events that nobody waits for, by request id.
    pub(super) waiting: BTreeMap<String, Waiting>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Function {
    /// The stack and logical id that it was made for; none for one made over the wire.
    pub(super) owner: Option<String>,
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) modified: Timestamp,
    /// Changes with code and settings; an instance serves one revision.
    pub(super) revision: String,
    pub(super) code: Code,
    pub(super) settings: Settings,
    /// By statement id.
    pub(super) permissions: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Code {
    /// Hexadecimal; also the name of the folder that it was unpacked to.
    pub(super) sha256: String,
    pub(super) size: usize,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub(super) runtime: String,
    pub(super) handler: String,
    pub(super) role: String,
    pub(super) description: String,
    pub(super) timeout_seconds: u64,
    pub(super) memory_mb: u64,
    pub(super) architecture: String,
    pub(super) environment: BTreeMap<String, String>,
    /// ARN of a queue.
    pub(super) dead_letters: Option<String>,
    /// Another one than the usual.
    #[serde(default)]
    pub(super) log_group: Option<String>,
    /// Whether Lambda's own lines are JSON documents.
    #[serde(default)]
    pub(super) logs_json: bool,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    /// Shown, and nothing more.
    #[serde(default)]
    pub(super) kept: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Mapping {
    pub(super) owner: Option<String>,
    /// The function's name.
    pub(super) function: String,
    /// ARN of a queue.
    pub(super) source: String,
    pub(super) enabled: bool,
    pub(super) batch_size: usize,
    #[serde(default)]
    pub(super) window_seconds: u64,
    pub(super) reports_failures: bool,
    pub(super) modified: Timestamp,
    pub(super) last_result: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub(super) function: String,
    pub(super) payload: String,
    /// How often it was tried.
    pub(super) attempts: u32,
}

/// The name in a function's name, partial ARN or ARN, without a qualifier.
pub(super) fn name_of(reference: &str) -> &str {
    let rest = reference.split_once(":function:").map_or(reference, |(_, name)| name);
    rest.split(':').next().unwrap_or(rest)
}

impl State {
    pub(super) fn function(&self, reference: &str) -> Result<&Function, ServiceError> {
        self.functions.get(name_of(reference)).ok_or_else(|| no_function(reference))
    }

    pub(super) fn function_mut(&mut self, reference: &str) -> Result<&mut Function, ServiceError> {
        self.functions.get_mut(name_of(reference)).ok_or_else(|| no_function(reference))
    }
}

fn no_function(reference: &str) -> ServiceError {
    missing(format!("Function not found: {reference}"))
}

pub(super) fn missing(message: String) -> ServiceError {
    ServiceError { status: 404, code: "ResourceNotFoundException".to_owned(), message }
}
