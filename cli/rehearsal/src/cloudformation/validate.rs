//! What CloudFormation refuses at the call, before a stack exists.
//!
//! Wording as observed at AWS; a wrong property is found later, by the resource's handler (see [`super::schema`]).

use super::conditions::{self, Conditions};
use super::graph::{self, Reference, references};
use super::intrinsics::{Imported, Pseudo, ResolveError, Scope, function_of};
use super::parameters::ParameterValues;
use super::schema;
use super::template::Template;
use super::wire::QueryError;
use indexmap::IndexMap;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

const PSEUDO: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];
const FUNCTIONS: [&str; 12] = [
    "Fn::Base64",
    "Fn::Cidr",
    "Fn::FindInMap",
    "Fn::GetAZs",
    "Fn::GetAtt",
    "Fn::If",
    "Fn::ImportValue",
    "Fn::Join",
    "Fn::Select",
    "Fn::Split",
    "Fn::Sub",
    "Ref",
];

impl From<ResolveError> for QueryError {
    fn from(error: ResolveError) -> Self {
        Self::validation(error.to_string())
    }
}

/// Checks that need no parameter values.
pub(crate) fn check_template(template: &Template, region: &str) -> Result<(), QueryError> {
    let unknown: BTreeSet<&str> = template
        .resources
        .values()
        .map(|resource| resource.resource_type.as_str())
        .filter(|resource_type| !schema::is_known(resource_type, region))
        .collect();
    if !unknown.is_empty() {
        let unknown: Vec<_> = unknown.into_iter().collect();
        return Err(QueryError::validation(format!(
            "Template format error: Unrecognized resource types: [{}]",
            unknown.join(", ")
        )));
    }
    for (name, expression) in &template.conditions {
        check_condition(template, name, expression)?;
    }
    for resource in template.resources.values() {
        check_named_condition(template, resource.condition.as_deref(), "Resources")?;
    }
    for output in template.outputs.values() {
        check_named_condition(template, output.condition.as_deref(), "Outputs")?;
    }
    let in_resources = template.resources.values().flat_map(|resource| {
        resource.properties.values().flat_map(|value| references(value, None)).collect::<Vec<_>>()
    });
    let depends_on = template.resources.values().flat_map(|resource| resource.depends_on.iter().cloned());
    let bad_dependency: BTreeSet<String> = depends_on.filter(|name| !template.resources.contains_key(name)).collect();
    check_references(template, in_resources, bad_dependency, "Resources")?;
    let in_outputs = template.outputs.values().flat_map(|output| {
        let exported = output.export.iter().flat_map(|export| references(export, None));
        references(&output.value, None).into_iter().chain(exported).collect::<Vec<_>>()
    });
    check_references(template, in_outputs, BTreeSet::new(), "Outputs")
}

/// Evaluates the conditions, then checks what depends on them: references to what will not exist, and circles.
pub(crate) fn check_with_values(
    template: &Template,
    parameters: &ParameterValues,
    pseudo: &Pseudo,
) -> Result<Conditions, QueryError> {
    let (nothing_yet, none, nobody) = (Conditions::new(), IndexMap::new(), Imported::new());
    let scope = Scope {
        pseudo,
        parameters,
        mappings: &template.mappings,
        conditions: &nothing_yet,
        resources: &none,
        imports: &nobody,
    };
    let conditions = conditions::evaluate(&template.conditions, &scope)?;
    let wanted =
        |name: &str| template.resources.get(name).is_none_or(|resource| graph::is_wanted(resource, &conditions));
    let resources = template
        .resources
        .values()
        .filter(|resource| graph::is_wanted(resource, &conditions))
        .flat_map(|resource| resource.properties.values());
    let outputs = template
        .outputs
        .values()
        .filter(|output| output.condition.as_ref().is_none_or(|name| conditions.get(name) == Some(&true)))
        .map(|output| &output.value);
    let scope = Scope { conditions: &conditions, ..scope };
    for value in resources.clone().chain(outputs.clone()) {
        check_known(value, &scope)?;
    }
    check_existing(resources, "Resources", &conditions, wanted)?;
    check_existing(outputs, "Outputs", &conditions, wanted)?;
    let circle = graph::circular(&graph::dependencies(template, &conditions));
    if !circle.is_empty() {
        return Err(QueryError::validation(format!("Circular dependency between resources: [{}]", circle.join(", "))));
    }
    Ok(conditions)
}

/// What hangs on no resource and no export is known at the call, so a function that fails is refused there, and so is one
/// that has not the form that it must have.
fn check_known(value: &Value, scope: &Scope<'_>) -> Result<(), ResolveError> {
    match function_of(value) {
        Some(("Fn::FindInMap", _)) => return scope.resolve(value).map(|_| ()),
        Some(("Fn::Join" | "Fn::Select", argument)) => {
            scope.check_form(value)?;
            if is_known(argument, scope) {
                return scope.resolve(value).map(|_| ());
            }
        }
        Some(("Fn::If", Value::Array(parts))) => {
            if let [Value::String(condition), yes, no] = parts.as_slice() {
                let is_met = scope.conditions.get(condition) == Some(&true);
                return check_known(if is_met { yes } else { no }, scope);
            }
        }
        _ => {}
    }
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| check_known(item, scope)),
        Value::Object(fields) => fields.values().try_for_each(|field| check_known(field, scope)),
        _ => Ok(()),
    }
}

