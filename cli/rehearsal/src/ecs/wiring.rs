//! From a task definition to a process: arguments and variables.

use super::keeper::Keeper;
use super::service::Surroundings;
use super::state::{Deployment, TaskDefinition};
use crate::replication::regions::task_access_key;
use crate::services::property::{Properties, objects, text, texts};
use como_contract::task::LISTEN_VARIABLE;
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// How one task of a service is started.
pub(super) struct Wiring {
    pub(super) arguments: Vec<String>,
    pub(super) variables: BTreeMap<String, String>,
}

/// Reads the secrets and puts everything together; the error is the reason for which ECS would stop the task.
pub(super) fn wire(surroundings: &Surroundings, keeper: &Keeper, address: SocketAddr) -> Result<Wiring, String> {
    let service = &keeper.service;
    let container = main_container(&keeper.deployment, &keeper.definition)
        .ok_or_else(|| "the task definition has no essential container".to_owned())?;
    let mut arguments = surroundings.program.arguments_prefix.clone();
    arguments.extend(texts(container, "Command"));
    let mut variables = BTreeMap::new();
    for variable in objects(container, "Environment") {
        if let (Some(name), Some(value)) = (text(variable, "Name"), text(variable, "Value")) {
            variables.insert(name.to_owned(), value.to_owned());
        }
    }
    for secret in objects(container, "Secrets") {
        let (Some(name), Some(source)) = (text(secret, "Name"), text(secret, "ValueFrom")) else { continue };
        variables.insert(name.to_owned(), read_secret(surroundings, &service.region, source)?);
    }
    let access_key = task_access_key(&service.region);
    variables.extend(
        [
            ("AWS_ENDPOINT_URL", surroundings.endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", access_key.as_str()),
            ("AWS_SECRET_ACCESS_KEY", "rehearsal"),
            ("AWS_SESSION_TOKEN", "rehearsal"),
            ("AWS_REGION", service.region.as_str()),
            ("AWS_DEFAULT_REGION", service.region.as_str()),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            // Everything that a task may reach is on this machine.
            ("NO_PROXY", "127.0.0.1,localhost"),
            ("no_proxy", "127.0.0.1,localhost"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    variables.insert(LISTEN_VARIABLE.to_owned(), address.to_string());
    Ok(Wiring { arguments, variables })
}

/// The container behind the load balancer, else the first essential one. Others have no program to run here.
pub(super) fn main_container<'a>(deployment: &Deployment, definition: &'a TaskDefinition) -> Option<&'a Properties> {
    let name = deployment.target_groups.first().map(|group| group.container.as_str());
    let mut containers = objects(&definition.properties, "ContainerDefinitions");
    containers.find(|container| match name {
        Some(name) => text(container, "Name") == Some(name),
        None => crate::services::property::flag(container, "Essential").unwrap_or(true),
    })
}

fn read_secret(surroundings: &Surroundings, region: &str, source: &str) -> Result<String, String> {
    let is_parameter = source.contains(":ssm:") || !source.starts_with("arn:");
    let value = if is_parameter {
        surroundings.parameters.value(region, source)
    } else {
        surroundings.secrets.value(region, source)
    };
    value.map_err(|error| {
        format!(
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: \
             unable to retrieve secret from asm: {}: {}",
            error.code, error.message
        )
    })
}
