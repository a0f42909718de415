//! What a task reads from its environment: the secrets that ECS hands over and the two variables of a rehearsal.

use std::net::{Ipv4Addr, SocketAddr};

use como_contract::secret::{Secret, secrets_of};
use como_contract::service::Service;
use como_contract::task::{EXIT_WITH_STDIN_VARIABLE, LISTEN_VARIABLE};
use secrecy::SecretString;
use thiserror::Error;

#[derive(Debug)]
pub(crate) struct TaskEnvironment {
    secrets: Vec<(Secret, SecretString)>,
    pub(crate) listen: SocketAddr,
    pub(crate) exit_with_stdin: bool,
}

#[derive(Debug, Error)]
pub enum EnvironmentError {
    #[error("these variables are not set or empty: {}", names.join(", "))]
    Missing { names: Vec<&'static str> },
    #[error("{LISTEN_VARIABLE} must be an address and a port such as 127.0.0.1:9000")]
    Listen,
}

impl TaskEnvironment {
    /// `variable` reads one variable, in a process `std::env::var`.
    pub(crate) fn read(
        service: Service,
        port: u16,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, EnvironmentError> {
        let mut secrets = Vec::new();
        let mut names = Vec::new();
        for secret in secrets_of(service) {
            match variable(secret.variable()).filter(|value| !value.is_empty()) {
                Some(value) => secrets.push((*secret, SecretString::from(value))),
                None => names.push(secret.variable()),
            }
        }
        if !names.is_empty() {
            return Err(EnvironmentError::Missing { names });
        }
        let listen = match variable(LISTEN_VARIABLE) {
            Some(address) => address.parse().map_err(|_| EnvironmentError::Listen)?,
            None => SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)),
        };
        let exit_with_stdin = variable(EXIT_WITH_STDIN_VARIABLE).as_deref() == Some("1");
        Ok(Self { secrets, listen, exit_with_stdin })
    }

    pub(crate) fn secret(&self, wanted: Secret) -> Result<&SecretString, EnvironmentError> {
        let found = self.secrets.iter().find(|(secret, _)| *secret == wanted);
        found.map(|(_, value)| value).ok_or(EnvironmentError::Missing { names: vec![wanted.variable()] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_missing_variable_is_named_at_once() {
        let error = TaskEnvironment::read(Service::Accounts, 8080, |_| None).unwrap_err();
        let expected = "these variables are not set or empty: MEMBERSON_CREDENTIALS, SESSION_KEY, MEMBER_PASSWORD_KEY";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn a_rehearsal_chooses_the_address() {
        let read = |listen: Option<&'static str>| {
            TaskEnvironment::read(Service::Experiences, 8080, move |name| match name {
                LISTEN_VARIABLE => listen.map(str::to_owned),
                EXIT_WITH_STDIN_VARIABLE => Some("1".to_owned()),
                _ => Some("{}".to_owned()),
            })
        };
        assert_eq!(read(Some("127.0.0.1:9000")).unwrap().listen.to_string(), "127.0.0.1:9000");
        assert_eq!(read(None).unwrap().listen.to_string(), "0.0.0.0:8080");
        assert!(read(None).unwrap().exit_with_stdin);
        assert!(read(Some("nowhere")).is_err());
    }
}
