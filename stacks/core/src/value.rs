//! A property's value: known at synthesis, or an expression that CloudFormation resolves.

use crate::references::Target;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::json;

/// A literal, or an intrinsic function that yields a `T` at deployment.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<T> {
    Literal(T),
    Expression(Expression),
}

/// An intrinsic function. The type that it yields is the business of the [`Value`] around it.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression(Kind);

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Reference(Target),
    Attribute(Target, String),
    Pseudo(Pseudo),
    Function { name: &'static str, argument: serde_json::Value },
}

/// A value that CloudFormation knows about the deployment itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pseudo {
    AccountId,
    NoValue,
    Partition,
    Region,
    StackId,
    StackName,
    UrlSuffix,
}

impl Pseudo {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccountId => "AWS::AccountId",
            Self::NoValue => "AWS::NoValue",
            Self::Partition => "AWS::Partition",
            Self::Region => "AWS::Region",
            Self::StackId => "AWS::StackId",
            Self::StackName => "AWS::StackName",
            Self::UrlSuffix => "AWS::URLSuffix",
        }
    }
}

impl<T> Value<T> {
    /// The literal, when it is known at synthesis.
    pub const fn literal(&self) -> Option<&T> {
        match self {
            Self::Literal(value) => Some(value),
            Self::Expression(_) => None,
        }
    }

    pub(crate) const fn reference(target: Target) -> Self {
        Self::Expression(Expression(Kind::Reference(target)))
    }

    pub(crate) const fn attribute(target: Target, name: String) -> Self {
        Self::Expression(Expression(Kind::Attribute(target, name)))
    }

    pub(crate) const fn function(name: &'static str, argument: serde_json::Value) -> Self {
        Self::Expression(Expression(Kind::Function { name, argument }))
    }

    /// The same expression, read as another type: a list taken from a list attribute, a number from a parameter.
    #[must_use]
    pub fn cast<U>(self) -> Option<Value<U>> {
        match self {
            Self::Literal(_) => None,
            Self::Expression(expression) => Some(Value::Expression(expression)),
        }
    }
}

impl Value<String> {
    #[must_use]
    pub const fn pseudo(pseudo: Pseudo) -> Self {
        Self::Expression(Expression(Kind::Pseudo(pseudo)))
    }

    /// `Fn::Join`.
    #[must_use]
    pub fn join(delimiter: &str, parts: impl IntoIterator<Item = Self>) -> Self {
        let parts: Vec<Self> = parts.into_iter().collect();
        let literals: Option<Vec<&str>> = parts.iter().map(|part| part.literal().map(String::as_str)).collect();
        match literals {
            Some(literals) => Self::Literal(literals.join(delimiter)),
            None => Self::function("Fn::Join", json!([delimiter, parts])),
        }
    }

    /// `Fn::Join` of a list whose members only CloudFormation knows.
    #[must_use]
    pub fn join_list(delimiter: &str, list: &Value<Vec<Self>>) -> Self {
        Self::function("Fn::Join", json!([delimiter, list]))
    }

    /// `Fn::Sub` over `text`; `variables` name every placeholder that is not a pseudo parameter.
    #[must_use]
    pub fn substitute<const N: usize>(text: &str, variables: [(&str, Self); N]) -> Self {
        let variables: serde_json::Map<String, serde_json::Value> =
            variables.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
        if variables.is_empty() {
            return Self::function("Fn::Sub", json!(text));
        }
        Self::function("Fn::Sub", json!([text, variables]))
    }

    /// `Fn::Select` from a list.
    #[must_use]
    pub fn select(index: usize, list: &Value<Vec<Self>>) -> Self {
        Self::function("Fn::Select", json!([index, list]))
    }

    /// `Fn::Split`.
    #[must_use]
    pub fn split(&self, delimiter: &str) -> Value<Vec<Self>> {
        Value::function("Fn::Split", json!([delimiter, self]))
    }

    /// The zones of the stack's own region, in AWS's order.
    #[must_use]
    pub fn availability_zones() -> Value<Vec<Self>> {
        Value::function("Fn::GetAZs", json!(""))
    }
}

impl Value<serde_json::Value> {
    /// A document that may hold references: build it with `json!`, putting [`Value`]s where they belong.
    #[must_use]
    pub const fn document(document: serde_json::Value) -> Self {
        Self::Literal(document)
    }
}

impl<T> From<T> for Value<T> {
    fn from(value: T) -> Self {
        Self::Literal(value)
    }
}

impl From<&str> for Value<String> {
    fn from(value: &str) -> Self {
        Self::Literal(value.to_owned())
    }
}

impl From<&Self> for Value<String> {
    fn from(value: &Self) -> Self {
        value.clone()
    }
}

impl<const N: usize> From<[&str; N]> for Value<Vec<Value<String>>> {
    fn from(values: [&str; N]) -> Self {
        Self::Literal(values.into_iter().map(Value::from).collect())
    }
}

impl<const N: usize> From<[Value<String>; N]> for Value<Vec<Value<String>>> {
    fn from(values: [Value<String>; N]) -> Self {
        Self::Literal(values.into())
    }
}

impl<T: Serialize> Serialize for Value<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Literal(value) => value.serialize(serializer),
            Self::Expression(expression) => expression.serialize(serializer),
        }
    }
}

impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match &self.0 {
            Kind::Reference(target) => map.serialize_entry("Ref", &target.marker())?,
            Kind::Attribute(target, name) => map.serialize_entry("Fn::GetAtt", &[&target.marker(), name])?,
            Kind::Pseudo(pseudo) => map.serialize_entry("Ref", pseudo.name())?,
            Kind::Function { name, argument } => map.serialize_entry(name, argument)?,
        }
        map.end()
    }
}
