//! What of a resource differs from what its stack says.

use super::record::PropertyDifference;
use crate::cloudformation::dynamic::is_dynamic;
use crate::cloudformation::parameters::scalar_text;
use serde_json::{Map, Value};

/// Only properties that the template sets and the service tells count, as at AWS. What a dynamic reference stands for
/// is not compared, since it may be a secret.
pub(super) fn differences(expected: &Map<String, Value>, actual: &Map<String, Value>) -> Vec<PropertyDifference> {
    let mut found = Vec::new();
    for (name, wanted) in expected {
        if let Some(is) = actual.get(name) {
            compare(&format!("/{name}"), wanted, is, &mut found);
        }
    }
    found
}

fn compare(path: &str, expected: &Value, actual: &Value, found: &mut Vec<PropertyDifference>) {
    if is_dynamic(expected) {
        return;
    }
    let mut note = |path: String, expected: &Value, actual: &Value, kind: &str| {
        let (expected, actual) = (expected.clone(), actual.clone());
        found.push(PropertyDifference { path, expected, actual, kind: kind.to_owned() });
    };
    match (expected, actual) {
        (_, Value::Null) => note(path.to_owned(), expected, actual, "REMOVE"),
        (Value::Object(wanted), Value::Object(is)) => {
            for (name, value) in wanted {
                compare(&format!("{path}/{name}"), value, is.get(name).unwrap_or(&Value::Null), found);
            }
        }
        (Value::Array(wanted), Value::Array(is)) => elements(path, wanted, is, found),
        // Services tell numbers and booleans as texts, and the other way round.
        _ if scalar_text(expected) == scalar_text(actual) || is_same_number(expected, actual) => {}
        _ => note(path.to_owned(), expected, actual, "NOT_EQUAL"),
    }
}

/// A threshold of 5 is told as 5.0.
fn is_same_number(expected: &Value, actual: &Value) -> bool {
    let number = |value: &Value| value.as_f64().or_else(|| value.as_str()?.parse().ok());
    number(expected).is_some_and(|expected| number(actual) == Some(expected))
}

/// Replicas of a table are told apart by their regions, whatever their order; of each, as of a resource, only what the
/// service tells is compared.
fn elements(path: &str, wanted: &[Value], is: &[Value], found: &mut Vec<PropertyDifference>) {
    let is_by_region = wanted.iter().chain(is).all(|element| element["Region"].is_string());
    let counterpart = |index: usize, element: &Value| {
        if is_by_region { is.iter().find(|other| other["Region"] == element["Region"]) } else { is.get(index) }
    };
    for (index, value) in wanted.iter().enumerate() {
        let path = format!("{path}/{index}");
        match (counterpart(index, value), value) {
            (Some(Value::Object(other)), Value::Object(fields)) if is_by_region => {
                for (name, field) in fields {
                    if let Some(other) = other.get(name) {
                        compare(&format!("{path}/{name}"), field, other, found);
                    }
                }
            }
            (other, _) => compare(&path, value, other.unwrap_or(&Value::Null), found),
        }
    }
    let is_wanted = |index: usize, element: &Value| match is_by_region {
        true => wanted.iter().any(|other| other["Region"] == element["Region"]),
        false => index < wanted.len(),
    };
    for (index, value) in is.iter().enumerate().filter(|(index, value)| !is_wanted(*index, value)) {
        found.push(PropertyDifference {
            path: format!("{path}/{index}"),
            expected: Value::Null,
            actual: value.clone(),
            kind: "ADD".to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::differences;
    use serde_json::{Value, json};

    fn check(expected: Value, actual: Value, paths: &[&str]) {
        let (Value::Object(expected), Value::Object(actual)) = (expected, actual) else { unreachable!() };
        let found = differences(&expected, &actual);
        let found: Vec<String> = found.iter().map(|one| format!("{} {}", one.path, one.kind)).collect();
        assert_eq!(found, paths);
    }

    #[test]
    fn only_what_the_template_sets_is_compared() {
        check(json!({"A": 1, "B": true}), json!({"A": "1", "B": "true", "C": 3}), &[]);
        check(json!({"A": 1, "Unseen": 2}), json!({"A": 2}), &["/A NOT_EQUAL"]);
        check(json!({"T": 5, "U": "5", "V": "a"}), json!({"T": 5.0, "U": "5.0", "V": "b"}), &["/V NOT_EQUAL"]);
        check(json!({"P": {"x": 1, "y": 2}}), json!({"P": {"x": 1, "z": 3}}), &["/P/y REMOVE"]);
        check(json!({"L": ["a"]}), json!({"L": ["b", "c"]}), &["/L/0 NOT_EQUAL", "/L/1 ADD"]);
        check(json!({"S": "{{resolve:ssm:name}}"}), json!({"S": "value"}), &[]);
    }

    #[test]
    fn replicas_are_told_apart_by_their_regions() {
        let replica = |region: &str, protected: bool| json!({"Region": region, "DeletionProtectionEnabled": protected});
        let mut first = replica("here", true);
        first["Unseen"] = json!(1);
        let wanted = json!({"Replicas": [first, replica("there", true)]});
        check(wanted.clone(), json!({"Replicas": [replica("there", true), replica("here", true)]}), &[]);
        let is = json!({"Replicas": [replica("there", true), replica("here", false)]});
        check(wanted.clone(), is, &["/Replicas/0/DeletionProtectionEnabled NOT_EQUAL"]);
        let is = json!({"Replicas": [replica("here", true), replica("elsewhere", true)]});
        check(wanted, is, &["/Replicas/1 REMOVE", "/Replicas/1 ADD"]);
    }
}