fn is_known(value: &Value, scope: &Scope<'_>) -> bool {
    references(value, Some(scope.conditions)).iter().all(|reference| match reference {
        Reference::Name(name) => is_pseudo(name) || scope.parameters.contains_key(name),
        Reference::Attribute { .. } => false,
        Reference::Function(name) => name != "Fn::ImportValue",
        Reference::Condition(_) => true,
    })
}

fn check_existing<'a>(
    values: impl Iterator<Item = &'a Value>,
    block: &str,
    conditions: &Conditions,
    wanted: impl Fn(&str) -> bool,
) -> Result<(), QueryError> {
    let missing: BTreeSet<String> = values
        .flat_map(|value| references(value, Some(conditions)))
        .filter_map(|reference| match reference {
            Reference::Name(name) | Reference::Attribute { resource: name, .. } if !wanted(&name) => Some(name),
            _ => None,
        })
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(unresolved(missing, block)) }
}

fn check_condition(template: &Template, name: &str, expression: &Value) -> Result<(), QueryError> {
    for reference in references(expression, None) {
        match reference {
            Reference::Name(target) if template.parameters.contains_key(&target) || is_pseudo(&target) => {}
            Reference::Name(target) | Reference::Attribute { resource: target, .. } => {
                return Err(QueryError::validation(format!(
                    "Template format error: Unresolved dependencies [{target}]. Cannot reference resources in the \
                     Conditions block of the template"
                )));
            }
            Reference::Condition(target) if !template.conditions.contains_key(&target) => {
                return Err(QueryError::validation(format!(
                    "Template format error: Unresolved condition dependency {target} in condition {name}"
                )));
            }
            Reference::Condition(_) | Reference::Function(_) => {}
        }
    }
    Ok(())
}

fn check_named_condition(template: &Template, condition: Option<&str>, block: &str) -> Result<(), QueryError> {
    match condition {
        Some(name) if !template.conditions.contains_key(name) => Err(QueryError::validation(format!(
            "Template format error: Unresolved condition dependency {name} in the {block} block of the template"
        ))),
        _ => Ok(()),
    }
}

fn check_references(
    template: &Template,
    found: impl Iterator<Item = Reference>,
    mut unresolved_names: BTreeSet<String>,
    block: &str,
) -> Result<(), QueryError> {
    for reference in found.collect::<BTreeSet<_>>() {
        match reference {
            Reference::Name(name) => {
                let exists = template.resources.contains_key(&name)
                    || template.parameters.contains_key(&name)
                    || is_pseudo(&name);
                if !exists {
                    unresolved_names.insert(name);
                }
            }
            Reference::Attribute { resource, attribute } => check_attribute(template, &resource, &attribute)?,
            Reference::Condition(name) if !template.conditions.contains_key(&name) => {
                return Err(QueryError::validation(format!(
                    "Template error: unresolved condition dependency {name} in Fn::If"
                )));
            }
            Reference::Function(name) => check_function(&name)?,
            Reference::Condition(_) => {}
        }
    }
    if unresolved_names.is_empty() { Ok(()) } else { Err(unresolved(unresolved_names, block)) }
}

fn check_attribute(template: &Template, resource: &str, attribute: &str) -> Result<(), QueryError> {
    let Some(declaration) = template.resources.get(resource) else {
        return Err(QueryError::validation(format!(
            "Template error: instance of Fn::GetAtt references undefined resource {resource}"
        )));
    };
    // A computed attribute name is known only later.
    if attribute.is_empty() || schema::has_attribute(&declaration.resource_type, attribute) {
        return Ok(());
    }
    Err(QueryError::validation(format!(
        "Template error: resource {resource} does not support attribute type {attribute} in Fn::GetAtt"
    )))
}

fn check_function(name: &str) -> Result<(), QueryError> {
    if FUNCTIONS.contains(&name) {
        return Ok(());
    }
    Err(QueryError::validation(format!(
        "Template error: Encountered unsupported function: {name} Supported functions are: [{}]",
        FUNCTIONS.join(", ")
    )))
}

fn is_pseudo(name: &str) -> bool {
    PSEUDO.contains(&name)
}

fn unresolved(names: BTreeSet<String>, block: &str) -> QueryError {
    let names: Vec<_> = names.into_iter().collect();
    QueryError::validation(format!(
        "Template format error: Unresolved resource dependencies [{}] in the {block} block of the template",
        names.join(", ")
    ))
}

/// The body of `Metadata`, of which `GetTemplateSummary` shows the text.
pub(crate) fn metadata_text(metadata: Option<&Value>) -> Option<String> {
    metadata.filter(|value| *value != &Value::Object(Map::new())).map(Value::to_string)
}
