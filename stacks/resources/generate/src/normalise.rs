//! One schema → the facts of one type.
//!
//! Every object with properties becomes a definition, also where the schema writes it inline; every other definition
//! (a named string, list or map) is put where it is used. So a shape is never more than one look-up away.

use crate::import::ImportError;
use crate::model::{Object, Range, Shape, TypeFacts};
use crate::names::pascal;
use serde_json::{Map, Number, Value as Json};
use std::collections::BTreeMap;

pub(crate) fn normalise(name: &str, schema: &Json) -> Result<TypeFacts, ImportError> {
    let empty = Map::new();
    let mut normaliser = Normaliser {
        resource_type: name,
        schemas: schema.get("definitions").and_then(Json::as_object).unwrap_or(&empty),
        definitions: BTreeMap::new(),
    };
    let root = normaliser.object(schema, "")?;
    let mut facts = TypeFacts {
        name: name.to_owned(),
        absent_in: Vec::new(),
        differs_in: Vec::new(),
        primary_identifier: paths(schema, "primaryIdentifier"),
        create_only: sorted(paths(schema, "createOnlyProperties")),
        conditional_create_only: sorted(paths(schema, "conditionalCreateOnlyProperties")),
        read_only: sorted(paths(schema, "readOnlyProperties")),
        write_only: sorted(paths(schema, "writeOnlyProperties")),
        tags: tags(schema),
        replaced_by_deleting_first: schema.get("replacementStrategy").is_some_and(|way| way == "delete_then_create"),
        root,
        definitions: normaliser.definitions,
    };
    forget_required_outputs(&mut facts);
    Ok(facts)
}

/// A template cannot give what only the service can: such a property is never required of it.
fn forget_required_outputs(facts: &mut TypeFacts) {
    for path in facts.read_only.clone() {
        let Some(location) = facts.locate(&path) else { continue };
        let (definition, property) = (location.definition.map(str::to_owned), location.property.to_owned());
        let owner = match definition {
            None => Some(&mut facts.root),
            Some(definition) => facts.definitions.get_mut(&definition),
        };
        if let Some(owner) = owner {
            owner.required.retain(|required| *required != property);
        }
    }
}

fn tags(schema: &Json) -> Option<String> {
    let path = schema.pointer("/tagging/tagProperty")?.as_str()?;
    let property = path.strip_prefix("/properties/")?;
    schema.get("properties")?.get(property).map(|_| property.to_owned())
}

struct Normaliser<'a> {
    resource_type: &'a str,
    schemas: &'a Map<String, Json>,
    definitions: BTreeMap<String, Object>,
}

/// Where a shape stands; names what has no name of its own, and errors.
#[derive(Clone, Copy)]
struct Place<'a> {
    owner: &'a str,
    property: &'a str,
    in_list: bool,
}

impl<'a> Normaliser<'a> {
    fn object(&mut self, schema: &'a Json, name: &str) -> Result<Object, ImportError> {
        let mut object = Object {
            required: sorted(names(schema.get("required"))),
            any_of: groups(schema, "requiredOr", "anyOf"),
            one_of: groups(schema, "requiredXor", "oneOf"),
            needs: dependents(schema, &["dependentRequired", "dependencies"]),
            excludes: dependents(schema, &["dependentExcluded"]),
            properties: BTreeMap::new(),
        };
        for (property, schema) in properties(schema) {
            let place = Place { owner: name, property, in_list: false };
            if let Some(shape) = self.shape(schema, place)? {
                object.properties.insert(property.clone(), shape);
            }
        }
        let known = |names: &Vec<String>| names.iter().all(|name| object.properties.contains_key(name));
        object.required.retain(|name| object.properties.contains_key(name));
        object.any_of.retain(known);
        object.one_of.retain(known);
        object.needs.retain(|name, others| object.properties.contains_key(name) && known(others));
        object.excludes.retain(|name, others| object.properties.contains_key(name) && known(others));
        Ok(object)
    }

