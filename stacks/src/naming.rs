//! How stacks and physical resources are named.

use como_config::{Environment, Kind};
use como_core::stack::{Protection, Stack, StackProps};
use std::collections::BTreeMap;

/// `como-prod`, or `como-prod-<what>`.
pub(crate) fn name(environment: &Environment, what: &str) -> String {
    let environment = environment.name().as_str();
    if what.is_empty() { format!("como-{environment}") } else { format!("como-{environment}-{what}") }
}

/// Where the environment's log groups are; the key for logs is bound to it.
pub(crate) fn log_group(environment: &Environment, what: &str) -> String {
    format!("/como/{}/{what}", environment.name().as_str())
}

/// An empty stack, for example `como-prod-network`.
pub(crate) fn stack(environment: &Environment, id: &str, description: &str) -> Stack {
    let mut tags: BTreeMap<String, String> =
        environment.tags().iter().map(|(key, value)| (key.as_str().to_owned(), value.as_str().to_owned())).collect();
    tags.insert("como:environment".to_owned(), environment.name().as_str().to_owned());
    tags.insert("como:stack".to_owned(), id.to_owned());
    Stack::new(StackProps {
        id: id.to_owned(),
        name: name(environment, id),
        account: environment.account().as_str().to_owned(),
        region: environment.region().as_str().to_owned(),
        description: description.to_owned(),
        termination_protection: match environment.kind() {
            Kind::Production | Kind::Recovery => Protection::Protected,
            Kind::Development => Protection::Unprotected,
        },
        tags,
    })
}
