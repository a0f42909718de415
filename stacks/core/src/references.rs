//! References between resources, within a stack and across stacks.
//!
//! While an app is built, a reference carries the stack that holds its target, as `stack#LogicalId`; `#` can stand in
//! neither name. Synthesis takes the stack away again, or, where the reference crosses stacks, turns it into a parameter.

use serde_json::{Map, Value as Json};
use std::fmt;
use std::sync::Arc;

const SEPARATOR: char = '#';

/// What another stack reads of an output whose value is put together from others; no logical id has a colon in it.
pub(crate) fn output_id(output: &str) -> String {
    format!("output:{output}")
}

/// A resource or parameter of some stack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Target {
    stack: Arc<str>,
    logical_id: Arc<str>,
}

impl Target {
    pub(crate) fn new(stack: &Arc<str>, logical_id: &str) -> Self {
        Self { stack: Arc::clone(stack), logical_id: Arc::from(logical_id) }
    }

    pub(crate) fn stack(&self) -> &str {
        &self.stack
    }

    pub(crate) fn logical_id(&self) -> &str {
        &self.logical_id
    }

    pub(crate) fn marker(&self) -> String {
        format!("{}{SEPARATOR}{}", self.stack, self.logical_id)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {}", self.logical_id, self.stack)
    }
}

/// A reference found in a template that is being synthesised.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found<'a> {
    pub(crate) stack: &'a str,
    pub(crate) logical_id: &'a str,
    /// `None` for `Ref`.
    pub(crate) attribute: Option<&'a str>,
}

/// The reference that this JSON object is, if it is one made by a [`Target`].
pub(crate) fn reference(object: &Map<String, Json>) -> Option<Found<'_>> {
    if object.len() != 1 {
        return None;
    }
    let (function, value) = object.iter().next()?;
    let (marker, attribute) = match (function.as_str(), value) {
        ("Ref", Json::String(marker)) => (marker, None),
        ("Fn::GetAtt", Json::Array(arguments)) => match arguments.as_slice() {
            [Json::String(marker), Json::String(attribute), ..] => (marker, Some(attribute.as_str())),
            _ => return None,
        },
        _ => return None,
    };
    let (stack, logical_id) = marker.split_once(SEPARATOR)?;
    Some(Found { stack, logical_id, attribute })
}

/// Rewrites every marked reference in `json`: one within the stack `own` loses its marker where it stands, another becomes what
/// `resolve` answers for it.
pub(crate) fn rewrite(json: &mut Json, own: &str, resolve: &mut impl FnMut(&Found<'_>) -> Json) {
    match json {
        Json::Object(object) => match reference(object) {
            Some(found) if found.stack == own => unmark(object),
            Some(found) => *json = resolve(&found),
            None => object.values_mut().for_each(|value| rewrite(value, own, resolve)),
        },
        Json::Array(values) => values.iter_mut().for_each(|value| rewrite(value, own, resolve)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// Takes the stack's name from a reference.
fn unmark(reference: &mut Map<String, Json>) {
    let marker = match reference.values_mut().next() {
        Some(Json::Array(arguments)) => arguments.first_mut(),
        value => value,
    };
    if let Some(Json::String(marker)) = marker
        && let Some(end) = marker.find(SEPARATOR)
    {
        marker.drain(..=end);
    }
}
