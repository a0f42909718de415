//! Event patterns; the EventBridge user guide, "Comparison operators for use in event patterns".

use serde_json::{Map, Value};

/// The comparisons that [`matches`] understands.
const COMPARISONS: &[&str] =
    &["prefix", "suffix", "equals-ignore-case", "anything-but", "exists", "numeric", "wildcard"];

/// Whether an event has what a pattern asks for.
pub(crate) fn matches(pattern: &Map<String, Value>, event: &Value) -> bool {
    pattern.iter().all(|(name, wanted)| {
        if name == "$or" {
            let choices = wanted.as_array().into_iter().flatten().filter_map(Value::as_object);
            return choices.into_iter().any(|choice| matches(choice, event));
        }
        match wanted {
            Value::Object(inner) => event.get(name).is_some_and(|event| matches(inner, event)),
            Value::Array(choices) => any(choices, event.get(name)),
            _ => false,
        }
    })
}

/// What is wrong with a pattern.
pub(super) fn check(pattern: &Map<String, Value>) -> Result<(), String> {
    for (name, wanted) in pattern {
        match wanted {
            Value::Object(inner) => check(inner)?,
            Value::Array(choices) if choices.is_empty() => {
                return Err(format!("Empty arrays are not allowed at {name}"));
            }
            Value::Array(choices) if name != "$or" => {
                for comparison in choices.iter().filter_map(Value::as_object).flat_map(Map::keys) {
                    if !COMPARISONS.contains(&comparison.as_str()) {
                        return Err(format!("the rehearsal cloud does not offer the comparison {comparison}"));
                    }
                }
            }
            Value::Array(_) => {}
            _ => return Err(format!("\"{name}\" must be an object or an array")),
        }
    }
    Ok(())
}

/// A list of values matches when one of them does.
fn any(choices: &[Value], value: Option<&Value>) -> bool {
    match value {
        Some(Value::Array(values)) if !values.is_empty() => {
            values.iter().any(|value| choices.iter().any(|choice| one(choice, Some(value))))
        }
        value => choices.iter().any(|choice| one(choice, value)),
    }
}

fn one(choice: &Value, value: Option<&Value>) -> bool {
    let Some(comparison) = choice.as_object() else { return value == Some(choice) };
    let text = value.and_then(Value::as_str);
    comparison.iter().all(|(name, operand)| {
        let wanted = operand.as_str().unwrap_or_default();
        match name.as_str() {
            "exists" => operand.as_bool() == Some(value.is_some()),
            "prefix" => text.is_some_and(|text| text.starts_with(wanted)),
            "suffix" => text.is_some_and(|text| text.ends_with(wanted)),
            "equals-ignore-case" => text.is_some_and(|text| text.eq_ignore_ascii_case(wanted)),
            "wildcard" => text.is_some_and(|text| wildcard(wanted, text)),
            "anything-but" => value.is_some_and(|value| match operand {
                Value::Array(list) => !list.contains(value),
                Value::Object(_) => !one(operand, Some(value)),
                other => other != value,
            }),
            "numeric" => value.and_then(Value::as_f64).is_some_and(|number| numeric(operand, number)),
            _ => false,
        }
    })
}

/// `[">", 0, "<=", 5]`
fn numeric(operand: &Value, number: f64) -> bool {
    let parts = operand.as_array().map(Vec::as_slice).unwrap_or_default();
    parts.chunks(2).all(|pair| {
        let [sign, bound] = pair else { return false };
        let Some(bound) = bound.as_f64() else { return false };
        match sign.as_str() {
            Some("<") => number < bound,
            Some("<=") => number <= bound,
            Some("=") => (number - bound).abs() < f64::EPSILON,
            Some(">=") => bound <= number,
            Some(">") => bound < number,
            _ => false,
        }
    })
}

/// Whether a text fits a pattern whose stars stand for anything.
pub(crate) fn wildcard(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::matches;
    use serde_json::{Value, json};

    fn check(pattern: Value, expected: bool) {
        let event = json!({ "source": "como.test", "detail": { "state": "ALARM", "count": 3, "tags": ["a", "b"] } });
        assert_eq!(matches(pattern.as_object().unwrap(), &event), expected, "{pattern}");
    }

    #[test]
    fn patterns_match_as_eventbridge_has_them() {
        check(json!({ "source": ["como.test"] }), true);
        check(json!({ "source": ["other"] }), false);
        check(json!({ "source": [{ "prefix": "como." }], "detail": { "state": ["OK", "ALARM"] } }), true);
        check(json!({ "detail": { "state": [{ "anything-but": ["ALARM"] }] } }), false);
        check(json!({ "detail": { "count": [{ "numeric": [">", 2, "<=", 3] }] } }), true);
        check(json!({ "detail": { "missing": [{ "exists": false }] } }), true);
        check(json!({ "detail": { "tags": ["b"] } }), true);
        check(json!({ "source": [{ "wildcard": "c*t*t" }] }), true);
        check(json!({ "source": [{ "wildcard": "c*x" }] }), false);
        check(json!({ "$or": [{ "source": ["other"] }, { "detail": { "count": [3] } }] }), true);
    }
}
