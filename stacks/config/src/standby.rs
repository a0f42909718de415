//! From the file of a recovery environment to an [`Environment`]: its own place and addresses, the rest as the other has it.

use crate::convert;
use crate::environment::{Environment, Parts};
use crate::file::StandbyFile;
use crate::line::Place;
use crate::log::Log;
use crate::mistake::Code;
use crate::network::Network;
use crate::recovery::Standby;
use crate::refusal::Refusal;
use crate::region::Region;
use crate::siblings::Siblings;
use crate::usage::{self, Described};
use crate::value::Kind;

/// `None` when something is wrong, which is in the log then.
pub(crate) fn standby(file: StandbyFile, stem: Option<&str>, siblings: &Siblings, log: &Log) -> Option<Environment> {
    let name = convert::name(file.name, stem, log);
    let kind = file.kind.take(log);
    let posture = file.posture.take(log);
    let region_place = file.region.place.clone();
    let region = file.region.take(log);
    let network_place = file.network.place.clone();
    let network = file.network.value.and_then(|network| convert::network(network, region, log));
    let tags = file.tags.map(|tags| convert::tags(tags, log));
    let usage = usage::usage(file.usage, Described::Environment, log);
    let (of, place) = siblings.find(file.recovers, log)?;
    region_fits(&of, &place, region, &region_place, log);
    if let Some(network) = &network {
        addresses_fit(&of, network, &network_place, log);
    }
    kind?;
    Some(Environment::new(Parts {
        name: name?,
        kind: Kind::Recovery,
        account: of.account().clone(),
        region: region?,
        domain: of.domain().clone(),
        image: of.image().clone(),
        shares: None,
        recovery: None,
        network: network?,
        services: of.all_services().clone(),
        partners: of.partners().clone(),
        alerts: of.alerts().clone(),
        origins: of.origins().clone(),
        repository: of.repository().cloned(),
        repository_ids: of.repository_ids(),
        cache: of.cache().cloned(),
        usage: usage?,
        tags: match tags {
            Some(tags) => tags?,
            None => of.tags().clone(),
        },
        standby: Some(Standby::new(of, posture?)),
    }))
}

/// The data is copied to one region, and to no other.
fn region_fits(of: &Environment, recovers: &Place, region: Option<Region>, region_place: &Place, log: &Log) {
    let name = of.name();
    match (of.recovery(), region) {
        (None, _) => {
            let refusal = Refusal::new(format!("`{name}` has no recovery region, so nothing can stand in for it"));
            log.add(Code::Conflict, recovers, refusal.hint(format!("add `recovery` to {name}.yaml")));
        }
        (Some(recovery), Some(region)) if recovery.region() != region => {
            let refusal = Refusal::new(format!("`{name}` copies its data to {}, not to {region}", recovery.region()));
            log.add(Code::Conflict, region_place, refusal.hint(format!("write `region: {}`", recovery.region())));
        }
        (Some(_), _) => {}
    }
}

/// Overlapping networks could never be joined, and a fail-back may have to.
fn addresses_fit(of: &Environment, network: &Network, place: &Place, log: &Log) {
    let other = of.network().cidr();
    if other.overlaps(network.cidr()) {
        let refusal = Refusal::new(format!("{} overlaps {other}, the network of `{}`", network.cidr(), of.name()));
        log.add(Code::Conflict, place, refusal.hint("give the stand-in addresses of its own"));
    }
}
