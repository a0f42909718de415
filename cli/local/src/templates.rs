//! Makes what templates declare, as far as a process of its own needs it, without CloudFormation.
//!
//! Tables, the queue, the user pool and the sender of mails come out of the same templates as on AWS. Of intrinsic functions,
//! references to what was made before are resolved; a property that refers to anything else (a key of KMS, a topic) is left
//! out, since nothing here has it.

use como_rehearsal::provision::{ProvisionError, Provisioned};
use como_rehearsal::stores::{Stores, Wanted};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use thiserror::Error;

/// What a process of its own needs; everything else of a template is passed over.
const MADE: [&str; 8] = [
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolGroup",
    "AWS::Cognito::UserPoolResourceServer",
    "AWS::DynamoDB::GlobalTable",
    "AWS::SES::ConfigurationSet",
    "AWS::SES::EmailIdentity",
    "AWS::SQS::Queue",
];
/// Only read: the settings of tasks.
const PARAMETER: &str = "AWS::SSM::Parameter";

#[derive(Debug, Error)]
#[error("could not make {logical_id}, {resource_type}")]
pub struct MakeError {
    pub logical_id: String,
    pub resource_type: String,
    #[source]
    pub source: ProvisionError,
}

/// What came of the templates.
#[derive(Debug, Default)]
pub(crate) struct Made {
    /// Outputs of all stacks, by name.
    outputs: BTreeMap<String, Value>,
    /// Values of parameters, by name.
    parameters: BTreeMap<String, String>,
}

impl Made {
    pub(crate) fn output(&self, name: &str) -> Option<&str> {
        self.outputs.get(name)?.as_str()
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }
}

/// What references within one template lead to.
struct Scope<'a> {
    account: &'a str,
    region: &'a str,
    made: BTreeMap<String, Provisioned>,
}

/// `stacks` are names and templates, in the order of their dependencies.
pub(crate) async fn make(
    stores: &Stores,
    account: &str,
    region: &str,
    stacks: &[(String, Value)],
) -> Result<Made, MakeError> {
    let mut all = Made::default();
    for (stack, template) in stacks {
        let mut scope = Scope { account, region, made: BTreeMap::new() };
        for (logical_id, resource) in members(&template["Resources"]) {
            let resource_type = resource["Type"].as_str().unwrap_or_default();
            let properties = members(&resource["Properties"]);
            let properties = properties.filter_map(|(key, value)| Some((key.clone(), scope.resolve(value)?)));
            let properties: Map<String, Value> = properties.collect();
            if resource_type == PARAMETER
                && let (Some(name), Some(value)) = (text(&properties, "Name"), text(&properties, "Value"))
            {
                all.parameters.insert(name.to_owned(), value.to_owned());
            }
            if !MADE.contains(&resource_type) {
                continue;
            }
            let wanted = Wanted {
                stack: stack.clone(),
                logical_id: logical_id.clone(),
                resource_type: resource_type.to_owned(),
                properties,
            };
            let made = stores.make(wanted).await.map_err(|source| MakeError {
                logical_id: logical_id.clone(),
                resource_type: resource_type.to_owned(),
                source,
            })?;
            scope.made.insert(logical_id.clone(), made);
        }
        let outputs = members(&template["Outputs"]);
        all.outputs.extend(outputs.filter_map(|(name, output)| Some((name.clone(), scope.resolve(&output["Value"])?))));
    }
    Ok(all)
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text<'a>(properties: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    properties.get(key)?.as_str()
}

impl Scope<'_> {
    /// Nothing where it depends on what is not here.
    fn resolve(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Object(fields) => match function(fields) {
                Some(("Ref", name)) => self.reference(name.as_str()?),
                Some(("Fn::GetAtt", parts)) => {
                    let (id, attribute) = (parts[0].as_str()?, parts[1].as_str()?);
                    self.made.get(id)?.attributes.get(attribute).cloned()
                }
                Some(_) => None,
                None => {
                    let fields = fields.iter();
                    let known = fields.filter_map(|(key, value)| Some((key.clone(), self.resolve(value)?)));
                    Some(Value::Object(known.collect()))
                }
            },
            Value::Array(items) => Some(items.iter().filter_map(|item| self.resolve(item)).collect()),
            plain => Some(plain.clone()),
        }
    }

    fn reference(&self, name: &str) -> Option<Value> {
        match name {
            "AWS::AccountId" => Some(json!(self.account)),
            "AWS::Partition" => Some(json!("aws")),
            "AWS::Region" => Some(json!(self.region)),
            id => self.made.get(id).map(|made| json!(made.physical_id)),
        }
    }
}

/// The intrinsic function that an object stands for.
fn function(fields: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, value) = fields.iter().next()?;
    (fields.len() == 1 && (name == "Ref" || name == "Condition" || name.starts_with("Fn::"))).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_here_is_left_out() {
        let queue = Provisioned {
            physical_id: "http://queue".to_owned(),
            attributes: BTreeMap::from([("Arn".to_owned(), json!("arn:queue"))]),
        };
        let made = BTreeMap::from([("Queue".to_owned(), queue)]);
        let scope = Scope { account: "123456789012", region: "ap-southeast-1", made };
        let template = json!({
            "Url": { "Ref": "Queue" },
            "Key": { "Ref": "KeysKeyArn" },
            "Redrive": { "deadLetterTargetArn": { "Fn::GetAtt": ["Queue", "Arn"] }, "maxReceiveCount": 3 },
            "Replicas": [{ "Region": { "Ref": "AWS::Region" }, "Key": { "Fn::GetAtt": ["Key", "Arn"] } }],
            "Name": { "Fn::Sub": "a-${AWS::Region}" },
        });
        let expected = json!({
            "Url": "http://queue",
            "Redrive": { "deadLetterTargetArn": "arn:queue", "maxReceiveCount": 3 },
            "Replicas": [{ "Region": "ap-southeast-1" }],
        });
        assert_eq!(scope.resolve(&template), Some(expected));
    }
}
