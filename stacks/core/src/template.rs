//! A CloudFormation template, in the order in which it was built.

use crate::resource::RemovalPolicy;
use crate::value::Value;
use indexmap::IndexMap;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json, json};

/// A synthesised template: every reference stays within it.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Template {
    #[serde(rename = "AWSTemplateFormatVersion")]
    pub version: FormatVersion,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Json>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub parameters: IndexMap<String, Parameter>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub conditions: IndexMap<String, Condition>,
    pub resources: IndexMap<String, Resource>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub outputs: IndexMap<String, Output>,
}

/// The format has had one version since 2010.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub enum FormatVersion {
    #[default]
    #[serde(rename = "2010-09-09")]
    V2010,
}

impl Template {
    /// The template as a JSON value, sections and members in order.
    pub fn to_json(&self) -> Result<Json, serde_json::Error> {
        serde_json::to_value(self)
    }

    /// The shortest body that says the same: what is sent to CloudFormation, whose limit is 51,200 bytes.
    pub fn to_body(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

/// One resource of a template.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Resource {
    #[serde(rename = "Type")]
    pub resource_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<ConditionName>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion_policy: Option<RemovalPolicy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_replace_policy: Option<RemovalPolicy>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Json>,
    #[serde(skip_serializing_if = "is_empty_object")]
    pub properties: Json,
}

fn is_empty_object(json: &Json) -> bool {
    json.as_object().is_some_and(Map::is_empty)
}

/// What a deployer must or may supply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Parameter {
    #[serde(rename = "Type")]
    pub kind: ParameterType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_values: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_pattern: Option<String>,
    #[serde(skip_serializing_if = "is_shown")]
    pub no_echo: Echo,
}

/// Whether CloudFormation may show a parameter's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echo {
    Shown,
    Masked,
}

const fn is_shown(echo: &Echo) -> bool {
    matches!(echo, Echo::Shown)
}

impl Serialize for Echo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(matches!(self, Self::Masked))
    }
}

impl Parameter {
    /// A string that the deployer must supply.
    #[must_use]
    pub const fn required_string(description: Option<String>) -> Self {
        Self {
            kind: ParameterType::String,
            default: None,
            description,
            allowed_values: Vec::new(),
            allowed_pattern: None,
            no_echo: Echo::Shown,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum ParameterType {
    String,
    Number,
    CommaDelimitedList,
    #[serde(rename = "AWS::SSM::Parameter::Value<String>")]
    SsmString,
}

/// The name of a condition that its stack defines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConditionName(pub(crate) String);

impl ConditionName {
    /// `Fn::If` in the condition's own stack: `then` when it holds.
    #[must_use]
    pub fn choose<T: Serialize>(&self, then: &Value<T>, otherwise: &Value<T>) -> Value<T> {
        Value::function("Fn::If", json!([self.0, then, otherwise]))
    }
}

/// A condition over parameters.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    Equals(Value<String>, Value<String>),
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
    Named(ConditionName),
    /// A condition whose references synthesis has resolved.
    Resolved(Json),
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Self::Resolved(json) = self {
            return json.serialize(serializer);
        }
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::Equals(left, right) => map.serialize_entry("Fn::Equals", &[left, right])?,
            Self::Not(inner) => map.serialize_entry("Fn::Not", &[inner])?,
            Self::And(inner) => map.serialize_entry("Fn::And", inner)?,
            Self::Or(inner) => map.serialize_entry("Fn::Or", inner)?,
            Self::Named(name) => map.serialize_entry("Condition", name)?,
            Self::Resolved(_) => {}
        }
        map.end()
    }
}

/// A value that the stack shows to people and hands to other stacks.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Output {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<ConditionName>,
    pub value: Json,
    #[serde(skip)]
    pub audience: Audience,
}

/// For whom an output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Declared by the topology; shown after a deployment.
    People,
    /// Because another stack reads the value: declared so, or made by synthesis.
    Stacks,
}
