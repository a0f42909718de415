//! What a function reads from its environment.

use como_contract::function::{
    APPROVED, DATA_ENVIRONMENT_VARIABLE, ENVIRONMENT_VARIABLE, EVERY_PUSH, EXECUTION_ROLE_VARIABLE, Function,
    HANDLER_VARIABLE, REGION_VARIABLE, WANTED_VARIABLE,
};
use thiserror::Error;

/// Which pushed images become the wanted one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    EveryPush,
    /// Somebody else says so, after an approval.
    Approved,
}

#[derive(Debug, PartialEq, Eq)]
pub struct FunctionEnvironment {
    pub(crate) function: Function,
    pub(crate) environment: String,
    /// The environment whose tables it works with.
    pub(crate) data_environment: String,
    pub(crate) region: String,
    /// Of [`Function::DeployOnPush`] alone.
    pub(crate) wanted: Wanted,
    /// ARN of the role that CloudFormation acts by, for functions that change stacks.
    pub(crate) execution_role: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Error)]
pub enum EnvironmentError {
    #[error("these variables are not set or empty: {}", names.join(", "))]
    Missing { names: Vec<&'static str> },
    #[error("{HANDLER_VARIABLE} must be one of {}", Function::ALL.map(Function::handler).join(", "))]
    Handler,
    #[error("{WANTED_VARIABLE} must be {EVERY_PUSH} or {APPROVED}")]
    Wanted,
}

impl FunctionEnvironment {
    /// `variable` reads one variable, in a process `std::env::var`. A function looks at those that it needs, and no others.
    ///
    /// # Errors
    /// When a variable is missing, empty or none of the accepted values.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, EnvironmentError> {
        let mut names = Vec::new();
        let mut needed = |name: &'static str| {
            let value = variable(name).filter(|value| !value.is_empty());
            if value.is_none() {
                names.push(name);
            }
            value.unwrap_or_default()
        };
        let (handler, environment, region) =
            (needed(HANDLER_VARIABLE), needed(ENVIRONMENT_VARIABLE), needed(REGION_VARIABLE));
        if !names.is_empty() {
            return Err(EnvironmentError::Missing { names });
        }
        let function = Function::from_handler(&handler).ok_or(EnvironmentError::Handler)?;
        let given = |name| variable(name).filter(|value| !value.is_empty());
        let (data_environment, execution_role) = match function {
            Function::DeployOnPush | Function::Reconcile => {
                (given(DATA_ENVIRONMENT_VARIABLE), given(EXECUTION_ROLE_VARIABLE))
            }
            Function::TokenRefresh => (given(DATA_ENVIRONMENT_VARIABLE), None),
            Function::RecoveryTrigger => (None, None),
        };
        let wanted = match function {
            Function::DeployOnPush => match variable(WANTED_VARIABLE).as_deref() {
                // The careful one is what nobody has to ask for.
                None | Some(APPROVED) => Wanted::Approved,
                Some(EVERY_PUSH) => Wanted::EveryPush,
                Some(_) => return Err(EnvironmentError::Wanted),
            },
            Function::Reconcile | Function::TokenRefresh | Function::RecoveryTrigger => Wanted::Approved,
        };
        // An environment that serves for itself has tables of its own name.
        let data_environment = data_environment.unwrap_or_else(|| environment.clone());
        Ok(Self { function, environment, data_environment, region, wanted, execution_role })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<FunctionEnvironment, EnvironmentError> {
        FunctionEnvironment::read(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn mistakes_are_named() {
        let names = vec![HANDLER_VARIABLE, ENVIRONMENT_VARIABLE, REGION_VARIABLE];
        assert_eq!(read(&[]).unwrap_err(), EnvironmentError::Missing { names });
        let base =
            [(HANDLER_VARIABLE, "deploy-on-push"), (ENVIRONMENT_VARIABLE, "dev"), (REGION_VARIABLE, "ap-southeast-1")];
        assert_eq!(read(&base).unwrap().wanted, Wanted::Approved);
        assert_eq!(read(&base).unwrap().data_environment, "dev");
        let with = |variable, value| read(&[&[(variable, value)], &base[..]].concat());
        assert_eq!(with(DATA_ENVIRONMENT_VARIABLE, "prod").unwrap().data_environment, "prod");
        assert_eq!(with(HANDLER_VARIABLE, "main").unwrap_err(), EnvironmentError::Handler);
        assert_eq!(with(WANTED_VARIABLE, "some").unwrap_err(), EnvironmentError::Wanted);
        assert_eq!(with(WANTED_VARIABLE, EVERY_PUSH).unwrap().wanted, Wanted::EveryPush);
    }
}
