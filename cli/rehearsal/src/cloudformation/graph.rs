//! Who refers to whom, and in which order resources may be made.

use super::conditions::Conditions;
use super::intrinsics::{SubPiece, function_of, sub_pieces};
use super::template::{ResourceDeclaration, Template};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Each resource with those that must exist before it.
pub(crate) type Dependencies = BTreeMap<String, BTreeSet<String>>;

/// Something that an expression names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reference {
    Name(String),
    Attribute { resource: String, attribute: String },
    Condition(String),
    Function(String),
}

/// Everything that a value refers to. With conditions, only the chosen branches of `Fn::If` count.
pub(crate) fn references(value: &Value, conditions: Option<&Conditions>) -> BTreeSet<Reference> {
    let mut found = BTreeSet::new();
    collect(value, conditions, &mut found);
    found
}

/// Dependencies between the resources that the conditions let exist, from references and `DependsOn`.
pub(crate) fn dependencies(template: &Template, conditions: &Conditions) -> Dependencies {
    let exists = |name: &str| template.resources.get(name).is_some_and(|resource| is_wanted(resource, conditions));
    template
        .resources
        .iter()
        .filter(|(_, resource)| is_wanted(resource, conditions))
        .map(|(id, resource)| {
            let mut needed: BTreeSet<String> = resource.depends_on.iter().cloned().collect();
            for value in resource.properties.values() {
                for reference in references(value, Some(conditions)) {
                    match reference {
                        Reference::Name(name) | Reference::Attribute { resource: name, .. } => {
                            needed.insert(name);
                        }
                        Reference::Condition(_) | Reference::Function(_) => {}
                    }
                }
            }
            needed.retain(|name| exists(name));
            (id.clone(), needed)
        })
        .collect()
}

pub(crate) fn is_wanted(resource: &ResourceDeclaration, conditions: &Conditions) -> bool {
    resource.condition.as_ref().is_none_or(|name| conditions.get(name).copied().unwrap_or(false))
}

/// Every resource that is on a circle, in order of name; empty when an order exists.
pub(crate) fn circular(dependencies: &Dependencies) -> Vec<String> {
    // What is left after taking away, from both ends, all that does not wait for a circle or is not waited for by one.
    let mut left = dependencies.clone();
    loop {
        let before = left.len();
        let names: BTreeSet<String> = left.keys().cloned().collect();
        left.retain(|_, needed| needed.iter().any(|name| names.contains(name)));
        let needed: BTreeSet<String> = left.values().flatten().cloned().collect();
        left.retain(|name, _| needed.contains(name));
        if left.len() == before {
            return left.into_keys().collect();
        }
    }
}

/// The same arrows backwards: each resource with those that must be gone before it.
pub(crate) fn reversed(dependencies: &Dependencies) -> Dependencies {
    let mut reversed: Dependencies = dependencies.keys().map(|name| (name.clone(), BTreeSet::new())).collect();
    for (name, needed) in dependencies {
        for other in needed {
            reversed.entry(other.clone()).or_default().insert(name.clone());
        }
    }
    reversed
}

fn collect(value: &Value, conditions: Option<&Conditions>, found: &mut BTreeSet<Reference>) {
    match function_of(value) {
        Some(("Ref", Value::String(name))) => {
            found.insert(Reference::Name(name.clone()));
            return;
        }
        Some(("Fn::GetAtt", argument)) => {
            collect_attribute(argument, conditions, found);
            return;
        }
        Some(("Fn::Sub", argument)) => {
            collect_sub(argument, conditions, found);
            return;
        }
        Some(("Fn::If", Value::Array(parts))) => {
            if let [Value::String(condition), yes, no] = parts.as_slice() {
                found.insert(Reference::Condition(condition.clone()));
                match conditions.and_then(|conditions| conditions.get(condition)) {
                    Some(true) => collect(yes, conditions, found),
                    Some(false) => collect(no, conditions, found),
                    None => {
                        collect(yes, conditions, found);
                        collect(no, conditions, found);
                    }
                }
                return;
            }
        }
        Some(("Condition", _)) | None => {}
        Some((name, _)) => {
            found.insert(Reference::Function(name.to_owned()));
        }
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, conditions, found)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, conditions, found)),
        _ => {}
    }
}

fn collect_attribute(argument: &Value, conditions: Option<&Conditions>, found: &mut BTreeSet<Reference>) {
    let (resource, attribute) = match argument {
        Value::String(path) => path.split_once('.').unwrap_or((path, "")),
        Value::Array(parts) => match parts.as_slice() {
            [Value::String(resource), Value::String(attribute)] => (resource.as_str(), attribute.as_str()),
            [Value::String(resource), computed] => {
                collect(computed, conditions, found);
                (resource.as_str(), "")
            }
            _ => return,
        },
        _ => return,
    };
    found.insert(Reference::Attribute { resource: resource.to_owned(), attribute: attribute.to_owned() });
}

fn collect_sub(argument: &Value, conditions: Option<&Conditions>, found: &mut BTreeSet<Reference>) {
    let parts = argument.as_array().map(Vec::as_slice).unwrap_or(std::slice::from_ref(argument));
    let text = parts.first().and_then(Value::as_str).unwrap_or_default();
    let variables = parts.get(1).and_then(Value::as_object);
    for piece in sub_pieces(text) {
        let SubPiece::Name(name) = piece else { continue };
        match variables.and_then(|variables| variables.get(name)) {
            Some(own) => collect(own, conditions, found),
            None => {
                found.insert(match name.split_once('.') {
                    Some((resource, attribute)) => {
                        Reference::Attribute { resource: resource.to_owned(), attribute: attribute.to_owned() }
                    }
                    None => Reference::Name(name.to_owned()),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Dependencies, circular, reversed};

    fn graph(edges: &[(&str, &[&str])]) -> Dependencies {
        edges
            .iter()
            .map(|(name, needed)| ((*name).to_owned(), needed.iter().map(|n| (*n).to_owned()).collect()))
            .collect()
    }

    #[test]
    fn only_what_is_on_a_circle_is_named() {
        assert!(circular(&graph(&[("a", &[]), ("b", &["a"]), ("c", &["a", "b"])])).is_empty());
        assert_eq!(circular(&graph(&[("a", &["b"]), ("b", &["a"]), ("after", &["a"]), ("before", &[])])), ["a", "b"]);
        assert_eq!(circular(&graph(&[("self", &["self"])])), ["self"]);
    }

    #[test]
    fn deletion_goes_the_other_way() {
        assert_eq!(reversed(&graph(&[("a", &[]), ("b", &["a"])])), graph(&[("a", &["b"]), ("b", &[])]));
    }
}
