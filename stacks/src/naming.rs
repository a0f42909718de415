//! How stacks and physical resources are named.

use como_config::{Environment, Kind, Region};
use como_constructs::apigateway::Cors;
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

/// Where the API answers, in whichever region serves.
pub(crate) fn api_domain(environment: &Environment) -> String {
    format!("api.{}", environment.domain())
}

/// Where the API of the environment's own region answers, wherever traffic is led: for whoever has to know whether it does.
pub(crate) fn region_domain(environment: &Environment) -> String {
    format!("{}.{}", environment.region(), api_domain(environment))
}

/// Where the environment's own pages come from, as a browser says it.
pub(crate) fn site_origin(environment: &Environment) -> String {
    format!("https://{}", environment.primary().domain())
}

/// Whose pages may call the API. The gateway answers preflights and its own errors by it, the tasks everything else.
pub(crate) fn cors(environment: &Environment) -> Cors {
    Cors::new(site_origin(environment), environment.origins().values().map(ToString::to_string))
}

/// By which API Gateway speaks to the load balancer; it stands in the certificate and in no zone.
pub(crate) fn services_domain(environment: &Environment) -> String {
    format!("services.{}", environment.domain())
}

/// By which every resource says whose it is, and by which costs are told apart.
pub(crate) const ENVIRONMENT_TAG: &str = "como:environment";

/// What account-wide stacks are called after, in place of an environment.
const SHARED: &str = "shared";

/// An empty stack in the environment's own region, for example `como-prod-network`.
pub(crate) fn stack(environment: &Environment, id: &str, description: &str) -> Stack {
    stack_in(environment, environment.region(), id, description)
}

/// An empty stack of the environment in another region; its id is unique among all of the environment's stacks.
pub(crate) fn stack_in(environment: &Environment, region: Region, id: &str, description: &str) -> Stack {
    let name = name(environment, id);
    new(environment, environment.name().as_str(), region, id, name, description)
}

/// An empty account-wide stack, for example `como-shared-registry-ap-southeast-1`: the same for every environment that
/// shares it, and therefore closed.
pub(crate) fn shared_stack(owner: &Environment, region: Region, what: &str, description: &str) -> Stack {
    let id = format!("{what}-{region}");
    let mut stack = new(owner, SHARED, region, &id, format!("como-{SHARED}-{id}"), description);
    stack.close();
    stack
}

fn new(
    environment: &Environment,
    belongs_to: &str,
    region: Region,
    id: &str,
    name: String,
    description: &str,
) -> Stack {
    let mut tags: BTreeMap<String, String> =
        environment.tags().iter().map(|(key, value)| (key.as_str().to_owned(), value.as_str().to_owned())).collect();
    tags.insert(ENVIRONMENT_TAG.to_owned(), belongs_to.to_owned());
    tags.insert("como:stack".to_owned(), id.to_owned());
    if let Some(standby) = environment.standby() {
        tags.insert("como:stands-in-for".to_owned(), standby.of().name().as_str().to_owned());
    }
    Stack::new(StackProps {
        id: id.to_owned(),
        name,
        account: environment.account().as_str().to_owned(),
        region: region.as_str().to_owned(),
        description: description.to_owned(),
        termination_protection: match environment.kind() {
            Kind::Production | Kind::Recovery => Protection::Protected,
            Kind::Development => Protection::Unprotected,
        },
        tags,
    })
}

/// `memberson-credentials` becomes `MembersonCredentials`: how construct ids and outputs are written.
pub(crate) fn pascal_case(label: &str) -> String {
    label
        .split('-')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
        })
        .collect()
}
