//! The stacks of an environment that serves for itself: production and development.
//!
//! ```text
//! keys ─► keys-recovery ─► data ──┐
//! keys ─► messaging ──────────────┼─► access ─► functions ─► pipeline
//! identity ───────────────────────┘               ├─► svc-<name>, in parallel ─► api ─► observability
//! network ────────────────────────► compute ──┘                              ▲
//! zone ─► certificates ─────────────┴─► door ────────────────────────────────┴─► records
//! zone, site, site-recovery ─► edge
//! ```

use crate::access::{self, Access, Resources};
use crate::data::{self, Data};
use crate::functions::{self, Around, Functions};
use crate::identity::{self, Identity};
use crate::keys::{self, Keys};
use crate::messaging::{self, Messaging};
use crate::network::{self, Network};
use crate::observability::{self, Watched};
use crate::presence::{Presence, Tasks};
use crate::service::{self, Deployed, Foundation};
use crate::shared::{self, AccountRegion, Shared};
use crate::{api, cache, certificates, compute, door, edge, lease, mail, pipeline, records, site, zone};
use como_config::{Environment, Region};
use como_constructs::route53::HostedZone;
use como_contract::service::Definition;
use como_core::stack::Stack;

/// What a stand-in reads of the environment that it stands in for.
pub(crate) struct Primary {
    pub(crate) stacks: Vec<Stack>,
    pub(crate) keys: Keys,
    pub(crate) data: Data,
    pub(crate) zone: HostedZone,
    pub(crate) shared: Shared,
}

/// What there is before anything answers requests.
pub(crate) struct Base<'a> {
    pub(crate) network: &'a Network,
    pub(crate) data: &'a Data,
    pub(crate) messaging: &'a Messaging,
    pub(crate) identity: &'a Identity,
    pub(crate) access: &'a Access,
    pub(crate) certificates: &'a certificates::Certificates,
    pub(crate) door: &'a door::Door,
    pub(crate) account: &'a AccountRegion,
    /// Services are changed by its role, and must be gone before it is.
    pub(crate) functions: &'a Stack,
}

pub(crate) fn primary(environment: &Environment, deployed: &[&'static Definition]) -> Primary {
    let mut shared = shared::shared(environment);
    let mut stacks = std::mem::take(&mut shared.stacks);
    let global = Region::GLOBAL;
    let (key_stacks, keys) = keys::keys(environment);
    stacks.extend(key_stacks);
    let (network_stack, network) = network::network(environment);
    let (data_stack, data) = data::data(environment, &keys);
    let (messaging_stack, messaging) = messaging::messaging(environment, &keys.home);
    let (identity_stack, identity) = identity::identity(environment);
    let (zone_stack, zone) = zone::zone(environment, global);
    let (mail_stack, sender) = mail::mail(environment, &zone, &keys.home, &messaging);
    let resources = Resources {
        data: &data,
        identity: &identity,
        messaging: &messaging,
        sender: &sender,
        log_key: &network.log_key,
    };
    let (access_stack, access) = access::access(environment, deployed, &resources);
    let cache = environment.cache().zip(access.cache_role.as_ref());
    let cache = cache.map(|(cache, role)| cache::cache(environment, cache, &network, role));
    stacks.extend([network_stack, data_stack, messaging_stack, identity_stack, access_stack]);
    stacks.extend(cache);
    stacks.extend(lease::leases(environment));
    let (certificates_stack, certificates) = certificates::certificates(environment, &zone);
    let (door_stack, door) = door::door(environment, &network, &certificates);
    stacks.extend([zone_stack, certificates_stack, door_stack, mail_stack]);
    let around = Around {
        data: &data,
        access: &access,
        messaging: &messaging,
        key: &keys.home,
        log_key: &network.log_key,
        account: &shared.home,
    };
    let (functions_stack, functions) = functions::functions(environment, deployed, &around);
    stacks.extend(workflows(environment, &shared, &data, &functions));
    stacks.extend(pages(environment, global, &zone, &shared));
    stacks.extend(names(environment, global, &zone, &door));
    let base = Base {
        network: &network,
        data: &data,
        messaging: &messaging,
        identity: &identity,
        access: &access,
        certificates: &certificates,
        door: &door,
        account: &shared.home,
        functions: &functions_stack,
    };
    let mut answering = answering(environment, deployed, &base, Presence::Serving(Tasks::AsConfigured));
    // Stages log and tasks pull images from what the account has, which nothing of theirs refers to.
    for stack in &mut answering {
        stacks.iter().filter(|shared| shared.is_closed()).for_each(|shared| stack.follow(shared));
    }
    stacks.push(functions_stack);
    stacks.extend(answering);
    Primary { stacks, keys, data, zone, shared }
}

/// What GitHub's workflows may do, where there is a repository.
fn workflows(environment: &Environment, shared: &Shared, data: &Data, functions: &Functions) -> Option<Stack> {
    let (repository, github) = environment.repository().zip(shared.github.as_ref())?;
    Some(pipeline::pipeline(environment, repository, github, data, functions))
}

/// The site: its buckets, and the distribution in front of them.
fn pages(environment: &Environment, global: Region, zone: &HostedZone, shared: &Shared) -> Vec<Stack> {
    let (site, first) = site::site(environment, environment.region(), "site", &shared.home);
    let recovery = environment.recovery().zip(shared.recovery.as_ref());
    let recovery = recovery.map(|(there, account)| site::site(environment, there.region(), "site-recovery", account));
    let (second_stack, second) = recovery.unzip();
    let edge = edge::edge(environment, global, zone, edge::Pages { first: &first, second: second.as_ref() });
    std::iter::once(site).chain(second_stack).chain([edge]).collect()
}

/// The records of the API's name, and the switch that they follow where there is a region to recover in.
fn names(environment: &Environment, global: Region, zone: &HostedZone, door: &door::Door) -> Vec<Stack> {
    let Some(recovery) = environment.recovery() else {
        return vec![records::records(environment, global, zone, door, None)];
    };
    let (switch_stack, switch) = records::switch(environment, recovery.region());
    vec![switch_stack, records::records(environment, global, zone, door, Some((&switch, recovery.region())))]
}

/// What answers requests: compute, services and the door, which opens when there is somebody behind it.
pub(crate) fn answering(
    environment: &Environment,
    deployed: &[&'static Definition],
    base: &Base<'_>,
    presence: Presence,
) -> Vec<Stack> {
    let outside = compute::Outside { certificates: base.certificates, account: base.account };
    let (compute_stack, compute) = compute::compute(environment, base.network, outside, presence);
    let foundation = Foundation { network: base.network, identity: base.identity, compute: &compute };
    let (mut services, deployed_services): (Vec<Stack>, Vec<Deployed>) = deployed
        .iter()
        .filter_map(|service| {
            let (configured, access) = (environment.service(service.name)?, base.access.of(service)?);
            Some(service::service(environment, service::Subject { service, configured, access }, &foundation, presence))
        })
        .unzip();
    services.iter_mut().for_each(|service| service.follow(base.functions));
    let mut last = Vec::new();
    if let Some(door) = &compute.door {
        let between = api::Between {
            door: base.door,
            identity: base.identity,
            compute: &compute,
            load_balancer: &door.load_balancer,
        };
        let mut api_stack = api::api(environment, deployed, base.network, between);
        for service in &services {
            api_stack.follow(service);
        }
        let watched = Watched { data: base.data, messaging: base.messaging, door, services: &deployed_services };
        last.extend([api_stack, observability::observability(environment, &watched)]);
    }
    std::iter::once(compute_stack).chain(services).chain(last).collect()
}
