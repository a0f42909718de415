//! A template's sections, in their written order.

use super::wire::QueryError;
use super::yaml;
use indexmap::IndexMap;
use serde_json::{Map, Value};

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
const MAXIMUM_RESOURCES: usize = 500;
const MAXIMUM_MEMBERS: usize = 200;
const MAXIMUM_DESCRIPTION: usize = 1_024;
const SECTIONS: [&str; 10] = [
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
];
const RESOURCE_KEYS: [&str; 9] = [
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
];

#[derive(Debug, Clone)]
pub(crate) struct Template {
    pub description: Option<String>,
    /// Raw declarations; [`super::parameters`] reads them.
    pub parameters: IndexMap<String, Map<String, Value>>,
    pub mappings: Map<String, Value>,
    pub conditions: IndexMap<String, Value>,
    pub resources: IndexMap<String, ResourceDeclaration>,
    pub outputs: IndexMap<String, OutputDeclaration>,
    pub metadata: Option<Value>,
}

#[derive(Debug, Clone)]
pub(crate) struct ResourceDeclaration {
    pub resource_type: String,
    pub properties: Map<String, Value>,
    pub depends_on: Vec<String>,
    pub condition: Option<String>,
    pub deletion_policy: DeletionPolicy,
    /// The template says it, and it is no default.
    pub has_deletion_policy: bool,
    /// Of what a replacement leaves behind.
    pub update_replace_policy: DeletionPolicy,
    pub metadata: Option<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeletionPolicy {
    Delete,
    Retain,
    /// Kept when the stack is deleted, but not when its creation is rolled back.
    RetainExceptOnCreate,
    /// Treated as `Delete`: a rehearsal keeps no snapshots.
    Snapshot,
}

#[derive(Debug, Clone)]
pub(crate) struct OutputDeclaration {
    pub value: Value,
    pub description: Option<String>,
    pub condition: Option<String>,
    pub export: Option<Value>,
}

impl Template {
    pub(crate) fn parse(text: &str) -> Result<Self, QueryError> {
        let Value::Object(mut body) = yaml::parse(text)? else {
            return Err(format_error("unsupported structure."));
        };
        let unknown: Vec<_> = body.keys().filter(|key| !SECTIONS.contains(&key.as_str())).cloned().collect();
        if !unknown.is_empty() {
            return Err(QueryError::validation(format!(
                "Invalid template property or properties [{}]",
                unknown.join(", ")
            )));
        }
        if body.contains_key("Transform") {
            return Err(format_error("Transform is not there yet in the rehearsal cloud"));
        }
        if body.contains_key("Rules") {
            return Err(format_error("Rules are not there yet in the rehearsal cloud"));
        }
        if let Some(version) = body.get("AWSTemplateFormatVersion")
            && version != "2010-09-09"
        {
            return Err(format_error("Template format version not supported."));
        }
        let resources = section(&mut body, "Resources")?;
        if resources.is_empty() {
            return Err(format_error("At least one Resources member must be defined."));
        }
        check_number("resources", resources.len(), MAXIMUM_RESOURCES)?;
        for (name, what) in [("Mappings", "mappings"), ("Outputs", "outputs"), ("Parameters", "parameters")] {
            let members = body.get(name).and_then(Value::as_object).map_or(0, Map::len);
            check_number(what, members, MAXIMUM_MEMBERS)?;
        }
        let description = body.get("Description").and_then(Value::as_str).unwrap_or_default();
        if MAXIMUM_DESCRIPTION < description.len() {
            return Err(format_error(format!("'Description' length is greater than {MAXIMUM_DESCRIPTION}.")));
        }
        Ok(Self {
            description: body.get("Description").and_then(Value::as_str).map(str::to_owned),
            parameters: section(&mut body, "Parameters")?
                .into_iter()
                .map(|(name, value)| Ok((name.clone(), object(value, &format!("Parameters/{name}"))?)))
                .collect::<Result<_, QueryError>>()?,
            mappings: section(&mut body, "Mappings")?,
            conditions: section(&mut body, "Conditions")?.into_iter().collect(),
            resources: resources
                .into_iter()
                .map(|(id, value)| Ok((id.clone(), ResourceDeclaration::parse(&id, value)?)))
                .collect::<Result<_, QueryError>>()?,
            outputs: section(&mut body, "Outputs")?
                .into_iter()
                .map(|(name, value)| Ok((name.clone(), OutputDeclaration::parse(&name, value)?)))
                .collect::<Result<_, QueryError>>()?,
            metadata: body.get("Metadata").cloned(),
        })
    }
}

impl ResourceDeclaration {
    fn parse(id: &str, value: Value) -> Result<Self, QueryError> {
        if id.is_empty() || !id.chars().all(|character| character.is_ascii_alphanumeric()) {
            return Err(format_error(format!("Resource name {id} is non alphanumeric.")));
        }
        let mut body = match value {
            Value::Object(body) => body,
            _ => return Err(format_error(format!("[/Resources/{id}] resource definition is malformed"))),
        };
        if let Some(key) = body.keys().find(|key| !RESOURCE_KEYS.contains(&key.as_str())) {
            return Err(QueryError::validation(format!("Invalid template resource property '{key}'")));
        }
        let Some(Value::String(resource_type)) = body.remove("Type") else {
            return Err(format_error(format!("[/Resources/{id}] Every Resources object must contain a Type member.")));
        };
        let properties = match body.remove("Properties") {
            None | Some(Value::Null) => Map::new(),
            Some(value) => object(value, &format!("Resources/{id}/Properties"))?,
        };
        let depends_on = match body.remove("DependsOn") {
            None => Vec::new(),
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(_) => {
                return Err(format_error(format!(
                    "[/Resources/{id}/DependsOn] 'null' values are not allowed in templates"
                )));
            }
        };
        let condition = text(body.remove("Condition"));
        let policy = |name: &str| match body.get(name).map(|policy| policy.as_str().unwrap_or("")) {
            // <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html>: resources
            // that can have a snapshot default to it; the rehearsal has no such type yet.
            None | Some("Delete") => Ok(DeletionPolicy::Delete),
            Some("Retain") => Ok(DeletionPolicy::Retain),
            Some("RetainExceptOnCreate") if name == "DeletionPolicy" => Ok(DeletionPolicy::RetainExceptOnCreate),
            Some("Snapshot") => Ok(DeletionPolicy::Snapshot),
            Some(_) => Err(format_error(format!("Unrecognized {name} for resource {id}"))),
        };
        let (deletion_policy, update_replace_policy) = (policy("DeletionPolicy")?, policy("UpdateReplacePolicy")?);
        Ok(Self {
            resource_type,
            properties,
            depends_on,
            condition,
            deletion_policy,
            has_deletion_policy: body.contains_key("DeletionPolicy"),
            update_replace_policy,
            metadata: body.get("Metadata").cloned(),
        })
    }
}

impl OutputDeclaration {
    fn parse(name: &str, value: Value) -> Result<Self, QueryError> {
        let mut body = object(value, &format!("Outputs/{name}"))?;
        let Some(value) = body.remove("Value").filter(|value| !value.is_null()) else {
            return Err(format_error(format!("Every Outputs member must contain a Value object ({name})")));
        };
        let export = match body.remove("Export") {
            Some(Value::Object(mut export)) => export.remove("Name"),
            _ => None,
        };
        Ok(Self {
            value,
            description: text(body.remove("Description")),
            condition: text(body.remove("Condition")),
            export,
        })
    }
}

fn section(body: &mut Map<String, Value>, name: &str) -> Result<Map<String, Value>, QueryError> {
    match body.remove(name) {
        None => Ok(Map::new()),
        Some(value) => object(value, name),
    }
}

fn object(value: Value, path: &str) -> Result<Map<String, Value>, QueryError> {
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(format_error(format!("[/{path}] every member must be an object."))),
    }
}

fn check_number(what: &str, number: usize, most: usize) -> Result<(), QueryError> {
    if number <= most {
        return Ok(());
    }
    Err(format_error(format!("Number of {what}, {number}, is greater than maximum allowed, {most}")))
}

fn text(value: Option<Value>) -> Option<String> {
    match value {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn format_error(message: impl AsRef<str>) -> QueryError {
    QueryError::validation(format!("Template format error: {}", message.as_ref()))
}
