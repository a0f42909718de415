//! The parameters of one region.

use crate::services::wire::ServiceError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// AWS keeps this many versions of a parameter and then forgets the oldest.
pub(super) const KEPT_VERSIONS: usize = 100;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// By name.
    pub(super) parameters: BTreeMap<String, Parameter>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Parameter {
    pub(super) name: String,
    /// The resource of a stack that it was made for.
    pub(super) owner: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
    /// Oldest first, never empty.
    pub(super) versions: Vec<Version>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Version {
    pub(super) number: u64,
    pub(super) value: String,
    /// `String`, `StringList` or `SecureString`.
    pub(super) kind: String,
    pub(super) key: Option<String>,
    pub(super) description: Option<String>,
    pub(super) allowed_pattern: Option<String>,
    /// `Standard` or `Advanced`.
    pub(super) tier: String,
    pub(super) labels: BTreeSet<String>,
    pub(super) modified: Timestamp,
}

/// Where the parameters are, as their ARNs tell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
}

impl Place<'_> {
    pub(super) fn arn(&self, name: &str) -> String {
        format!("arn:aws:ssm:{}:{}:parameter/{}", self.region, self.account, name.trim_start_matches('/'))
    }
}

/// A name or ARN, taken apart: the ARN of `digest` and of `/digest` is the same, so the name is looked up.
pub(super) struct Reference<'a> {
    name: &'a str,
    is_arn: bool,
    /// A version's number or label.
    pub(super) selector: Option<&'a str>,
}

impl<'a> Reference<'a> {
    pub(super) fn parse(text: &'a str) -> Self {
        let (name, is_arn) = match text.split_once(":parameter/") {
            Some((start, name)) if start.starts_with("arn:") => (name, true),
            _ => (text, false),
        };
        match name.split_once(':') {
            Some((name, selector)) => Self { name, is_arn, selector: Some(selector) },
            None => Self { name, is_arn, selector: None },
        }
    }
}

impl State {
    pub(super) fn parameter(&self, reference: &Reference<'_>) -> Option<&Parameter> {
        let named = self.parameters.get(reference.name);
        let below_root = || self.parameters.get(&format!("/{}", reference.name));
        named.or_else(|| if reference.is_arn { below_root() } else { None })
    }

    /// The parameter with exactly this name.
    pub(super) fn named_mut(&mut self, name: &str) -> Result<&mut Parameter, ServiceError> {
        self.parameters.get_mut(name).ok_or_else(|| not_found(name))
    }

    /// A parameter and the version of it that the selector names, else the newest.
    pub(super) fn version(&self, text: &str) -> Result<(&Parameter, &Version), ServiceError> {
        let reference = Reference::parse(text);
        let parameter = self.parameter(&reference).ok_or_else(|| not_found(text))?;
        let Some(selector) = reference.selector else { return Ok((parameter, parameter.newest()?)) };
        let wanted = selector.parse::<u64>();
        let found = parameter.versions.iter().find(|version| match wanted {
            Ok(number) => version.number == number,
            Err(_) => version.labels.contains(selector),
        });
        found.map(|version| (parameter, version)).ok_or_else(|| no_version(&parameter.name, selector))
    }
}

impl Parameter {
    pub(super) fn newest(&self) -> Result<&Version, ServiceError> {
        self.versions.last().ok_or_else(|| not_found(&self.name))
    }
}

impl Version {
    /// As `GetParameter` shows it.
    pub(super) fn shown(&self, name: &str, place: Place<'_>, decrypt: bool) -> Value {
        json!({
            "Name": name, "Type": self.kind, "Value": self.told(decrypt), "Version": self.number,
            "LastModifiedDate": seconds(self.modified), "ARN": place.arn(name), "DataType": "text",
        })
    }

    /// What the list of parameters and their history tell beside the value.
    pub(super) fn described(&self, name: &str) -> Value {
        let mut shown = json!({
            "Name": name, "Type": self.kind, "Version": self.number, "LastModifiedDate": seconds(self.modified),
            "Tier": self.tier, "Policies": [], "DataType": "text",
        });
        let texts =
            [("KeyId", &self.key), ("Description", &self.description), ("AllowedPattern", &self.allowed_pattern)];
        for (key, text) in texts {
            if let Some(text) = text {
                shown[key] = json!(text);
            }
        }
        shown
    }

    /// The value, or in its place something that nobody can decrypt.
    pub(super) fn told(&self, decrypt: bool) -> String {
        if decrypt || self.kind != "SecureString" {
            return self.value.clone();
        }
        Sha256::digest(self.value.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn seconds(time: Timestamp) -> f64 {
    time.as_duration().as_secs_f64()
}

pub(super) fn not_found(name: &str) -> ServiceError {
    ServiceError::new("ParameterNotFound", format!("Parameter {name} not found."))
}

pub(super) fn no_version(name: &str, selector: &str) -> ServiceError {
    let message =
        format!("Systems Manager could not find version {selector} of {name}. Verify the version and try again.");
    ServiceError::new("ParameterVersionNotFound", message)
}

pub(super) fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ValidationException", message)
}