    /// `None` for a property without any type: cfn-lint adds such markers, CloudFormation does not know them.
    fn shape(&mut self, schema: &'a Json, place: Place<'_>) -> Result<Option<Shape>, ImportError> {
        if let Some(reference) = schema.get("$ref") {
            return self.referenced(schema, reference, place);
        }
        let kinds = kinds(schema);
        let has = |kind: &str| kinds.contains(&kind);
        let shape = match kinds.as_slice() {
            _ if is_object(schema) => Shape::Object { of: self.hoist(schema, place)?, or_text: has("string") },
            ["boolean"] => Shape::Boolean,
            ["integer"] => Shape::Integer {
                values: values(schema).filter_map(Json::as_i64).collect(),
                range: range(schema, "minimum", "maximum"),
            },
            ["number"] => Shape::Number { range: range(schema, "minimum", "maximum") },
            ["array"] => {
                let items = schema.get("items").ok_or_else(|| self.unsupported(place, "a list without items"))?;
                let items = self.shape(items, Place { in_list: true, ..place })?;
                let items = items.ok_or_else(|| self.unsupported(place, "a list of nothing known"))?;
                Shape::List { items: Box::new(items), range: range(schema, "minItems", "maxItems") }
            }
            [] if schema.get("format").is_some_and(|format| format == "json") => Shape::Json,
            [] if schema.get("enum").is_none() => return Ok(None),
            _ if schema.get("patternProperties").is_some() => self.map(schema, place)?,
            ["object"] | ["object" | "string", "object" | "string"] => Shape::Json,
            _ if has("string") || kinds.is_empty() => string(schema),
            _ => return Err(self.unsupported(place, &format!("type {kinds:?}"))),
        };
        Ok(Some(shape))
    }

    fn map(&mut self, schema: &'a Json, place: Place<'_>) -> Result<Shape, ImportError> {
        let patterns = schema.get("patternProperties").and_then(Json::as_object);
        let values = patterns.and_then(|patterns| patterns.values().next());
        let values = values.ok_or_else(|| self.unsupported(place, "a map of nothing"))?;
        let values = self.shape(values, Place { in_list: true, ..place })?;
        let values = values.ok_or_else(|| self.unsupported(place, "a map of nothing known"))?;
        Ok(Shape::Map { values: Box::new(values) })
    }

    fn referenced(
        &mut self,
        schema: &'a Json,
        reference: &Json,
        place: Place<'_>,
    ) -> Result<Option<Shape>, ImportError> {
        let name = reference.as_str().and_then(|reference| reference.strip_prefix("#/definitions/"));
        let target = name.and_then(|name| self.schemas.get_key_value(name));
        let (name, target) = target.ok_or_else(|| self.unsupported(place, &format!("reference {reference}")))?;
        if is_object(target) {
            self.define(name, target)?;
            return Ok(Some(Shape::Object { of: name.clone(), or_text: false }));
        }
        let shape = self.shape(target, place)?;
        // What stands beside `$ref` is narrower than what the definition says.
        Ok(shape.map(|shape| match shape {
            Shape::List { items, range: wide } => {
                let narrow = range(schema, "minItems", "maxItems");
                Shape::List { items, range: Range(narrow.0.or(wide.0), narrow.1.or(wide.1)) }
            }
            other => other,
        }))
    }

    fn define(&mut self, name: &str, schema: &'a Json) -> Result<(), ImportError> {
        if self.definitions.contains_key(name) {
            return Ok(());
        }
        // The place is taken first: a definition may hold itself.
        self.definitions.insert(name.to_owned(), Object::default());
        let object = self.object(schema, name)?;
        self.definitions.insert(name.to_owned(), object);
        Ok(())
    }

    /// Gives an object that the schema writes inline a name.
    fn hoist(&mut self, schema: &'a Json, place: Place<'_>) -> Result<String, ImportError> {
        let short = pascal(place.property) + if place.in_list { "Item" } else { "" };
        let long = format!("{}{short}", pascal(place.owner));
        let object = self.object(schema, &short)?;
        for name in [short, long] {
            let is_free = !self.definitions.contains_key(&name) && !self.schemas.contains_key(&name);
            if is_free {
                self.definitions.insert(name.clone(), object);
                return Ok(name);
            }
            if self.definitions.get(&name) == Some(&object) {
                return Ok(name);
            }
        }
        Err(self.unsupported(place, "an inline object whose names are all taken"))
    }

