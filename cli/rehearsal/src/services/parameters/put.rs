//! Writing a parameter.
//!
//! Rules and texts: API reference of Systems Manager, `PutParameter`; user guide, "About requirements and constraints for
//! parameter names" and "Managing parameter tiers" (2026-11).

use super::state::{KEPT_VERSIONS, Parameter, State, Version, invalid};
use crate::services::wire::ServiceError;
use jiff::Timestamp;
use regex_lite::Regex;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Characters of a value, by tier.
const STANDARD_LIMIT: usize = 4096;
const ADVANCED_LIMIT: usize = 8192;
const MOST_LEVELS: usize = 15;

/// What shall be written; what is absent stays as it is.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) kind: Option<String>,
    pub(super) key: Option<String>,
    pub(super) description: Option<String>,
    pub(super) allowed_pattern: Option<String>,
    pub(super) tier: Option<String>,
    pub(super) overwrite: bool,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) owner: Option<String>,
}

impl Wanted {
    pub(super) fn of(input: &Value) -> Result<Self, ServiceError> {
        let text = |name: &str| input[name].as_str().map(str::to_owned);
        if let Some(data_type) = input["DataType"].as_str().filter(|data_type| *data_type != "text") {
            return Err(invalid(format!("the rehearsal cloud does not offer parameters of data type {data_type}")));
        }
        if input["Policies"].as_str().is_some_and(|policies| !policies.is_empty()) {
            return Err(invalid("the rehearsal cloud does not offer parameter policies"));
        }
        Ok(Self {
            name: text("Name").unwrap_or_default(),
            value: text("Value").ok_or_else(|| invalid("Value must not be null"))?,
            kind: text("Type"),
            key: text("KeyId"),
            description: text("Description"),
            allowed_pattern: text("AllowedPattern").filter(|pattern| !pattern.is_empty()),
            tier: text("Tier"),
            overwrite: input["Overwrite"].as_bool().unwrap_or(false),
            tags: tags(&input["Tags"]),
            owner: None,
        })
    }
}

pub(super) fn tags(list: &Value) -> BTreeMap<String, String> {
    let text = |tag: &Value, name: &str| tag[name].as_str().unwrap_or_default().to_owned();
    list.as_array().into_iter().flatten().map(|tag| (text(tag, "Key"), text(tag, "Value"))).collect()
}

/// Writes a version and gives it back.
pub(super) fn put(state: &mut State, wanted: Wanted, now: Timestamp) -> Result<&Version, ServiceError> {
    check_name(&wanted.name)?;
    if wanted.value.is_empty() {
        return Err(invalid("Parameter value, cannot be empty"));
    }
    let known = state.parameters.get(&wanted.name);
    if known.is_some() && !wanted.overwrite {
        let message = "The parameter already exists. To overwrite this value, set the overwrite option in the request to \
                       true.";
        return Err(ServiceError::new("ParameterAlreadyExists", message));
    }
    if wanted.overwrite && !wanted.tags.is_empty() {
        return Err(invalid(
            "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove \
             overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or \
             RemoveTagsFromResource.",
        ));
    }
    let before = known.and_then(|parameter| parameter.versions.last());
    let version = next_version(before, &wanted, now)?;
    if let Some(known) = known {
        check_room(known)?;
    }
    let parameter = state.parameters.entry(wanted.name.clone()).or_insert_with(|| Parameter {
        name: wanted.name,
        owner: wanted.owner,
        tags: wanted.tags,
        versions: Vec::new(),
    });
    if parameter.versions.len() == KEPT_VERSIONS {
        parameter.versions.remove(0);
    }
    parameter.versions.push(version);
    parameter.newest()
}

