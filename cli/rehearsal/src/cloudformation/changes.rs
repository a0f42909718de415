//! What a new definition would do to a stack; nothing here changes anything.
//!
//! Resources are judged in the order of their dependencies, because a replacement gives a new physical id to all that
//! refer to it. What cannot be known before is [`UNKNOWN`], and a change that hangs on it is evaluated as dynamic.

use super::change_set::{Detail, ResourceChange, Source};
use super::conditions::Conditions;
use super::definition::Definition;
use super::difference::{differences, replaces};
use super::graph::{self, Dependencies};
use super::intrinsics::{Pseudo, Scope};
use super::parameters::scalar_text;
use super::stack::{ResourceRecord, Stack};
use super::tags;
use super::template::{DeletionPolicy, ResourceDeclaration, Template};
use indexmap::IndexMap;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Stands where CloudFormation knows the value only afterwards.
pub(crate) const UNKNOWN: &str = "{{changeSet:KNOWN_AFTER_APPLY}}";

/// Both sides of a change.
pub(super) struct Sides<'a> {
    pseudo: &'a Pseudo,
    pub(super) old: Option<(&'a Definition, Template)>,
    pub(super) new: &'a Definition,
    pub(super) template: &'a Template,
    /// Resources as they are expected to be afterwards.
    expected: IndexMap<String, ResourceRecord>,
    /// What happens to each resource so far.
    pub(super) fates: BTreeMap<String, Fate>,
    secrets: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    Unchanged,
    Modified,
    MayBeReplaced,
    Replaced,
    Added,
}

/// The changes in the order in which CloudFormation lists them: by action and then by logical id.
pub(crate) fn compute(stack: &Stack, new: &Definition, template: &Template) -> Vec<ResourceChange> {
    let is_empty = stack.resources.is_empty();
    let old_definition = Definition::of(stack);
    let old = (!is_empty).then(|| Template::parse(&stack.template_body).ok()).flatten();
    let mut sides = Sides {
        pseudo: &stack.pseudo,
        secrets: old_definition.secrets().chain(new.secrets()).map(str::to_owned).collect(),
        old: old.map(|old| (&old_definition, old)),
        new,
        template,
        expected: stack.resources.clone(),
        fates: BTreeMap::new(),
    };
    let dependencies = graph::dependencies(template, &new.conditions);
    let mut changes = Vec::new();
    for name in in_order(&dependencies) {
        changes.extend(sides.judge(&name));
    }
    for (name, record) in &stack.resources {
        if !dependencies.contains_key(name) && record.physical_id.is_some() {
            changes.push(sides.removal(name, record));
        }
    }
    changes.sort_by(|one, other| (&one.action, &one.logical_id).cmp(&(&other.action, &other.logical_id)));
    changes
}

/// Each after those that it needs.
fn in_order(dependencies: &Dependencies) -> Vec<String> {
    let mut ordered: Vec<String> = Vec::new();
    let mut done = BTreeSet::new();
    while ordered.len() < dependencies.len() {
        let ready: Vec<&String> = dependencies
            .iter()
            .filter(|(name, needed)| !done.contains(*name) && needed.is_subset(&done))
            .map(|(name, _)| name)
            .collect();
        if ready.is_empty() {
            break;
        }
        done.extend(ready.iter().map(|name| (*name).clone()));
        ordered.extend(ready.into_iter().cloned());
    }
    ordered
}

