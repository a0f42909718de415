//! Parameters: values that people and services look up by name.

use crate::iam::{Permissions, Statement};
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::ssm;

/// A plain value that is no secret.
#[derive(Debug, Clone)]
pub struct Parameter {
    name: String,
}

#[derive(Debug)]
pub struct ParameterProps<'a> {
    /// Begins with a slash, for example `/como/prod/accounts/digest`.
    pub name: String,
    pub description: &'a str,
    pub value: Value<String>,
}

impl Parameter {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: ParameterProps<'_>) -> Self {
        scope.add(
            id,
            ssm::Parameter {
                name: Some(props.name.as_str().into()),
                description: Some(props.description.into()),
                ..ssm::Parameter::new(ssm::parameter::Type::String, props.value)
            },
        );
        Self { name: props.name }
    }

    /// From the name: whoever reads it need not wait for the stack that makes it.
    #[must_use]
    pub fn arn(&self) -> Value<String> {
        let arn = format!("arn:${{AWS::Partition}}:ssm:${{AWS::Region}}:${{AWS::AccountId}}:parameter{}", self.name);
        Value::substitute(&arn, [])
    }

    /// As ECS asks.
    pub fn grant_read(&self, permissions: &mut Permissions) {
        permissions.add(Statement::allow(["ssm:GetParameters"], [self.arn()]));
    }
}
