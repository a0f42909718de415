//! The stacks of an environment that serves for itself: production and development.
//!
//! ```text
//! keys ─► keys-recovery ─► data ──┐
//! keys ─► messaging ──────────────┼─► access ─┐
//! identity ───────────────────────┘           ├─► svc-<name>, in parallel ─► api
//! network ─► compute ─────────────────────────┘                         └─► observability
//! ```

use crate::access::{self, Access, Resources};
use crate::data::{self, Data};
use crate::identity::{self, Identity};
use crate::keys::{self, Keys};
use crate::messaging::{self, Messaging};
use crate::network::{self, Network};
use crate::observability::{self, Watched};
use crate::presence::{Presence, Tasks};
use crate::service::{self, Deployed, Foundation};
use crate::{api, cache, compute, lease, shared};
use como_config::Environment;
use como_contract::service::Service;
use como_core::stack::Stack;

/// What a stand-in reads of the environment that it stands in for.
pub(crate) struct Primary {
    pub(crate) stacks: Vec<Stack>,
    pub(crate) keys: Keys,
    pub(crate) data: Data,
}

/// What there is before anything answers requests.
pub(crate) struct Base<'a> {
    pub(crate) network: &'a Network,
    pub(crate) data: &'a Data,
    pub(crate) messaging: &'a Messaging,
    pub(crate) identity: &'a Identity,
    pub(crate) access: &'a Access,
}

pub(crate) fn primary(environment: &Environment, deployed: &[Service]) -> Primary {
    let mut stacks = shared::shared(environment);
    let (key_stacks, keys) = keys::keys(environment);
    stacks.extend(key_stacks);
    let (network_stack, network) = network::network(environment);
    let (data_stack, data) = data::data(environment, &keys);
    let (messaging_stack, messaging) = messaging::messaging(environment, &keys.home);
    let (identity_stack, identity) = identity::identity(environment);
    let resources = Resources { data: &data, identity: &identity, messaging: &messaging, log_key: &network.log_key };
    let (access_stack, access) = access::access(environment, deployed, &resources);
    let cache = environment.cache().map(|cache| cache::cache(environment, cache, &network, &data));
    stacks.extend([network_stack, data_stack, messaging_stack, identity_stack, access_stack]);
    stacks.extend(cache);
    stacks.extend(lease::leases(environment));
    let base = Base { network: &network, data: &data, messaging: &messaging, identity: &identity, access: &access };
    let mut answering = answering(environment, deployed, &base, Presence::Serving(Tasks::AsConfigured));
    // Stages log and tasks pull images from what the account has, which nothing of theirs refers to.
    for stack in &mut answering {
        stacks.iter().filter(|shared| shared.is_closed()).for_each(|shared| stack.follow(shared));
    }
    stacks.extend(answering);
    Primary { stacks, keys, data }
}

/// What answers requests: compute, services and the door, which opens when there is somebody behind it.
pub(crate) fn answering(
    environment: &Environment,
    deployed: &[Service],
    base: &Base<'_>,
    presence: Presence,
) -> Vec<Stack> {
    let (compute_stack, compute) = compute::compute(environment, base.network, presence);
    let foundation = Foundation { network: base.network, identity: base.identity, compute: &compute };
    let (services, deployed_services): (Vec<Stack>, Vec<Deployed>) = deployed
        .iter()
        .filter_map(|service| Some((*service, base.access.of(*service)?)))
        .map(|(service, access)| service::service(environment, service, access, &foundation, presence))
        .unzip();
    let mut last = Vec::new();
    if let Some(door) = &compute.door {
        let mut api_stack = api::api(environment, deployed, base.network, base.identity, &compute, door);
        for service in &services {
            api_stack.follow(service);
        }
        let watched = Watched { data: base.data, messaging: base.messaging, door, services: &deployed_services };
        last.extend([api_stack, observability::observability(environment, &watched)]);
    }
    std::iter::once(compute_stack).chain(services).chain(last).collect()
}
