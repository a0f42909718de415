//! Parameter values: given or default, checked against their declarations.

use super::looking_up::{self, LookedUp};
use super::template::Template;
use super::wire::QueryError;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A parameter's value as `Ref` gives it: a string, or a list of strings for the list types.
pub(crate) type ParameterValues = BTreeMap<String, Value>;

/// Checks the given values and fills in the defaults.
///
/// Names of the parameter store are replaced by what they stand for.
pub(crate) fn resolve(
    template: &Template,
    given: &BTreeMap<String, String>,
    looked_up: &LookedUp,
) -> Result<ParameterValues, QueryError> {
    let unknown: Vec<_> =
        given.keys().filter(|name| !template.parameters.contains_key(*name)).map(String::as_str).collect();
    if !unknown.is_empty() {
        return Err(QueryError::validation(format!(
            "Parameters: [{}] do not exist in the template",
            unknown.join(", ")
        )));
    }
    let mut missing = Vec::new();
    let mut values = ParameterValues::new();
    for (name, declaration) in &template.parameters {
        let kind = declaration.get("Type").and_then(Value::as_str).unwrap_or("");
        check_kind(kind)?;
        match given.get(name).cloned().or_else(|| declaration.get("Default").map(scalar_text)) {
            None => missing.push(name.as_str()),
            Some(text) => {
                check_constraints(name, kind, declaration, &text)?;
                let found = looked_up.get(name).unwrap_or(&text);
                values.insert(name.clone(), typed(looking_up::behind(kind).unwrap_or(kind), found));
            }
        }
    }
    if !missing.is_empty() {
        return Err(QueryError::validation(format!("Parameters: [{}] must have values", missing.join(", "))));
    }
    Ok(values)
}

pub(crate) fn is_no_echo(declaration: &Map<String, Value>) -> bool {
    declaration.get("NoEcho").is_some_and(|value| scalar_text(value).eq_ignore_ascii_case("true"))
}

/// Strings, numbers and booleans as CloudFormation prints them.
pub(crate) fn scalar_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(scalar_text).collect::<Vec<_>>().join(","),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn check_kind(kind: &str) -> Result<(), QueryError> {
    let known = matches!(kind, "String" | "Number" | "List<Number>" | "List<String>" | "CommaDelimitedList");
    let specific = kind.starts_with("AWS::EC2::")
        || kind.starts_with("AWS::Route53::")
        || (kind.starts_with("List<AWS::") && kind.ends_with('>'));
    if known || specific || looking_up::is_ssm(kind) {
        return Ok(());
    }
    Err(QueryError::validation(format!("Template format error: Unrecognized parameter type: {kind}")))
}

fn typed(kind: &str, text: &str) -> Value {
    if kind == "CommaDelimitedList" || kind.starts_with("List<") {
        if text.is_empty() {
            return Value::Array(Vec::new());
        }
        return Value::Array(text.split(',').map(|item| Value::String(item.trim().to_owned())).collect());
    }
    Value::String(text.to_owned())
}

fn check_constraints(name: &str, kind: &str, declaration: &Map<String, Value>, text: &str) -> Result<(), QueryError> {
    let refuse = |message: String| {
        let message = declaration
            .get("ConstraintDescription")
            .and_then(Value::as_str)
            .map_or(message, |own| format!("Parameter {name} failed to satisfy constraint: {own}"));
        Err(QueryError::validation(message))
    };
    if let Some(Value::Array(allowed)) = declaration.get("AllowedValues") {
        let items: Vec<&str> =
            if kind == "CommaDelimitedList" { text.split(',').map(str::trim).collect() } else { vec![text] };
        if !items.iter().all(|item| allowed.iter().any(|value| scalar_text(value) == *item)) {
            let allowed: Vec<_> = allowed.iter().map(scalar_text).collect();
            return refuse(format!("Parameter '{name}' must be one of AllowedValues ({})", allowed.join(", ")));
        }
    }
    if let Some(pattern) = declaration.get("AllowedPattern").and_then(Value::as_str) {
        match matches_pattern(pattern, text) {
            Ok(true) => {}
            Ok(false) => return refuse(format!("Parameter {name} must match pattern {pattern}")),
            Err(()) => {
                return Err(QueryError::validation(format!(
                    "Template format error: AllowedPattern of parameter {name} is not a regular expression"
                )));
            }
        }
    }
    let limit = |key: &str| declaration.get(key).map(scalar_text).and_then(|value| value.parse::<f64>().ok());
    let length = text.chars().count() as f64;
    if limit("MinLength").is_some_and(|minimum| length < minimum) {
        return refuse(format!(
            "Parameter '{name}' must contain at least {} characters",
            limit("MinLength").unwrap_or(0.0)
        ));
    }
    if limit("MaxLength").is_some_and(|maximum| maximum < length) {
        return refuse(format!(
            "Parameter '{name}' must contain at most {} characters",
            limit("MaxLength").unwrap_or(0.0)
        ));
    }
    if kind == "Number" {
        let Ok(number) = text.trim().parse::<f64>() else {
            return refuse(format!("Parameter '{name}' must be a number"));
        };
        if limit("MinValue").is_some_and(|minimum| number < minimum) {
            return refuse(format!(
                "Parameter '{name}' must be a number not less than {}",
                limit("MinValue").unwrap_or(0.0)
            ));
        }
        if limit("MaxValue").is_some_and(|maximum| maximum < number) {
            return refuse(format!(
                "Parameter '{name}' must be a number not greater than {}",
                limit("MaxValue").unwrap_or(0.0)
            ));
        }
    }
    Ok(())
}

/// The whole value must match, as CloudFormation has it.
fn matches_pattern(pattern: &str, text: &str) -> Result<bool, ()> {
    let whole = regex_lite::Regex::new(&format!("^(?:{pattern})$")).map_err(|_| ())?;
    Ok(whole.is_match(text))
}
