//! What differs between two versions of a resource's properties, and whether the resource outlives the change.

use super::parameters::scalar_text;
use como_resources::facts::{self, Replacement};
use serde_json::{Map, Value};

/// One value that differs, as deep as both sides have the same structure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Difference {
    /// Names and positions, from the property on.
    pub path: Vec<String>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// In order of the old version, then what is new.
pub(crate) fn differences(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<Difference> {
    let mut found = Vec::new();
    in_objects(&[], before, after, &mut found);
    found
}

/// What the difference does to a resource of the type.
pub(crate) fn replacement(resource_type: &str, difference: &Difference) -> Replacement {
    let Some(facts) = facts::of(resource_type) else { return Replacement::Never };
    let path = difference.path.join(".");
    if facts.is_create_only(&path) {
        return Replacement::Always;
    }
    if facts.is_conditional_create_only(&path) {
        return Replacement::Conditional;
    }
    // Something may be create-only within what came or went as a whole.
    let sides = [&difference.before, &difference.after].into_iter().flatten();
    sides.map(|side| within(resource_type, &difference.path, side)).max().unwrap_or(Replacement::Never)
}

/// Whether the resource is replaced once the change is carried out; the user guide decides where the schema leaves it
/// open.
pub(crate) fn replaces(resource_type: &str, difference: &Difference) -> bool {
    match replacement(resource_type, difference) {
        Replacement::Always => true,
        Replacement::Never => false,
        Replacement::Conditional => {
            let property = difference.path.first().map(String::as_str).unwrap_or_default();
            match (resource_type, property) {
                // "Updating InstanceTenancy from dedicated to default" keeps the VPC, the other way does not.
                ("AWS::EC2::VPC", "InstanceTenancy") => difference.after != Some(Value::from("default")),
                // A block is associated with the subnet that is there.
                ("AWS::EC2::Subnet", "Ipv6CidrBlock") => false,
                _ => true,
            }
        }
    }
}

/// The properties that name a resource and are given by the template; a second resource cannot have them too.
pub(crate) fn custom_name<'a>(resource_type: &str, properties: &'a Map<String, Value>) -> Option<Vec<&'a Value>> {
    let identifier = facts::of(resource_type)?.primary_identifier();
    identifier.iter().map(|name| properties.get(name)).collect::<Option<Vec<_>>>().filter(|names| !names.is_empty())
}

pub(crate) fn is_replaced_by_deleting_first(resource_type: &str) -> bool {
    facts::of(resource_type).is_some_and(|facts| facts.replaced_by_deleting_first)
}

fn within(resource_type: &str, path: &[String], value: &Value) -> Replacement {
    let deeper = |name: String, value: &Value| {
        let path: Vec<String> = path.iter().cloned().chain([name]).collect();
        within(resource_type, &path, value)
    };
    match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| deeper(name.clone(), value)).max(),
        Value::Array(items) => items.iter().enumerate().map(|(index, item)| deeper(index.to_string(), item)).max(),
        _ => facts::of(resource_type).map(|facts| facts.replacement(&path.join("."))),
    }
    .unwrap_or(Replacement::Never)
}

fn in_objects(path: &[String], before: &Map<String, Value>, after: &Map<String, Value>, found: &mut Vec<Difference>) {
    let new = after.keys().filter(|name| !before.contains_key(*name));
    for name in before.keys().chain(new) {
        let path: Vec<String> = path.iter().chain([name]).cloned().collect();
        compare(path, before.get(name), after.get(name), found);
    }
}

fn compare(path: Vec<String>, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    match (before, after) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => in_objects(&path, before, after, found),
        (Some(Value::Array(before)), Some(Value::Array(after))) => {
            for index in 0..before.len().max(after.len()) {
                let path: Vec<String> = path.iter().cloned().chain([index.to_string()]).collect();
                compare(path, before.get(index), after.get(index), found);
            }
        }
        (before, after) if is_same(before, after) => {}
        (before, after) => found.push(Difference { path, before: before.cloned(), after: after.cloned() }),
    }
}

/// CloudFormation makes no difference between a number or a boolean and its text.
fn is_same(before: Option<&Value>, after: Option<&Value>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) if is_scalar(before) && is_scalar(after) => {
            scalar_text(before) == scalar_text(after)
        }
        (before, after) => before == after,
    }
}

fn is_scalar(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_))
}

#[cfg(test)]
mod tests {
    use super::{Difference, differences, replaces};
    use serde_json::{Map, Value, json};

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn check(resource_type: &str, before: Value, after: Value, paths: &[&str], expected: bool) {
        let found = differences(&object(before), &object(after));
        let found_paths: Vec<String> = found.iter().map(|difference| difference.path.join("/")).collect();
        assert_eq!(found_paths, paths);
        assert_eq!(found.iter().any(|difference: &Difference| replaces(resource_type, difference)), expected);
    }

    #[test]
    fn the_schema_decides_what_is_replaced() {
        let queue = "AWS::SQS::Queue";
        check(queue, json!({"DelaySeconds": "1"}), json!({"DelaySeconds": 1}), &[], false);
        check(queue, json!({"DelaySeconds": 1}), json!({"DelaySeconds": 2}), &["DelaySeconds"], false);
        check(queue, json!({"QueueName": "a"}), json!({"QueueName": "b"}), &["QueueName"], true);
        check("AWS::EC2::VPC", json!({"CidrBlock": "a"}), json!({"CidrBlock": "b"}), &["CidrBlock"], true);
        let tenancy = |value: &str| json!({"InstanceTenancy": value});
        check("AWS::EC2::VPC", tenancy("dedicated"), tenancy("default"), &["InstanceTenancy"], false);
        check("AWS::EC2::VPC", tenancy("default"), tenancy("dedicated"), &["InstanceTenancy"], true);
    }

    #[test]
    fn differences_are_as_deep_as_both_sides_go() {
        let before = json!({"Tags": [{"Key": "a", "Value": "1"}], "Old": {"x": 1}});
        let after = json!({"Tags": [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}], "New": true});
        check("AWS::SQS::Queue", before, after, &["Tags/0/Value", "Tags/1", "Old", "New"], false);
    }
}
