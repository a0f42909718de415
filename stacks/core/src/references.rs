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
    if let Some(Json::String(marker)) = object.get("Ref") {
        let (stack, logical_id) = marker.split_once(SEPARATOR)?;
        return Some(Found { stack, logical_id, attribute: None });
    }
    let Some(Json::Array(arguments)) = object.get("Fn::GetAtt") else { return None };
    let (Some(Json::String(marker)), Some(Json::String(attribute))) = (arguments.first(), arguments.get(1)) else {
        return None;
    };
    let (stack, logical_id) = marker.split_once(SEPARATOR)?;
    Some(Found { stack, logical_id, attribute: Some(attribute) })
}

/// Rewrites every marked reference in `json` to what `resolve` answers for it.
pub(crate) fn rewrite(json: &mut Json, resolve: &mut impl FnMut(&Found<'_>) -> Json) {
    match json {
        Json::Object(object) => {
            if let Some(found) = reference(object) {
                *json = resolve(&found);
                return;
            }
            for value in object.values_mut() {
                rewrite(value, resolve);
            }
        }
        Json::Array(values) => values.iter_mut().for_each(|value| rewrite(value, resolve)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}
