//! Labels, which name versions.
//!
//! Rules: user guide of Systems Manager, "Working with parameter labels" (2026-11).

use super::state::{State, invalid, no_version};
use crate::services::wire::ServiceError;
use serde_json::{Value, json};

/// Of one version.
const MOST: usize = 10;

/// Puts labels on a version; a label that another version has moves.
pub(super) fn label(state: &mut State, input: &Value) -> Result<Value, ServiceError> {
    let (name, labels) = (name(input)?, texts(&input["Labels"]));
    let parameter = state.named_mut(name)?;
    let number = match input["ParameterVersion"].as_u64() {
        Some(number) => number,
        None => parameter.newest()?.number,
    };
    if !parameter.versions.iter().any(|version| version.number == number) {
        return Err(no_version(name, &number.to_string()));
    }
    let (valid, invalid): (Vec<_>, Vec<_>) = labels.into_iter().partition(|label| is_valid(label));
    for version in &mut parameter.versions {
        if version.number == number {
            version.labels.extend(valid.iter().cloned());
            if MOST < version.labels.len() {
                let message = format!("A parameter version can have a maximum of {MOST} labels.");
                return Err(ServiceError::new("ParameterVersionLabelLimitExceeded", message));
            }
        } else {
            version.labels.retain(|label| !valid.contains(label));
        }
    }
    Ok(json!({ "InvalidLabels": invalid, "ParameterVersion": number }))
}

pub(super) fn unlabel(state: &mut State, input: &Value) -> Result<Value, ServiceError> {
    let (name, labels) = (name(input)?, texts(&input["Labels"]));
    let number = input["ParameterVersion"].as_u64().ok_or_else(|| invalid("ParameterVersion must not be null"))?;
    let parameter = state.named_mut(name)?;
    let version = parameter.versions.iter_mut().find(|version| version.number == number);
    let version = version.ok_or_else(|| no_version(name, &number.to_string()))?;
    let (removed, absent): (Vec<_>, Vec<_>) = labels.into_iter().partition(|label| version.labels.remove(label));
    Ok(json!({ "RemovedLabels": removed, "InvalidLabels": absent }))
}

fn is_valid(label: &str) -> bool {
    let starts_badly = label.starts_with(|letter: char| letter.is_ascii_digit());
    let reserved = ["aws", "ssm"].iter().any(|word| label.to_ascii_lowercase().starts_with(word));
    let letters = |letter: char| letter.is_ascii_alphanumeric() || "_.-".contains(letter);
    (1..=100).contains(&label.len()) && !starts_badly && !reserved && label.chars().all(letters)
}

fn name(input: &Value) -> Result<&str, ServiceError> {
    input["Name"].as_str().ok_or_else(|| invalid("Name must not be null"))
}

pub(super) fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
