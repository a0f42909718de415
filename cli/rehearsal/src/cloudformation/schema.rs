//! What the resource schemas say, in the words of CloudFormation.

use super::changes::UNKNOWN;
use super::dynamic::is_dynamic;
use como_resources::facts::{self, Finding};
use serde_json::{Map, Value, json};

/// Types that CloudFormation itself makes, without a schema that we carry.
const BUILT_IN: [&str; 2] = ["AWS::CDK::Metadata", "AWS::CloudFormation::WaitConditionHandle"];

pub(crate) fn is_built_in(resource_type: &str) -> bool {
    BUILT_IN.contains(&resource_type)
}

pub(crate) fn is_known(resource_type: &str, region: &str) -> bool {
    is_built_in(resource_type) || facts::of(resource_type).is_some_and(|facts| facts.supported_in(region))
}

/// Whether `Fn::GetAtt` may name the attribute. Types also answer for many of their own properties, which the schemas
/// do not tell apart, so a top-level property counts.
pub(crate) fn has_attribute(resource_type: &str, attribute: &str) -> bool {
    let Some(facts) = facts::of(resource_type) else { return is_built_in(resource_type) };
    let first = attribute.split('.').next().unwrap_or_default();
    facts.attributes().any(|name| name == attribute) || facts.property(first).is_some()
}

/// What is wrong with the properties, as far as they are known. What a dynamic reference stands for, or what only the
/// deployment will tell, is judged when it is known.
pub(crate) fn findings(resource_type: &str, properties: &Map<String, Value>) -> Vec<Finding> {
    if is_built_in(resource_type) {
        return Vec::new();
    }
    facts::check(resource_type, &known(&Value::Object(properties.clone())))
}

/// The resource handler's refusal of the properties, if it has one.
pub(crate) fn refusal(logical_id: &str, resource_type: &str, properties: &Map<String, Value>) -> Option<String> {
    let lines: Vec<String> = findings(resource_type, properties).iter().map(ToString::to_string).collect();
    let text = match lines.as_slice() {
        [] => return None,
        [one] => one.clone(),
        many => format!("#: {} schema violations found\n{}", many.len(), many.join("\n")),
    };
    Some(format!("Properties validation failed for resource {logical_id} with message:\n{text}"))
}

/// Puts a call of a function, which passes as any type, where a value is not known yet.
fn known(value: &Value) -> Value {
    match value {
        Value::String(text) if text.contains(UNKNOWN) || is_dynamic(value) => json!({ "Ref": "AWS::NotKnownYet" }),
        Value::Array(items) => items.iter().map(known).collect(),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, field)| (name.clone(), known(field))).collect())
        }
        other => other.clone(),
    }
}