impl Sides<'_> {
    fn judge(&mut self, name: &str) -> Option<ResourceChange> {
        let template = self.template;
        let declaration = template.resources.get(name)?;
        let known = self.expected.get(name).filter(|record| record.physical_id.is_some()).cloned();
        let properties = self.resolve(&declaration.properties);
        let change = match &known {
            None => Some(self.addition(name, declaration, &properties)),
            Some(record) => self.modification(name, declaration, record, &properties),
        };
        let fate = match (&known, change.as_ref().and_then(|change| change.replacement.as_deref())) {
            (None, _) => Fate::Added,
            (_, Some("True")) => Fate::Replaced,
            (_, Some("Conditional")) => Fate::MayBeReplaced,
            (_, Some(_)) => Fate::Modified,
            (_, None) => Fate::Unchanged,
        };
        let record = self.expected.entry(name.to_owned()).or_default();
        record.properties = properties;
        if matches!(fate, Fate::Added | Fate::Replaced) {
            record.physical_id = Some(UNKNOWN.to_owned());
            record.is_unknown = true;
        }
        self.fates.insert(name.to_owned(), fate);
        change
    }

    fn resolve(&self, properties: &Map<String, Value>) -> Map<String, Value> {
        let scope = Scope {
            pseudo: self.pseudo,
            parameters: &self.new.values,
            mappings: &self.template.mappings,
            conditions: &self.new.conditions,
            resources: &self.expected,
            imports: &self.new.imports,
        };
        let mut resolved = Map::new();
        for (key, value) in properties {
            match scope.resolve(value) {
                Ok(Some(value)) => {
                    resolved.insert(key.clone(), value);
                }
                Ok(None) => {}
                // A function of something unknown, such as one part of it.
                Err(_) => {
                    resolved.insert(key.clone(), Value::from(UNKNOWN));
                }
            }
        }
        resolved
    }

    fn addition(
        &self,
        name: &str,
        declaration: &ResourceDeclaration,
        properties: &Map<String, Value>,
    ) -> ResourceChange {
        ResourceChange {
            action: "Add".to_owned(),
            logical_id: name.to_owned(),
            physical_id: None,
            resource_type: declaration.resource_type.clone(),
            replacement: None,
            policy_action: None,
            scope: Vec::new(),
            details: Vec::new(),
            before: None,
            after: Some(self.context(properties, declaration)),
        }
    }

    fn removal(&self, name: &str, record: &ResourceRecord) -> ResourceChange {
        let declared = self.old.as_ref().and_then(|(_, old)| old.resources.get(name));
        let policy = declared.map_or(DeletionPolicy::Delete, |declared| declared.deletion_policy);
        ResourceChange {
            action: "Remove".to_owned(),
            logical_id: name.to_owned(),
            physical_id: record.physical_id.clone(),
            resource_type: record.resource_type.clone(),
            replacement: None,
            policy_action: Some(policy_action(policy, "").to_owned()),
            scope: Vec::new(),
            details: Vec::new(),
            before: declared.map(|declared| self.context(&record.properties, declared)),
            after: None,
        }
    }

    fn modification(
        &self,
        name: &str,
        declaration: &ResourceDeclaration,
        record: &ResourceRecord,
        properties: &Map<String, Value>,
    ) -> Option<ResourceChange> {
        let found = differences(&record.properties, properties);
        let old = self.old.as_ref().and_then(|(_, old)| old.resources.get(name));
        let mut details: Vec<Detail> = Vec::new();
        for difference in &found {
            details.extend(self.details(declaration, old, difference));
        }
        details.extend(self.hanging(declaration, &found));
        let mut scope = Vec::new();
        if !details.is_empty() {
            scope.push("Properties".to_owned());
        }
        for (attribute, before, after) in old.into_iter().flat_map(|old| attributes(old, declaration)) {
            scope.push(attribute.to_owned());
            details.push(Detail {
                attribute: attribute.to_owned(),
                name: None,
                path: Some(format!("/{attribute}")),
                recreation: "Never".to_owned(),
                change_type: Some(change_type(before.as_ref(), after.as_ref()).to_owned()),
                before: before.as_ref().map(|value| self.shown(value)),
                after: after.as_ref().map(|value| self.shown(value)),
                is_static: true,
                source: Source::Direct,
            });
        }
        details.extend(self.retagging(declaration, record));
        if details.last().is_some_and(|detail| detail.attribute == "Tags") {
            scope.push("Tags".to_owned());
        }
        if details.is_empty() {
            return None;
        }
        let certain =
            found.iter().any(|one| replaces(&declaration.resource_type, one) && self.is_certain(declaration, one));
        let possible = details.iter().any(|detail| detail.recreation != "Never");
        let replacement = if certain {
            "True"
        } else if possible {
            "Conditional"
        } else {
            "False"
        };
        let policy = certain.then(|| policy_action(declaration.update_replace_policy, "ReplaceAnd").to_owned());
        Some(ResourceChange {
            action: "Modify".to_owned(),
            logical_id: name.to_owned(),
            physical_id: record.physical_id.clone(),
            resource_type: declaration.resource_type.clone(),
            replacement: Some(replacement.to_owned()),
            policy_action: policy,
            scope,
            details,
            before: old.map(|old| self.context(&record.properties, old)),
            after: Some(self.context(properties, declaration)),
        })
    }

    /// Tags of the stack that the resource is to have.
    fn retagging(&self, declaration: &ResourceDeclaration, record: &ResourceRecord) -> Option<Detail> {
        let wanted = tags::taken(&declaration.resource_type, &self.new.tags);
        (record.tags != wanted).then(|| Detail {
            attribute: "Tags".to_owned(),
            name: None,
            path: None,
            recreation: "Never".to_owned(),
            before: None,
            after: None,
            change_type: None,
            is_static: true,
            source: Source::Direct,
        })
    }

    fn context(&self, properties: &Map<String, Value>, declaration: &ResourceDeclaration) -> String {
        let mut context = Map::new();
        context.insert("Properties".to_owned(), Value::Object(properties.clone()));
        for (name, value) in declared(declaration) {
            if let Some(value) = value {
                context.insert(name.to_owned(), value);
            }
        }
        self.hidden(Value::Object(context).to_string())
    }

    pub(super) fn shown(&self, value: &Value) -> String {
        self.hidden(match value {
            Value::Object(_) | Value::Array(_) => value.to_string(),
            scalar => scalar_text(scalar),
        })
    }

    fn hidden(&self, text: String) -> String {
        masked(text, self.secrets.iter().map(String::as_str))
    }
}

