//! What the resource schemas say, in the words of CloudFormation.

use super::dynamic::is_dynamic;
use como_resources::facts::{self, FindingKind};
use serde_json::{Map, Value};

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

/// The resource handler's refusal of the properties, if it has one.
pub(crate) fn refusal(logical_id: &str, resource_type: &str, properties: &Map<String, Value>) -> Option<String> {
    if is_built_in(resource_type) {
        return None;
    }
    // What a dynamic reference stands for is judged when it is known.
    let mut findings = facts::check(resource_type, &Value::Object(properties.clone()));
    findings.retain(|finding| {
        let name = finding.path.split('/').next().unwrap_or_default();
        finding.kind == FindingKind::UnknownProperty || !properties.get(name).is_some_and(is_dynamic)
    });
    if findings.is_empty() {
        return None;
    }
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    let text = match lines.as_slice() {
        [one] => one.clone(),
        many => format!("#: {} schema violations found\n{}", many.len(), many.join("\n")),
    };
    Some(format!("Properties validation failed for resource {logical_id} with message:\n{text}"))
}
