//! The stacks of an environment that serves for itself: production and development.
//!
//! ```text
//! network ─► compute ─┐
//! data ───────────────┼─► svc-<name>, in parallel ─► api
//! identity ───────────┘
//! ```

use crate::data::{self, Data};
use crate::identity::{self, Identity};
use crate::network::{self, Network};
use crate::service::{self, Foundation};
use crate::{api, compute};
use como_config::Environment;
use como_contract::service::Service;
use como_core::stack::Stack;

/// What a stand-in reads of the environment that it stands in for.
pub(crate) struct Primary {
    pub(crate) stacks: Vec<Stack>,
}

pub(crate) fn primary(environment: &Environment, deployed: &[Service]) -> Primary {
    let (network_stack, network) = network::network(environment);
    let (data_stack, data) = data::data(environment);
    let (identity_stack, identity) = identity::identity(environment);
    let mut stacks = vec![network_stack, data_stack, identity_stack];
    stacks.extend(serving(environment, deployed, &network, &data, &identity));
    Primary { stacks }
}

/// What answers requests: compute, services and the door, which opens when there is somebody behind it.
fn serving(
    environment: &Environment,
    deployed: &[Service],
    network: &Network,
    data: &Data,
    identity: &Identity,
) -> Vec<Stack> {
    let (compute_stack, compute) = compute::compute(environment, network);
    let foundation = Foundation { network, data, identity, compute: &compute };
    let services: Vec<Stack> =
        deployed.iter().map(|service| service::service(environment, *service, &foundation)).collect();
    let mut api_stack = api::api(environment, deployed, network, identity, &compute);
    for service in &services {
        api_stack.follow(service);
    }
    std::iter::once(compute_stack).chain(services).chain([api_stack]).collect()
}
