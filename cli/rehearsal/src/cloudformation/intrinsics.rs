//! Intrinsic functions and pseudo parameters.

use super::addresses;
use super::conditions::Conditions;
use super::parameters::{ParameterValues, scalar_text};
use super::stack::ResourceRecord;
use base64::Engine as _;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use thiserror::Error;

const SUPPORTED: &str = "Fn::Base64, Fn::Cidr, Fn::FindInMap, Fn::GetAtt, Fn::GetAZs, Fn::If, Fn::ImportValue, Fn::Join, \
                         Fn::Select, Fn::Split, Fn::Sub, Ref";

/// Why a value cannot be computed, in CloudFormation's words.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub(crate) struct ResolveError(String);

impl ResolveError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// What the pseudo parameters say.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Pseudo {
    pub account: String,
    pub region: String,
    pub stack_name: String,
    pub stack_id: String,
    pub notification_arns: Vec<String>,
}

/// Exported values by their names.
pub(crate) type Imported = BTreeMap<String, String>;

/// Everything that an expression may refer to.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub pseudo: &'a Pseudo,
    pub parameters: &'a ParameterValues,
    pub mappings: &'a Map<String, Value>,
    pub conditions: &'a Conditions,
    pub resources: &'a IndexMap<String, ResourceRecord>,
    pub imports: &'a Imported,
}

/// The function that an object calls, if it is a call: exactly one key, `Ref`, `Condition` or `Fn::…`.
pub(crate) fn function_of(value: &Value) -> Option<(&str, &Value)> {
    let object = value.as_object()?;
    let (name, argument) = object.iter().next()?;
    let is_call = object.len() == 1 && (name == "Ref" || name == "Condition" || name.starts_with("Fn::"));
    is_call.then_some((name.as_str(), argument))
}

