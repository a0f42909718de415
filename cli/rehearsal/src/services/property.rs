//! Reading resource properties, with CloudFormation's coercions between text, numbers and booleans.

use serde_json::{Map, Value};

pub(crate) type Properties = Map<String, Value>;

pub(crate) fn text<'a>(properties: &'a Properties, name: &str) -> Option<&'a str> {
    properties.get(name).and_then(Value::as_str)
}

pub(crate) fn number(properties: &Properties, name: &str) -> Option<u64> {
    as_number(properties.get(name)?)
}

pub(crate) fn flag(properties: &Properties, name: &str) -> Option<bool> {
    match properties.get(name)? {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

pub(crate) fn object<'a>(properties: &'a Properties, name: &str) -> Option<&'a Properties> {
    properties.get(name).and_then(Value::as_object)
}

/// The objects of a list; an absent list is empty.
pub(crate) fn objects<'a>(properties: &'a Properties, name: &str) -> impl Iterator<Item = &'a Properties> {
    properties.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

/// The texts of a list; an absent list is empty.
pub(crate) fn texts(properties: &Properties, name: &str) -> Vec<String> {
    let items = properties.get(name).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

pub(crate) fn as_number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}
