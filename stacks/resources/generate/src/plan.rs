//! Which structs, enums and fields a resource type becomes.

use crate::generate::GenerateError;
use crate::model::{Object, Shape, TypeFacts};
use crate::names::{identifier, pascal, screaming, singular, snake, variant};
use std::collections::{BTreeMap, BTreeSet};

/// Names that the generated modules use themselves.
const RESERVED: [&str; 13] = [
    "Attribute",
    "Box",
    "BTreeMap",
    "Option",
    "Properties",
    "ResourceType",
    "Result",
    "Serialize",
    "Serializer",
    "Some",
    "String",
    "Value",
    "Vec",
];

/// Longer enums (countries, say) stay strings: they grow without us, and a name per value helps nobody.
const LONGEST_ENUM: usize = 64;

#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) type_name: String,
    pub(crate) module: String,
    pub(crate) root: Struct,
    /// Constant and name of each `Fn::GetAtt` attribute.
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) structs: Vec<Struct>,
    pub(crate) enums: BTreeMap<String, Vec<Variant>>,
}

#[derive(Debug)]
pub(crate) struct Struct {
    pub(crate) name: String,
    pub(crate) fields: Vec<Field>,
}

#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) identifier: String,
    pub(crate) wire: String,
    pub(crate) kind: FieldType,
    pub(crate) required: bool,
}

#[derive(Debug)]
pub(crate) enum FieldType {
    /// `Value<…>`: CloudFormation may be asked to work it out.
    Value(String),
    /// A struct, a list of structs or a map: always written out.
    Plain(String),
}

#[derive(Debug, PartialEq)]
pub(crate) struct Variant {
    pub(crate) name: String,
    pub(crate) wire: String,
}

/// The service's module, and what to put there.
pub(crate) fn resource(facts: &TypeFacts) -> Result<(String, Resource), GenerateError> {
    let [_, service, short] = facts.name.split("::").collect::<Vec<_>>()[..] else {
        return Err(GenerateError::Name(facts.name.clone()));
    };
    let module = snake(short);
    let mut plan = Plan { facts, outputs: outputs(facts), enums: BTreeMap::new(), module: &module };
    let reachable = plan.reachable()?;
    plan.enums = plan.enum_names(&reachable);
    let mut structs = BTreeMap::new();
    for name in reachable {
        let object = plan.definition(name)?;
        let rust_name = type_name(name);
        let planned = plan.structure(rust_name.clone(), Some(name), object)?;
        if structs.insert(rust_name.clone(), planned).is_some() {
            return Err(GenerateError::Clash { resource_type: facts.name.clone(), name: rust_name });
        }
    }
    let enums = plan.enums.values().map(|(name, values)| (name.clone(), variants(values))).collect();
    let resource = Resource {
        type_name: facts.name.clone(),
        root: plan.structure(pascal(short), None, &facts.root)?,
        attributes: attributes(facts),
        structs: structs.into_values().collect(),
        enums,
        module,
    };
    Ok((service.to_ascii_lowercase(), resource))
}

fn attributes(facts: &TypeFacts) -> Vec<(String, String)> {
    let names = crate::model::attribute_names(facts);
    names.map(|name| (screaming(&name.replace('.', "_")), name.to_owned())).collect()
}

/// A property, by its owner: `None` for the resource itself.
type Owned<'a> = (Option<&'a str>, &'a str);

/// What templates cannot set.
fn outputs(facts: &TypeFacts) -> BTreeSet<Owned<'_>> {
    let locations = facts.read_only.iter().filter_map(|path| facts.locate(path));
    locations.map(|location| (location.definition, location.property)).collect()
}

struct Plan<'a> {
    facts: &'a TypeFacts,
    outputs: BTreeSet<Owned<'a>>,
    enums: BTreeMap<Owned<'a>, (String, &'a [String])>,
    module: &'a str,
}