/// The text without values that must not be shown.
pub(super) fn masked<'a>(text: String, secrets: impl Iterator<Item = &'a str>) -> String {
    secrets.filter(|secret| !secret.is_empty()).fold(text, |text, secret| {
        // Within a JSON text a secret is written with its escapes.
        let escaped = Value::from(secret).to_string();
        let escaped = escaped.trim_matches('"');
        text.replace(secret, "****").replace(escaped, "****")
    })
}

/// Parts of a declaration beside its properties, as far as they are given.
fn declared(declaration: &ResourceDeclaration) -> [(&'static str, Option<Value>); 3] {
    [
        ("Metadata", declaration.metadata.clone()),
        ("DeletionPolicy", policy_name(declaration.deletion_policy)),
        ("UpdateReplacePolicy", policy_name(declaration.update_replace_policy)),
    ]
}

fn attributes(
    old: &ResourceDeclaration,
    new: &ResourceDeclaration,
) -> Vec<(&'static str, Option<Value>, Option<Value>)> {
    let both = declared(old).into_iter().zip(declared(new));
    both.filter(|((_, before), (_, after))| before != after)
        .map(|((name, before), (_, after))| (name, before, after))
        .collect()
}

fn policy_name(policy: DeletionPolicy) -> Option<Value> {
    match policy {
        DeletionPolicy::Delete => None,
        DeletionPolicy::Retain => Some(json!("Retain")),
        DeletionPolicy::RetainExceptOnCreate => Some(json!("RetainExceptOnCreate")),
        DeletionPolicy::Snapshot => Some(json!("Snapshot")),
    }
}

fn policy_action(policy: DeletionPolicy, prefix: &str) -> &'static str {
    match (policy, prefix) {
        (DeletionPolicy::Delete, "") => "Delete",
        (DeletionPolicy::Snapshot, "") => "Snapshot",
        (_, "") => "Retain",
        (DeletionPolicy::Delete, _) => "ReplaceAndDelete",
        (DeletionPolicy::Snapshot, _) => "ReplaceAndSnapshot",
        _ => "ReplaceAndRetain",
    }
}

pub(super) fn change_type(before: Option<&Value>, after: Option<&Value>) -> &'static str {
    match (before, after) {
        (None, _) => "Add",
        (_, None) => "Remove",
        _ => "Modify",
    }
}

pub(super) fn is_unknown(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(UNKNOWN),
        Value::Array(items) => items.iter().any(is_unknown),
        Value::Object(fields) => fields.values().any(is_unknown),
        _ => false,
    }
}

/// Whether an update would do anything at all; the changes of its resources are known already.
pub(crate) fn is_empty(stack: &Stack, new: &Definition, template: &Template, changes: &[ResourceChange]) -> bool {
    if !changes.is_empty() || stack.tags != new.tags || stack.pseudo.notification_arns != new.notification_arns {
        return false;
    }
    let scope = Scope {
        pseudo: &stack.pseudo,
        parameters: &new.values,
        mappings: &template.mappings,
        conditions: &new.conditions,
        resources: &stack.resources,
        imports: &new.imports,
    };
    let is_wanted = |condition: Option<&String>, conditions: &Conditions| {
        condition.is_none_or(|name| conditions.get(name) == Some(&true))
    };
    let wanted = template.outputs.iter().filter(|(_, output)| is_wanted(output.condition.as_ref(), &new.conditions));
    let text = |value: &Value| scope.resolve(value).ok().flatten().map(|value| scalar_text(&value));
    let outputs: Vec<_> = wanted
        .map(|(key, output)| {
            let export = output.export.as_ref().and_then(text);
            (key.clone(), text(&output.value).unwrap_or_default(), output.description.clone(), export)
        })
        .collect();
    let known = stack.outputs.iter().map(|output| {
        (output.key.clone(), output.value.clone(), output.description.clone(), output.export_name.clone())
    });
    outputs == known.collect::<Vec<_>>()
}