impl Scope<'_> {
    /// None stands for `AWS::NoValue`: the property is left out.
    pub(crate) fn resolve(&self, value: &Value) -> Result<Option<Value>, ResolveError> {
        match function_of(value) {
            // `Condition` is also a key of policy documents; outside the Conditions section it calls nothing.
            Some((name, argument)) if name != "Condition" => self.call(name, argument),
            _ => match value {
                Value::Array(items) => Ok(Some(Value::Array(self.resolve_items(items)?))),
                Value::Object(fields) => Ok(Some(Value::Object(self.resolve_fields(fields)?))),
                scalar => Ok(Some(scalar.clone())),
            },
        }
    }

    pub(crate) fn resolve_fields(&self, fields: &Map<String, Value>) -> Result<Map<String, Value>, ResolveError> {
        let mut resolved = Map::new();
        for (key, value) in fields {
            if let Some(value) = self.resolve(value)? {
                resolved.insert(key.clone(), value);
            }
        }
        Ok(resolved)
    }

    fn resolve_items(&self, items: &[Value]) -> Result<Vec<Value>, ResolveError> {
        items.iter().filter_map(|item| self.resolve(item).transpose()).collect()
    }

    fn call(&self, name: &str, argument: &Value) -> Result<Option<Value>, ResolveError> {
        let value = match name {
            "Ref" => return self.reference(argument.as_str().unwrap_or_default()),
            "Fn::If" => return self.choose(argument),
            "Fn::GetAtt" => self.attribute(argument)?,
            "Fn::Sub" => Value::String(self.substitute(argument)?),
            "Fn::Join" => Value::String(self.join(argument)?),
            "Fn::Split" => self.split(argument)?,
            "Fn::Select" => return self.select(argument),
            "Fn::FindInMap" => self.find_in_map(argument)?,
            "Fn::Base64" => {
                let text = self.text(argument, name)?;
                Value::String(base64::engine::general_purpose::STANDARD.encode(text))
            }
            "Fn::GetAZs" => {
                let region = self.text(argument, name)?;
                let region = if region.is_empty() { &self.pseudo.region } else { &region };
                addresses::zones(region).into_iter().map(Value::String).collect()
            }
            "Fn::Cidr" => self.cidr(argument)?,
            "Fn::ImportValue" => {
                let name = self.text(argument, name)?;
                let value = self.imports.get(&name).cloned();
                Value::String(value.ok_or_else(|| ResolveError::new(format!("No export named {name} found.")))?)
            }
            other => {
                return Err(ResolveError::new(format!(
                    "Template error: Encountered unsupported function: {other} Supported functions are: [{SUPPORTED}]"
                )));
            }
        };
        Ok(Some(value))
    }

    fn reference(&self, name: &str) -> Result<Option<Value>, ResolveError> {
        let pseudo = match name {
            "AWS::NoValue" => return Ok(None),
            "AWS::AccountId" => Some(self.pseudo.account.clone()),
            "AWS::Region" => Some(self.pseudo.region.clone()),
            "AWS::Partition" => Some("aws".to_owned()),
            "AWS::URLSuffix" => Some("amazonaws.com".to_owned()),
            "AWS::StackName" => Some(self.pseudo.stack_name.clone()),
            "AWS::StackId" => Some(self.pseudo.stack_id.clone()),
            "AWS::NotificationARNs" => return Ok(Some(self.pseudo.notification_arns.clone().into())),
            _ => None,
        };
        if let Some(text) = pseudo {
            return Ok(Some(Value::String(text)));
        }
        if let Some(value) = self.parameters.get(name) {
            return Ok(Some(value.clone()));
        }
        let physical_id = self.resources.get(name).and_then(|record| record.physical_id.clone());
        physical_id.map(|id| Some(Value::String(id))).ok_or_else(|| unresolved(name))
    }

    fn attribute(&self, argument: &Value) -> Result<Value, ResolveError> {
        let (name, attribute) = match argument {
            Value::String(path) => {
                let (name, attribute) = path.split_once('.').unwrap_or((path, ""));
                (name.to_owned(), attribute.to_owned())
            }
            Value::Array(parts) => match parts.as_slice() {
                [Value::String(name), attribute] => (name.clone(), self.text(attribute, "Fn::GetAtt")?),
                _ => return Err(malformed_get_att()),
            },
            _ => return Err(malformed_get_att()),
        };
        let record = self.resources.get(&name).ok_or_else(|| unresolved(&name))?;
        record.attribute(&attribute).ok_or_else(|| {
            ResolveError::new(format!(
                "Template error: resource {name} does not support attribute type {attribute} in Fn::GetAtt"
            ))
        })
    }

    fn choose(&self, argument: &Value) -> Result<Option<Value>, ResolveError> {
        let Some([Value::String(condition), yes, no]) = argument.as_array().map(Vec::as_slice) else {
            return Err(ResolveError::new("Template error: Fn::If requires a list argument with three elements"));
        };
        match self.conditions.get(condition) {
            Some(true) => self.resolve(yes),
            Some(false) => self.resolve(no),
            None => {
                Err(ResolveError::new(format!("Template error: unresolved condition dependency {condition} in Fn::If")))
            }
        }
    }

    fn substitute(&self, argument: &Value) -> Result<String, ResolveError> {
        let (text, variables) = match argument {
            Value::String(text) => (text.as_str(), None),
            Value::Array(parts) => match parts.as_slice() {
                [Value::String(text)] => (text.as_str(), None),
                [Value::String(text), Value::Object(variables)] => (text.as_str(), Some(variables)),
                _ => return Err(malformed_sub()),
            },
            _ => return Err(malformed_sub()),
        };
        let mut result = String::new();
        for piece in sub_pieces(text) {
            match piece {
                SubPiece::Text(text) => result.push_str(text),
                SubPiece::Name(name) => {
                    let value = match variables.and_then(|variables| variables.get(name)) {
                        Some(own) => self.resolve(own)?,
                        None if name.contains('.') => Some(self.attribute(&Value::from(name))?),
                        None => self.reference(name)?,
                    };
                    match value {
                        Some(value @ (Value::String(_) | Value::Number(_) | Value::Bool(_))) => {
                            result.push_str(&scalar_text(&value));
                        }
                        _ => {
                            return Err(ResolveError::new(format!(
                                "Template error: every value of the context object of every Fn::Sub object must be a \
                                 string or a function that returns a string ({name})"
                            )));
                        }
                    }
                }
            }
        }
        Ok(result)
    }

    /// Whether a call of Fn::Join or Fn::Select is written as it must be, whatever its parts stand for.
    pub(crate) fn check_form(&self, value: &Value) -> Result<(), ResolveError> {
        let is_list = |list: &Value| list.is_array() || function_of(list).is_some();
        match function_of(value) {
            Some(("Fn::Join", argument)) => match argument.as_array().map(Vec::as_slice) {
                Some([Value::String(_), list]) if is_list(list) => Ok(()),
                _ => Err(malformed_join()),
            },
            Some(("Fn::Select", argument)) => match argument.as_array().map(Vec::as_slice) {
                Some([_, list]) if is_list(list) => Ok(()),
                _ => Err(malformed_select()),
            },
            _ => Ok(()),
        }
    }

    fn join(&self, argument: &Value) -> Result<String, ResolveError> {
        let malformed = malformed_join;
        let Some([Value::String(delimiter), list]) = argument.as_array().map(Vec::as_slice) else {
            return Err(malformed());
        };
        match self.resolve(list)? {
            Some(Value::Array(items)) if items.iter().all(|item| !item.is_array() && !item.is_object()) => {
                Ok(items.iter().map(scalar_text).collect::<Vec<_>>().join(delimiter))
            }
            _ => Err(malformed()),
        }
    }

    fn split(&self, argument: &Value) -> Result<Value, ResolveError> {
        let Some([Value::String(delimiter), source]) = argument.as_array().map(Vec::as_slice) else {
            return Err(ResolveError::new(
                "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string \
                 to be split or a function that returns a string to be split.",
            ));
        };
        let text = self.text(source, "Fn::Split")?;
        Ok(text.split(delimiter.as_str()).map(Value::from).collect())
    }

    fn select(&self, argument: &Value) -> Result<Option<Value>, ResolveError> {
        let malformed = malformed_select;
        let Some([index, list]) = argument.as_array().map(Vec::as_slice) else { return Err(malformed()) };
        let index: usize = self.text(index, "Fn::Select")?.trim().parse().map_err(|_| malformed())?;
        match self.resolve(list)? {
            Some(Value::Array(items)) => items.get(index).cloned().map(Some).ok_or_else(|| {
                ResolveError::new(format!(
                    "Template error: Fn::Select cannot select nonexistent value at index {index}"
                ))
            }),
            _ => Err(malformed()),
        }
    }

    fn find_in_map(&self, argument: &Value) -> Result<Value, ResolveError> {
        let Some([map, first, second]) = argument.as_array().map(Vec::as_slice) else {
            return Err(ResolveError::new(
                "Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the \
                 attribute for return value",
            ));
        };
        let map = self.text(map, "Fn::FindInMap")?;
        let first = self.text(first, "Fn::FindInMap")?;
        let second = self.text(second, "Fn::FindInMap")?;
        let entries = self.mappings.get(&map).ok_or_else(|| {
            ResolveError::new(format!(
                "Template error: Mapping named '{map}' is not present in the 'Mappings' section of template."
            ))
        })?;
        entries.get(&first).and_then(|entry| entry.get(&second)).cloned().ok_or_else(|| {
            ResolveError::new(format!("Template error: Unable to get mapping for {map}::{first}::{second}"))
        })
    }

    fn cidr(&self, argument: &Value) -> Result<Value, ResolveError> {
        let parts = argument.as_array().map(Vec::as_slice).unwrap_or_default();
        let part = |index: usize| parts.get(index).map(|part| self.text(part, "Fn::Cidr")).transpose();
        let block = part(0)?.unwrap_or_default();
        let count = part(1)?.and_then(|count| count.parse().ok());
        let bits = part(2)?.and_then(|bits| bits.parse().ok());
        addresses::subnets(&block, count.unwrap_or(1), bits)
            .map(|blocks| blocks.into_iter().map(Value::String).collect())
            .map_err(ResolveError::new)
    }

    fn text(&self, value: &Value, function: &str) -> Result<String, ResolveError> {
        match self.resolve(value)? {
            Some(value @ (Value::String(_) | Value::Number(_) | Value::Bool(_))) => Ok(scalar_text(&value)),
            _ => {
                Err(ResolveError::new(format!("Template error: every {function} object must have a String parameter.")))
            }
        }
    }
}

