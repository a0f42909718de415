//! The stacks of an environment and how they stand on each other.
//!
//! ```text
//! network ─► compute ─┐
//! data ───────────────┼─► svc-<name>, in parallel ─► api
//! identity ───────────┘
//! ```

use crate::service::{self, Foundation};
use crate::{api, compute, data, identity, network};
use como_config::Environment;
use como_contract::service::Service;
use como_core::app::App;
use como_core::assembly::Assembly;
use como_core::stack::{Mistake, Stack};

/// The services that are deployed; each takes a line here and a block in the environment's file.
pub const DEPLOYED_SERVICES: [Service; 2] = [Service::Accounts, Service::Experiences];

/// The ECR repository of the one image that all services run.
pub const IMAGE_REPOSITORY: &str = "como/runtime";

/// Everything that `environment` has on AWS, its stacks in the order of their deployment.
///
/// # Errors
/// Every mistake in the constructs at once. An environment cannot cause one: what it may say has been checked before.
pub fn app(environment: &Environment) -> Result<Assembly, Vec<Mistake>> {
    let (network_stack, network) = network::network(environment);
    let (data_stack, data) = data::data(environment);
    let (identity_stack, identity) = identity::identity(environment);
    let (compute_stack, compute) = compute::compute(environment, &network);
    let foundation = Foundation { network: &network, data: &data, identity: &identity, compute: &compute };
    let services: Vec<Stack> =
        DEPLOYED_SERVICES.iter().map(|service| service::service(environment, *service, &foundation)).collect();
    let mut api_stack = api::api(environment, &network, &identity, &compute);
    // The door opens when there is somebody behind it.
    for service in &services {
        api_stack.follow(service);
    }
    let mut app = App::new();
    for stack in [network_stack, data_stack, identity_stack, compute_stack] {
        app.add(stack);
    }
    for stack in services {
        app.add(stack);
    }
    app.add(api_stack);
    app.synthesise()
}
