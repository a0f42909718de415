//! Evaluates the `Conditions` section.

use super::intrinsics::{ResolveError, Scope, function_of};
use super::parameters::scalar_text;
use indexmap::IndexMap;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) type Conditions = BTreeMap<String, bool>;

/// Evaluates every condition; they may refer to each other in any order, but not to resources.
pub(crate) fn evaluate(declared: &IndexMap<String, Value>, scope: &Scope<'_>) -> Result<Conditions, ResolveError> {
    let mut evaluator = Evaluator { declared, scope, known: Conditions::new(), open: BTreeSet::new() };
    for name in declared.keys() {
        evaluator.named(name)?;
    }
    Ok(evaluator.known)
}

struct Evaluator<'a> {
    declared: &'a IndexMap<String, Value>,
    scope: &'a Scope<'a>,
    known: Conditions,
    /// Under evaluation, to see a circle.
    open: BTreeSet<String>,
}

impl Evaluator<'_> {
    fn named(&mut self, name: &str) -> Result<bool, ResolveError> {
        if let Some(known) = self.known.get(name) {
            return Ok(*known);
        }
        let Some(expression) = self.declared.get(name) else {
            return Err(ResolveError::new(format!(
                "Template format error: Unresolved condition dependency {name} in the Conditions block of the template"
            )));
        };
        if !self.open.insert(name.to_owned()) {
            return Err(ResolveError::new(format!("Template error: Found circular condition dependency: {name}")));
        }
        let value = self.condition(expression)?;
        self.open.remove(name);
        self.known.insert(name.to_owned(), value);
        Ok(value)
    }

    fn condition(&mut self, expression: &Value) -> Result<bool, ResolveError> {
        match function_of(expression) {
            Some(("Condition", Value::String(name))) => self.named(name),
            Some(("Fn::Equals", Value::Array(sides))) if sides.len() == 2 => {
                let sides = sides.iter().map(|side| self.operand(side)).collect::<Result<Vec<_>, _>>()?;
                Ok(sides.first() == sides.last())
            }
            Some(("Fn::Not", Value::Array(items))) if items.len() == 1 => Ok(!self.all(items)?.contains(&true)),
            Some(("Fn::And", Value::Array(items))) if (2..=10).contains(&items.len()) => {
                Ok(self.all(items)?.into_iter().all(|item| item))
            }
            Some(("Fn::Or", Value::Array(items))) if (2..=10).contains(&items.len()) => {
                Ok(self.all(items)?.contains(&true))
            }
            Some((name @ ("Fn::Equals" | "Fn::Not" | "Fn::And" | "Fn::Or"), _)) => Err(ResolveError::new(format!(
                "Template error: every {name} object requires {}",
                match name {
                    "Fn::Equals" => "a list of 2 string parameters.",
                    "Fn::Not" => "a list with 1 boolean parameter.",
                    _ => "a list of at least 2 and at most 10 boolean parameters.",
                }
            ))),
            _ => match expression {
                Value::Bool(value) => Ok(*value),
                Value::String(text) if text == "true" || text == "false" => Ok(text == "true"),
                _ => Err(ResolveError::new(
                    "Template format error: Every Condition member must be a string or an intrinsic function.",
                )),
            },
        }
    }

    fn all(&mut self, items: &[Value]) -> Result<Vec<bool>, ResolveError> {
        items.iter().map(|item| self.condition(item)).collect()
    }

    /// Sides of `Fn::Equals` are compared as text.
    fn operand(&mut self, side: &Value) -> Result<String, ResolveError> {
        if let Some(("Fn::If", Value::Array(parts))) = function_of(side)
            && let [Value::String(name), yes, no] = parts.as_slice()
        {
            let branch = if self.named(name)? { yes } else { no };
            return self.operand(branch);
        }
        Ok(self.scope.resolve(side)?.map(|value| scalar_text(&value)).unwrap_or_default())
    }
}
