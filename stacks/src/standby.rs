//! The stacks of an environment that stands in for another in a second region.
//!
//! The base part is always deployed and may read what the other environment has deployed. The active part reads nothing but
//! the base part, and needs no control plane outside its own region: it is what has to be made when the other is lost.

use crate::access::{self, Resources};
use crate::functions::{self, Around};
use crate::presence::Presence;
use crate::primary::{Base, Primary, answering};
use crate::{cache, certificates, door, identity, mail, messaging, network, records, watch};
use como_config::{Environment, Region, Standby};
use como_contract::service::Definition;
use como_core::stack::Stack;

pub(crate) fn standby(
    environment: &Environment,
    standby: &Standby,
    of: &Primary,
    deployed: &[&'static Definition],
) -> Vec<Stack> {
    let (network_stack, network) = network::base(environment);
    let (identity_stack, identity) = identity::identity(environment);
    let mut stacks = vec![network_stack, identity_stack];
    // An environment's file that names no region of recovery cannot be recovered, and no file may say so.
    let (Some(recovery), Some(account)) = (&of.keys.recovery, &of.shared.recovery) else { return stacks };
    let data = of.data.in_recovery(standby.of(), &recovery.key);
    let (messaging_stack, messaging) = messaging::messaging(environment, &recovery.key);
    let (mail_stack, sender) = mail::mail(environment, &of.zone, &recovery.key, &messaging);
    let resources = Resources {
        data: &data,
        identity: &identity,
        messaging: &messaging,
        sender: &sender,
        log_key: &network.log_key,
    };
    let (access_stack, access) = access::access(environment, deployed, &resources);
    stacks.extend([messaging_stack, access_stack]);
    let (certificates_stack, certificates) = certificates::certificates(environment, &of.zone);
    let (door_stack, door) = door::door(environment, &network, &certificates);
    let records = records::second_records(environment, Region::GLOBAL, &of.zone, &door);
    stacks.extend([certificates_stack, door_stack, mail_stack, records]);
    let around = Around {
        data: &data,
        access: &access,
        messaging: &messaging,
        key: &recovery.key,
        log_key: &network.log_key,
        account,
    };
    let (functions_stack, functions) = functions::functions(environment, deployed, &around);
    stacks.extend(watch::watch(environment, standby, &messaging, &functions));
    let base = Base {
        network: &network,
        data: &data,
        messaging: &messaging,
        identity: &identity,
        access: &access,
        certificates: &certificates,
        door: &door,
        account,
        functions: &functions_stack,
    };
    let mut active = Vec::new();
    if let Some(presence) = Presence::of(standby.posture()) {
        if presence.is_serving() {
            let cache = environment.cache().zip(access.cache_role.as_ref());
            active.push(network::active(environment, &network));
            active.extend(cache.map(|(cache, role)| cache::cache(environment, cache, &network, role)));
        }
        active.extend(answering(environment, deployed, &base, presence));
    }
    stacks.push(functions_stack);
    stacks.extend(active);
    stacks
}
