//! Tags of a stack, which go to those of its resources that can be tagged.
//!
//! "CloudFormation also propagates these tags to resources in the stack", says the API of `Tags`; a tag that the resource
//! declares itself wins. Only tags that can change on a living resource count, so that tags never replace anything.

use como_resources::facts::model::Shape;
use como_resources::facts::{self, Replacement};
use serde_json::{Map, Value, json};

type Tag = (String, String);

/// The stack's tags as far as a resource of the type takes them.
pub(super) fn taken(resource_type: &str, of_stack: &[Tag]) -> Vec<Tag> {
    if property(resource_type).is_some() { of_stack.to_vec() } else { Vec::new() }
}

/// The properties with the stack's tags among the resource's own.
pub(super) fn tagged(resource_type: &str, properties: &Map<String, Value>, of_stack: &[Tag]) -> Map<String, Value> {
    let mut properties = properties.clone();
    let Some((name, shape)) = property(resource_type).filter(|_| !of_stack.is_empty()) else { return properties };
    let is_map = matches!(shape, Shape::Map { .. });
    let tags = properties.entry(name).or_insert_with(|| if is_map { json!({}) } else { json!([]) });
    for (key, value) in of_stack {
        match tags {
            Value::Object(tags) => {
                tags.entry(key).or_insert_with(|| json!(value));
            }
            Value::Array(tags) if !tags.iter().any(|tag| tag["Key"] == json!(key)) => {
                tags.push(json!({ "Key": key, "Value": value }));
            }
            _ => {}
        }
    }
    properties
}

fn property(resource_type: &str) -> Option<(&'static str, &'static Shape)> {
    let facts = facts::of(resource_type)?;
    let name = facts.tags.as_deref()?;
    let shape = facts.property(name)?.shape;
    (facts.replacement(name) == Replacement::Never).then_some((name, shape))
}

#[cfg(test)]
mod tests {
    use super::{tagged, taken};
    use serde_json::{Value, json};

    fn check(resource_type: &str, properties: Value, expected: Value) {
        let of_stack = [("owner".to_owned(), "ops".to_owned()), ("stage".to_owned(), "prod".to_owned())];
        let properties = tagged(resource_type, properties.as_object().unwrap(), &taken(resource_type, &of_stack));
        assert_eq!(Value::Object(properties), expected, "{resource_type}");
    }

    #[test]
    fn tags_of_the_stack_join_those_of_the_resource() {
        let own = json!({ "Tags": [{ "Key": "owner", "Value": "me" }] });
        let both = json!({ "Tags": [{ "Key": "owner", "Value": "me" }, { "Key": "stage", "Value": "prod" }] });
        check("AWS::SQS::Queue", own, both);
        check("AWS::Cognito::UserPool", json!({}), json!({ "UserPoolTags": { "owner": "ops", "stage": "prod" } }));
        check("AWS::EC2::Route", json!({ "RouteTableId": "r" }), json!({ "RouteTableId": "r" }));
    }
}