    fn unsupported(&self, place: Place<'_>, problem: &str) -> ImportError {
        ImportError::Unsupported {
            resource_type: self.resource_type.to_owned(),
            at: format!("{}.{}", place.owner, place.property),
            problem: problem.to_owned(),
        }
    }
}

fn string(schema: &Json) -> Shape {
    let any_case = schema.get("enumCaseInsensitive").is_some();
    let values = values(schema).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect();
    Shape::String { values, any_case, range: range(schema, "minLength", "maxLength") }
}

/// Whether the schema says which properties there are; that may also be none.
fn is_object(schema: &Json) -> bool {
    let is_closed = schema.get("additionalProperties") == Some(&Json::Bool(false));
    kinds(schema).iter().all(|kind| ["object", "string"].contains(kind))
        && (properties(schema).next().is_some() || (is_closed && schema.get("patternProperties").is_none()))
}

/// The properties of an object, also where they are spread over the alternatives of a `oneOf`.
fn properties(schema: &Json) -> impl Iterator<Item = (&String, &Json)> {
    let own = schema.get("properties").and_then(Json::as_object);
    let alternatives = schema.get("oneOf").and_then(Json::as_array).into_iter().flatten();
    let spread = alternatives.filter_map(|alternative| alternative.get("properties").and_then(Json::as_object));
    own.into_iter().chain(spread).flatten()
}

fn kinds(schema: &Json) -> Vec<&str> {
    match schema.get("type") {
        Some(Json::String(kind)) => vec![kind],
        Some(Json::Array(kinds)) => kinds.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

fn values(schema: &Json) -> impl Iterator<Item = &Json> {
    let several = schema.get("enum").or_else(|| schema.get("enumCaseInsensitive")).and_then(Json::as_array);
    let only = schema.get("const").filter(|_| several.is_none());
    several.into_iter().flatten().chain(only)
}

fn range(schema: &Json, least: &str, most: &str) -> Range {
    let bound = |name: &str| -> Option<Number> { schema.get(name)?.as_number().cloned() };
    Range(bound(least), bound(most))
}

/// Groups of required properties: cfn-lint's own flat keyword, or the standard one over `required` lists.
fn groups(schema: &Json, flat: &str, standard: &str) -> Vec<Vec<String>> {
    let singles = names(schema.get(flat));
    if !singles.is_empty() {
        return singles.into_iter().map(|name| vec![name]).collect();
    }
    let alternatives = schema.get(standard).and_then(Json::as_array).into_iter().flatten();
    let groups: Vec<Vec<String>> = alternatives.map(|alternative| names(alternative.get("required"))).collect();
    // An alternative that requires nothing is always met: the rest then says nothing about presence.
    if groups.iter().any(Vec::is_empty) { Vec::new() } else { groups }
}

fn dependents(schema: &Json, keywords: &[&str]) -> BTreeMap<String, Vec<String>> {
    let tables = keywords.iter().filter_map(|keyword| schema.get(*keyword).and_then(Json::as_object));
    tables.flatten().map(|(name, others)| (name.clone(), names(Some(others)))).collect()
}

fn names(list: Option<&Json>) -> Vec<String> {
    let list = list.and_then(Json::as_array).into_iter().flatten();
    list.filter_map(Json::as_str).map(str::to_owned).collect()
}

/// `/properties/Replicas/*/State` → `Replicas.*.State`.
fn paths(schema: &Json, keyword: &str) -> Vec<String> {
    let pointers = names(schema.get(keyword)).into_iter();
    pointers.map(|pointer| pointer.trim_start_matches("/properties/").replace('/', ".")).collect()
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names.dedup();
    names
}
