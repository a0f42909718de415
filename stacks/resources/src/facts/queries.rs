//! Questions to the facts of one type. A path may be written with dots or slashes and may hold positions in lists.

use super::model::{Object, Range, Shape, TypeFacts, attribute_names, segments};
use super::regions;

/// What a change of a property does to its resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Replacement {
    Never,
    /// Depends on the values, or on what below the path changes.
    Conditional,
    Always,
}

/// A property of a type, at any depth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Property<'a> {
    pub shape: &'a Shape,
    /// Whether the object that holds it is incomplete without it.
    pub is_required: bool,
}

impl<'a> Property<'a> {
    /// The accepted values of a string, or of the strings in a list; empty when anything goes.
    #[must_use]
    pub fn enum_values(&self) -> &'a [String] {
        match super::model::element(self.shape) {
            Shape::String { values, .. } => values,
            Shape::Boolean
            | Shape::Integer { .. }
            | Shape::Json
            | Shape::List { .. }
            | Shape::Map { .. }
            | Shape::Number { .. }
            | Shape::Object { .. } => &[],
        }
    }

    /// The bounds of a number's value, a text's length or a list's number of items.
    #[must_use]
    pub const fn range(&self) -> Option<&'a Range> {
        match self.shape {
            Shape::Integer { range, .. }
            | Shape::List { range, .. }
            | Shape::Number { range }
            | Shape::String { range, .. } => Some(range),
            Shape::Boolean | Shape::Json | Shape::Map { .. } | Shape::Object { .. } => None,
        }
    }
}

impl TypeFacts {
    /// Properties that every resource of the type has to have.
    #[must_use]
    pub fn required(&self) -> &[String] {
        &self.root.required
    }

    #[must_use]
    pub fn property(&self, path: &str) -> Option<Property<'_>> {
        let location = self.locate(path)?;
        let owner = self.owner(location.definition)?;
        let is_required = owner.required.iter().any(|name| name == location.property);
        Some(Property { shape: location.shape, is_required })
    }

    fn owner(&self, definition: Option<&str>) -> Option<&Object> {
        definition.map_or(Some(&self.root), |name| self.definitions.get(name))
    }

    /// Whether a change at `path`, or anywhere below it, is certain to replace the resource.
    #[must_use]
    pub fn is_create_only(&self, path: &str) -> bool {
        self.create_only.iter().any(|rule| is_within(path, rule))
    }

    #[must_use]
    pub fn is_conditional_create_only(&self, path: &str) -> bool {
        self.conditional_create_only.iter().any(|rule| is_within(path, rule))
    }

    #[must_use]
    pub fn is_read_only(&self, path: &str) -> bool {
        self.read_only.iter().any(|rule| is_within(path, rule))
    }

    #[must_use]
    pub fn is_write_only(&self, path: &str) -> bool {
        self.write_only.iter().any(|rule| is_within(path, rule))
    }

    /// What a change at `path` does. Where only part of what lies below `path` is create-only, it depends.
    #[must_use]
    pub fn replacement(&self, path: &str) -> Replacement {
        if self.is_create_only(path) {
            return Replacement::Always;
        }
        let is_above_a_rule = self.create_only.iter().any(|rule| is_within(rule, path));
        if is_above_a_rule || self.is_conditional_create_only(path) {
            return Replacement::Conditional;
        }
        Replacement::Never
    }

    /// The names that `Fn::GetAtt` knows, such as `Arn` or `VpcEncryptionControl.State`.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        attribute_names(self)
    }

    /// The properties that together are the resource's physical id.
    #[must_use]
    pub fn primary_identifier(&self) -> &[String] {
        &self.primary_identifier
    }

    /// Whether CloudFormation offers the type in `region`; `false` for a region that the schemas do not speak of.
    #[must_use]
    pub fn supported_in(&self, region: &str) -> bool {
        let is = |name: &String| name == region;
        regions().iter().any(is) && !self.absent_in.iter().any(is)
    }
}

/// Whether `path` is `rule` or lies below it.
fn is_within(path: &str, rule: &str) -> bool {
    let mut names = segments(path);
    segments(rule).all(|expected| names.next() == Some(expected))
}
