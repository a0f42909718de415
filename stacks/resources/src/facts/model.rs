//! The form in which a resource type's schema is kept in `facts/`, and read again.
//!
//! The generator includes this file by path, so that writer and reader cannot drift apart without the generator
//! depending on the code that it generates.

use serde::{Deserialize, Serialize};
use serde_json::Number;
use std::collections::BTreeMap;

/// What CloudFormation's schema says of one resource type. Paths join property names with dots; `*` is any element.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TypeFacts {
    #[serde(rename = "type")]
    pub name: String,
    /// Regions that CloudFormation knows, but not with this type.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent_in: Vec<String>,
    /// Regions where the type has another schema than the one recorded here, which is Singapore's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs_in: Vec<String>,
    pub primary_identifier: Vec<String>,
    /// Changing one of these replaces the resource.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub create_only: Vec<String>,
    /// Changing one of these may replace the resource.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditional_create_only: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub read_only: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub write_only: Vec<String>,
    /// The property that holds the tags of a type that can be tagged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<String>,
    /// A replacement deletes the old resource before it creates the new one, because both cannot exist together.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replaced_by_deleting_first: bool,
    pub root: Object,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub definitions: BTreeMap<String, Object>,
}

/// An object with known properties; no others are allowed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Object {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<String>,
    /// Groups of properties, of which at least one must be complete.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub any_of: Vec<Vec<String>>,
    /// Groups of properties, of which exactly one must be complete.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub one_of: Vec<Vec<String>>,
    /// A property, and the others that it needs beside it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub needs: BTreeMap<String, Vec<String>>,
    /// A property, and the others that cannot stand beside it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub excludes: BTreeMap<String, Vec<String>>,
    pub properties: BTreeMap<String, Shape>,
}

/// What a property may hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Shape {
    Boolean,
    Integer {
        #[serde(rename = "enum", default, skip_serializing_if = "Vec::is_empty")]
        values: Vec<i64>,
        #[serde(default, skip_serializing_if = "Range::is_open")]
        range: Range,
    },
    /// Any object, or its text: a policy, an API definition.
    Json,
    List {
        items: Box<Self>,
        /// Of the number of items.
        #[serde(default, skip_serializing_if = "Range::is_open")]
        range: Range,
    },
    Map {
        values: Box<Self>,
    },
    Number {
        #[serde(default, skip_serializing_if = "Range::is_open")]
        range: Range,
    },
    Object {
        /// The name of a definition.
        of: String,
        /// The same object written as a JSON text is accepted too.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        or_text: bool,
    },
    String {
        #[serde(rename = "enum", default, skip_serializing_if = "Vec::is_empty")]
        values: Vec<String>,
        /// The values are compared without regard to case.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        any_case: bool,
        /// Of the length in characters.
        #[serde(default, skip_serializing_if = "Range::is_open")]
        range: Range,
    },
}

/// Inclusive bounds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Range(pub Option<Number>, pub Option<Number>);

impl Range {
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.0.is_none() && self.1.is_none()
    }
}

/// A path's names: separators are `.` or `/`; positions in lists and `*` are left out.
pub fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split(['.', '/'])
        .filter(|name| !name.is_empty() && *name != "*" && !name.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Where a path leads: a property of the root (`definition` is `None`) or of a definition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Location<'a> {
    pub definition: Option<&'a str>,
    pub property: &'a str,
    pub shape: &'a Shape,
}

impl TypeFacts {
    /// Follows `path` through definitions, lists and maps (any key of a map will do).
    #[must_use]
    pub fn locate<'a>(&'a self, path: &str) -> Option<Location<'a>> {
        let mut names = segments(path);
        let (property, shape) = self.root.properties.get_key_value(names.next()?)?;
        let mut location = Location { definition: None, property, shape };
        for name in names {
            match element(location.shape) {
                Shape::Map { values } => location.shape = values,
                Shape::Object { of, .. } => {
                    let (property, shape) = self.definitions.get(of)?.properties.get_key_value(name)?;
                    location = Location { definition: Some(of), property, shape };
                }
                Shape::Boolean
                | Shape::Integer { .. }
                | Shape::Json
                | Shape::List { .. }
                | Shape::Number { .. }
                | Shape::String { .. } => return None,
            }
        }
        Some(location)
    }
}

/// What the lists around `shape` hold in the end.
#[must_use]
pub fn element(shape: &Shape) -> &Shape {
    match shape {
        Shape::List { items, .. } => element(items),
        other => other,
    }
}

/// The names that `Fn::GetAtt` knows: what is read only and not itself an object.
pub fn attribute_names(facts: &TypeFacts) -> impl Iterator<Item = &str> {
    let paths = facts.read_only.iter().filter(|path| !path.contains('*'));
    let ends = paths.filter(|path| {
        facts.locate(path).is_some_and(|location| !matches!(element(location.shape), Shape::Object { .. }))
    });
    ends.map(String::as_str)
}
