//! What a task reads from its environment: the secrets and settings that ECS hands over, and the two variables of a
//! rehearsal.

use std::net::{Ipv4Addr, SocketAddr};

use como_adapters::service_token::ServiceToken;
use como_contract::secret::{Secret, secrets_of};
use como_contract::service::Service;
use como_contract::setting::{Setting, settings_of};
use como_contract::task::{EXIT_WITH_STDIN_VARIABLE, LISTEN_VARIABLE};
use secrecy::SecretString;
use thiserror::Error;

#[derive(Debug)]
pub struct TaskEnvironment {
    secrets: Vec<(Secret, SecretString)>,
    settings: Vec<(Setting, String)>,
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
    /// `variable` reads one variable, in a process `std::env::var`; no other is looked at.
    ///
    /// # Errors
    /// Names every variable that is missing, or the one that cannot be understood.
    pub fn read(
        service: Service,
        port: u16,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, EnvironmentError> {
        let (mut secrets, mut settings, mut names) = (Vec::new(), Vec::new(), Vec::new());
        let filled = |name| variable(name).filter(|value| !value.is_empty());
        for secret in secrets_of(service) {
            match filled(secret.variable()) {
                Some(value) => secrets.push((*secret, SecretString::from(value))),
                None => names.push(secret.variable()),
            }
        }
        for setting in settings_of(service) {
            match filled(setting.variable()) {
                Some(value) => settings.push((*setting, value)),
                None => names.push(setting.variable()),
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
        Ok(Self { secrets, settings, listen, exit_with_stdin })
    }

    pub(crate) fn secret(&self, wanted: Secret) -> Result<&SecretString, EnvironmentError> {
        let found = self.secrets.iter().find(|(secret, _)| *secret == wanted);
        found.map(|(_, value)| value).ok_or(EnvironmentError::Missing { names: vec![wanted.variable()] })
    }

    /// The token that the token refresh has put into this secret; none before its first run.
    pub(crate) fn bought(&self, wanted: Secret) -> Result<Option<ServiceToken>, EnvironmentError> {
        self.secret(wanted).map(ServiceToken::of_secret)
    }

    /// The value of a setting of the task's service.
    #[must_use]
    pub fn setting(&self, wanted: Setting) -> Option<&str> {
        self.settings.iter().find(|(setting, _)| *setting == wanted).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_missing_variable_is_named_at_once() {
        let error = TaskEnvironment::read(Service::Accounts, 8080, |_| None).unwrap_err();
        let expected = "these variables are not set or empty: MEMBERSON_CREDENTIALS, MEMBERSON_TOKEN, SESSION_KEY, \
                        MEMBER_PASSWORD_KEY";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn settings_are_read_beside_secrets() {
        let read = |missing: &'static str| {
            TaskEnvironment::read(Service::Bookings, 8080, move |name| {
                (name != missing).then(|| format!("value of {name}"))
            })
        };
        let error = read("QUEUE_URL").unwrap_err();
        assert_eq!(error.to_string(), "these variables are not set or empty: QUEUE_URL");
        let environment = TaskEnvironment::read(Service::Bookings, 8080, |name| match name {
            LISTEN_VARIABLE => None,
            name => Some(format!("value of {name}")),
        });
        assert_eq!(environment.unwrap().setting(Setting::QueueUrl), Some("value of QUEUE_URL"));
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