impl<'a> Plan<'a> {
    fn definition(&self, name: &str) -> Result<&'a Object, GenerateError> {
        let missing = || GenerateError::Dangling { resource_type: self.facts.name.clone(), name: name.to_owned() };
        self.facts.definitions.get(name).ok_or_else(missing)
    }

    /// Definitions that a template can write to.
    fn reachable(&self) -> Result<BTreeSet<&'a str>, GenerateError> {
        let mut found = BTreeSet::new();
        let mut open: Vec<(Option<&str>, &Object)> = vec![(None, &self.facts.root)];
        while let Some((owner, object)) = open.pop() {
            for (property, shape) in &object.properties {
                let Some(name) = held(shape) else { continue };
                if !self.outputs.contains(&(owner, property.as_str())) && found.insert(name) {
                    open.push((Some(name), self.definition(name)?));
                }
            }
        }
        Ok(found)
    }

    fn structure(&self, name: String, owner: Option<&'a str>, object: &'a Object) -> Result<Struct, GenerateError> {
        let mut fields = Vec::new();
        for (property, shape) in &object.properties {
            if self.outputs.contains(&(owner, property.as_str())) {
                continue;
            }
            fields.push(Field {
                identifier: identifier(property),
                wire: property.clone(),
                kind: self.field_type((owner, property), shape)?,
                required: object.required.contains(property),
            });
        }
        Ok(Struct { name, fields })
    }

    fn field_type(&self, place: Owned<'a>, shape: &'a Shape) -> Result<FieldType, GenerateError> {
        Ok(match shape {
            Shape::List { items, .. } => match self.field_type(place, items)? {
                FieldType::Value(item) => FieldType::Value(format!("Vec<Value<{item}>>")),
                FieldType::Plain(item) => FieldType::Plain(format!("Vec<{}>", unboxed(&item))),
            },
            Shape::Map { values } => match self.field_type(place, values)? {
                FieldType::Value(value) => FieldType::Plain(format!("BTreeMap<String, Value<{value}>>")),
                FieldType::Plain(value) => FieldType::Plain(format!("BTreeMap<String, {}>", unboxed(&value))),
            },
            Shape::Object { of, .. } => {
                let name = self.local(place.0, &type_name(of));
                let recursive = match place.0 {
                    Some(owner) => self.holds(of, owner)?,
                    None => false,
                };
                FieldType::Plain(if recursive { format!("Box<{name}>") } else { name })
            }
            Shape::Boolean => FieldType::Value("bool".to_owned()),
            Shape::Integer { .. } => FieldType::Value("i64".to_owned()),
            Shape::Number { .. } => FieldType::Value("f64".to_owned()),
            Shape::Json => FieldType::Value("serde_json::Value".to_owned()),
            Shape::String { .. } => FieldType::Value(match self.enums.get(&place) {
                Some((name, _)) => self.local(place.0, name),
                None => "String".to_owned(),
            }),
        })
    }

    /// Names for the enums of a type. A property's name alone will do where all its uses mean the same values; otherwise
    /// the owner's name goes before it.
    fn enum_names(&self, reachable: &BTreeSet<&'a str>) -> BTreeMap<Owned<'a>, (String, &'a [String])> {
        let mut found: Vec<(Owned<'a>, String, &'a [String])> = Vec::new();
        let definitions = self.facts.definitions.iter().map(|(name, object)| (Some(name.as_str()), object));
        let definitions = definitions.filter(|(name, _)| name.is_some_and(|name| reachable.contains(name)));
        for (owner, object) in std::iter::once((None, &self.facts.root)).chain(definitions) {
            for (property, shape) in &object.properties {
                let Some(values) = enum_values(shape) else { continue };
                let name = pascal(property);
                let name = if matches!(shape, Shape::List { .. }) { singular(&name) } else { name };
                if !self.outputs.contains(&(owner, property.as_str())) {
                    found.push(((owner, property), name, values));
                }
            }
        }
        let mut meanings: BTreeMap<String, BTreeSet<&[String]>> = BTreeMap::new();
        for (_, short, values) in &found {
            meanings.entry(short.clone()).or_default().insert(values);
        }
        let taken: BTreeSet<String> = reachable.iter().map(|name| type_name(name)).collect();
        let short_type = self.facts.name.rsplit("::").next().unwrap_or_default();
        let named = found.into_iter().map(|((owner, property), short, values)| {
            let is_clear = meanings.get(&short).is_some_and(|meanings| meanings.len() == 1);
            let name = if is_clear && !taken.contains(&short) && !RESERVED.contains(&short.as_str()) {
                short
            } else {
                pascal(owner.unwrap_or(short_type)) + &short
            };
            ((owner, property), (if taken.contains(&name) { name + "Choice" } else { name }, values))
        });
        named.collect()
    }

    /// The resource's own struct stands outside the module of its definitions.
    fn local(&self, owner: Option<&str>, name: &str) -> String {
        if owner.is_some() { name.to_owned() } else { format!("{}::{name}", self.module) }
    }

    /// Whether a value of `outer` can hold one of `inner`, at any depth, or is one.
    fn holds(&self, outer: &str, inner: &str) -> Result<bool, GenerateError> {
        let mut seen = BTreeSet::new();
        let mut open = vec![outer];
        while let Some(name) = open.pop() {
            if name == inner {
                return Ok(true);
            }
            if seen.insert(name) {
                open.extend(self.definition(name)?.properties.values().filter_map(held));
            }
        }
        Ok(false)
    }
}

/// The definition that a shape holds, through lists and maps.
fn held(shape: &Shape) -> Option<&str> {
    match shape {
        Shape::List { items: inner, .. } | Shape::Map { values: inner } => held(inner),
        Shape::Object { of, .. } => Some(of),
        Shape::Boolean | Shape::Integer { .. } | Shape::Json | Shape::Number { .. } | Shape::String { .. } => None,
    }
}

/// A list or a map is a box of its own.
fn unboxed(name: &str) -> &str {
    name.strip_prefix("Box<").and_then(|name| name.strip_suffix('>')).unwrap_or(name)
}

fn type_name(definition: &str) -> String {
    let name = pascal(definition);
    if RESERVED.contains(&name.as_str()) { format!("{name}Definition") } else { name }
}

/// The values of a closed set, through lists and maps.
fn enum_values(shape: &Shape) -> Option<&[String]> {
    match shape {
        Shape::List { items: inner, .. } | Shape::Map { values: inner } => enum_values(inner),
        Shape::String { values, any_case: false, .. } if (1..=LONGEST_ENUM).contains(&values.len()) => Some(values),
        Shape::Boolean
        | Shape::Integer { .. }
        | Shape::Json
        | Shape::Number { .. }
        | Shape::Object { .. }
        | Shape::String { .. } => None,
    }
}

fn variants(values: &[String]) -> Vec<Variant> {
    let mut taken = BTreeSet::new();
    let named = values.iter().map(|value| {
        let mut name = variant(value);
        while !taken.insert(name.clone()) {
            name.push('X');
        }
        Variant { name, wire: value.clone() }
    });
    named.collect()
}