fn next_version(before: Option<&Version>, wanted: &Wanted, now: Timestamp) -> Result<Version, ServiceError> {
    let kind = match (&wanted.kind, before) {
        (Some(kind), _) if !["String", "StringList", "SecureString"].contains(&kind.as_str()) => {
            return Err(ServiceError::new("UnsupportedParameterType", format!("{kind} is not a type of parameters.")));
        }
        (Some(kind), Some(before)) if *kind != before.kind => {
            let message = "Parameter Store doesn't support changing a parameter type in a hierarchy. For example, you \
                           can't change a parameter from a String type to a SecureString type. You must create a new, \
                           unique parameter.";
            return Err(ServiceError::new("HierarchyTypeMismatchException", message));
        }
        (Some(kind), _) => kind.clone(),
        (None, Some(before)) => before.kind.clone(),
        (None, None) => return Err(invalid("A parameter type is required when you create a parameter.")),
    };
    let key = match kind.as_str() {
        "SecureString" => Some(wanted.key.clone().unwrap_or_else(|| "alias/aws/ssm".to_owned())),
        _ if wanted.key.is_some() => return Err(invalid("KeyId is required for SecureString type parameter only.")),
        _ => None,
    };
    check_pattern(wanted)?;
    Ok(Version {
        number: before.map_or(0, |before| before.number) + 1,
        value: wanted.value.clone(),
        kind,
        key,
        description: wanted.description.clone(),
        allowed_pattern: wanted.allowed_pattern.clone(),
        tier: tier(wanted, before)?,
        labels: BTreeSet::new(),
        modified: now,
    })
}

fn check_name(name: &str) -> Result<(), ServiceError> {
    let letters = |letter: char| letter.is_ascii_alphanumeric() || "_.-/".contains(letter);
    if name.is_empty() || !name.chars().all(letters) || name.ends_with('/') {
        return Err(invalid(
            "Parameter name must not be empty or end with a slash, and may contain letters, digits and the symbols _.-/",
        ));
    }
    if name.contains('/') && !name.starts_with('/') {
        return Err(invalid("Parameter name must be a fully qualified name."));
    }
    let first = name.trim_start_matches('/').to_ascii_lowercase();
    if first.starts_with("aws") || first.starts_with("ssm") {
        return Err(invalid(format!(
            "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive): {name}"
        )));
    }
    if MOST_LEVELS < name.matches('/').count() {
        let message = format!("Hierarchies can have a maximum of {MOST_LEVELS} levels.");
        return Err(ServiceError::new("HierarchyLevelLimitExceededException", message));
    }
    Ok(())
}

fn check_pattern(wanted: &Wanted) -> Result<(), ServiceError> {
    let Some(pattern) = &wanted.allowed_pattern else { return Ok(()) };
    let Ok(regex) = Regex::new(&format!("^(?:{pattern})$")) else {
        let message = format!("The request does not meet the regular expression requirement: {pattern}");
        return Err(ServiceError::new("InvalidAllowedPatternException", message));
    };
    if regex.is_match(&wanted.value) {
        return Ok(());
    }
    let message = format!("Parameter value, cannot be validated against allowedPattern: {pattern}");
    Err(ServiceError::new("ParameterPatternMismatchException", message))
}

fn tier(wanted: &Wanted, before: Option<&Version>) -> Result<String, ServiceError> {
    let length = wanted.value.chars().count();
    let asked = wanted.tier.as_deref().or(before.map(|before| before.tier.as_str())).unwrap_or("Standard");
    let tier = match asked {
        "Intelligent-Tiering" if length <= STANDARD_LIMIT => "Standard",
        "Intelligent-Tiering" | "Advanced" => "Advanced",
        "Standard" => "Standard",
        other => return Err(invalid(format!("{other} is not a tier of parameters"))),
    };
    let limit = if tier == "Standard" { STANDARD_LIMIT } else { ADVANCED_LIMIT };
    if limit < length {
        return Err(invalid(format!(
            "{tier} tier parameters support a maximum parameter value of {limit} characters."
        )));
    }
    if before.is_some_and(|before| before.tier == "Advanced") && tier == "Standard" {
        return Err(invalid(
            "This parameter uses the advanced-parameter tier. You can't downgrade it to the standard tier.",
        ));
    }
    Ok(tier.to_owned())
}

/// The oldest version makes room for a new one unless somebody named it.
fn check_room(parameter: &Parameter) -> Result<(), ServiceError> {
    let oldest = parameter.versions.first();
    if parameter.versions.len() < KEPT_VERSIONS || oldest.is_none_or(|oldest| oldest.labels.is_empty()) {
        return Ok(());
    }
    let message = format!(
        "You attempted to create a new version of {} by calling the PutParameter API with the overwrite flag. The oldest \
         version can't be deleted because it has a label associated with it. Move the label to another version of the \
         parameter, and try again.",
        parameter.name
    );
    Err(ServiceError::new("ParameterMaxVersionLimitExceeded", message))
}