/// One part of a `Fn::Sub` text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SubPiece<'a> {
    Text(&'a str),
    Name(&'a str),
}

/// Cuts a `Fn::Sub` text; `${!x}` stands for the text `${x}`.
pub(crate) fn sub_pieces(text: &str) -> Vec<SubPiece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, remainder)) = after.split_once('}') else { break };
        pieces.push(SubPiece::Text(before));
        match name.strip_prefix('!') {
            Some(literal) => {
                pieces.extend([SubPiece::Text("${"), SubPiece::Text(literal), SubPiece::Text("}")]);
            }
            None => pieces.push(SubPiece::Name(name.trim())),
        }
        rest = remainder;
    }
    pieces.push(SubPiece::Text(rest));
    pieces
}

fn unresolved(name: &str) -> ResolveError {
    ResolveError::new(format!(
        "Template format error: Unresolved resource dependencies [{name}] in the Resources block of the template"
    ))
}

fn malformed_join() -> ResolveError {
    ResolveError::new(
        "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be \
         joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.",
    )
}

fn malformed_select() -> ResolveError {
    ResolveError::new(
        "Template error: Fn::Select requires a list argument with two elements: an integer index and a list",
    )
}

fn malformed_get_att() -> ResolveError {
    ResolveError::new(
        "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute",
    )
}

fn malformed_sub() -> ResolveError {
    ResolveError::new(
        "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as \
         first argument, and an optional second argument to specify a mapping of values to replace in the string",
    )
}
