//! From the file to an [`Environment`], with the checks that look at more than one value.
//!
//! Every value is taken before the first `?`, so that the mistakes of all of them are noted.

use std::collections::BTreeMap;

use crate::cache::Cache;
use crate::environment::{Environment, Memberson, Partners, Parts, SevenRooms};
use crate::file::{
    AlertsFile, CacheFile, EnvironmentFile, MOST_TAGS, MembersonFile, NetworkFile, PartnersFile, PeakFile,
    RecoveryFile, RepositoryIdsFile, ServiceFile, SevenRoomsFile, ZoneFile,
};
use crate::line::Place;
use crate::log::Log;
use crate::mistake::Code;
use crate::network::{Cidr, Network, ZoneSubnets};
use crate::operations::{Alerts, RepositoryIds};
use crate::placed::{Entries, Field, Placed};
use crate::recovery::Recovery;
use crate::refusal::{Refusal, quote};
use crate::region::{Region, ZoneLetter};
use crate::schedule::{Peak, PeakName};
use crate::service::{Scaling, Service, TaskSize};
use crate::siblings::Siblings;
use crate::usage::{self, Described};
use crate::value::{Account, EnvironmentName, TagKey, TagValue};

/// `None` when something is wrong, which is in the log then.
pub(crate) fn environment(
    file: EnvironmentFile,
    stem: Option<&str>,
    siblings: &Siblings,
    described: Described,
    log: &Log,
) -> Option<Environment> {
    let name = name(file.name, stem, log);
    let kind = file.kind.take(log);
    let account = file.account.take(log);
    let region = file.region.take(log);
    let domain = file.domain.take(log);
    let image = file.image.take(log);
    let network = file.network.value.and_then(|network| self::network(network, region, log));
    let services = file.services.value.map(|services| services.map(|_, service| self::service(service.value, log)));
    let partners = file.partners.value.and_then(|partners| self::partners(partners, log));
    let alerts = file.alerts.value.and_then(|alerts| self::alerts(alerts, log));
    let origins = optional_block(file.origins, BTreeMap::new(), |Entries(origins)| {
        let read: Vec<_> = origins.into_iter().map(|(name, origin)| (name.take(log), origin.take(log))).collect();
        read.into_iter().map(|(name, origin)| name.zip(origin)).collect()
    });
    let repository_place = file.repository.as_ref().map(|repository| repository.place.clone());
    let ids_place = file.repository_ids.as_ref().map(|ids| ids.place.clone());
    let repository = optional(file.repository.map(|repository| repository.take(log)));
    let repository_ids =
        optional(file.repository_ids.map(|ids| ids.value.and_then(|ids| self::repository_ids(ids, log))));
    let cache = optional(file.cache.map(|cache| cache.value.and_then(|cache| self::cache(cache, log))));
    let recovery = optional(
        file.recovery.map(|recovery| recovery.value.and_then(|recovery| self::recovery(recovery, region, log))),
    );
    let shares = optional(file.shares.map(|owner| self::owner(owner, account.as_ref(), siblings, log)));
    repository_fits(repository_place.as_ref(), ids_place.as_ref(), shares.as_ref().and_then(Option::as_ref), log);
    let tags = match file.tags {
        Some(tags) => self::tags(tags, log),
        None => Some(BTreeMap::new()),
    };
    let usage = usage::usage(file.usage, described, log);
    Some(Environment::new(Parts {
        name: name?,
        kind: kind?,
        account: account?,
        region: region?,
        domain: domain?,
        image: image?,
        shares: shares?.map(Box::new),
        recovery: recovery?,
        standby: None,
        network: network?,
        services: services?.transpose()?,
        partners: partners?,
        alerts: alerts?,
        origins: origins?,
        repository: repository?,
        repository_ids: repository_ids?,
        cache: cache?,
        usage: usage?,
        tags: tags?,
    }))
}

/// What may be left out: sound when it is, and when it is sound.
fn optional<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    match read {
        None => Some(None),
        Some(value) => value.map(Some),
    }
}

fn optional_block<B, T>(block: Option<Placed<B>>, absent: T, read: impl FnOnce(B) -> Option<T>) -> Option<T> {
    match block {
        None => Some(absent),
        Some(block) => block.value.and_then(read),
    }
}

/// Account-wide stacks can only be shared within an account.
fn owner(
    field: Field<EnvironmentName>,
    account: Option<&Account>,
    siblings: &Siblings,
    log: &Log,
) -> Option<Environment> {
    let (owner, place) = siblings.find(field, log)?;
    if account.is_some_and(|account| account != owner.account()) {
        let refusal = Refusal::new(format!("`{}` is in account {}, another one", owner.name(), owner.account()));
        let hint = "an environment in an account of its own has stacks of its own; leave `shares` out";
        log.add(Code::Conflict, &place, refusal.hint(hint));
    }
    Some(owner)
}

fn recovery(file: RecoveryFile, own: Option<Region>, log: &Log) -> Option<Recovery> {
    let (region_place, witness_place) = (file.region.place.clone(), file.witness.place.clone());
    let (region, witness) = (file.region.take(log), file.witness.take(log));
    if let Some(region) = region.filter(|region| own == Some(*region)) {
        let refusal = Refusal::new(format!("{region} is the region that may be lost"));
        log.add(Code::Conflict, &region_place, refusal.hint("choose another region to recover in"));
    }
    if let Some(witness) = witness.filter(|witness| own == Some(*witness) || region == Some(*witness)) {
        let refusal = Refusal::new(format!("{witness} cannot be witness of its own loss"));
        log.add(Code::Conflict, &witness_place, refusal.hint("choose a third region"));
    }
    Some(Recovery::new(region?, witness?))
}

fn alerts(file: AlertsFile, log: &Log) -> Option<Alerts> {
    let (email, budget) = (file.email.take(log), file.monthly_budget.take(log));
    Some(Alerts::new(email?, budget?))
}

fn repository_ids(file: RepositoryIdsFile, log: &Log) -> Option<RepositoryIds> {
    let (owner, repository) = (file.owner.take(log), file.repository.take(log));
    Some(RepositoryIds::new(owner?, repository?))
}

/// The account trusts GitHub once, in the stacks of the environment that owns them.
fn repository_fits(repository: Option<&Place>, ids: Option<&Place>, owner: Option<&Environment>, log: &Log) {
    if let (None, Some(ids)) = (repository, ids) {
        let refusal = Refusal::new("these are the numbers of no repository".to_owned());
        log.add(Code::Conflict, ids, refusal.hint("write `repository: owner/name` too"));
    }
    if let (Some(place), Some(owner)) = (repository, owner.filter(|owner| owner.repository().is_none())) {
        let refusal =
            Refusal::new(format!("`{}`, whose account-wide stacks it shares, trusts no repository", owner.name()));
        log.add(Code::Conflict, place, refusal.hint(format!("add `repository` to {}.yaml", owner.name())));
    }
}

fn cache(file: CacheFile, log: &Log) -> Option<Cache> {
    let (node, nodes) = (file.node.take(log), file.nodes.take(log));
    Some(Cache::new(node?, nodes?))
}

/// `como deploy prod` opens prod.yaml, so a file that calls itself something else would deploy under a surprising name.
pub(crate) fn name(field: Field<EnvironmentName>, stem: Option<&str>, log: &Log) -> Option<EnvironmentName> {
    let place = field.place.clone();
    let name = field.take(log)?;
    match stem.filter(|stem| *stem != name.as_str()) {
        None => Some(name),
        Some(stem) => {
            let refusal =
                Refusal::new(format!("the file is called {}.yaml and names `{name}`", quote(stem).trim_matches('`')));
            log.add(
                Code::Conflict,
                &place,
                refusal.hint(format!("rename the file to {name}.yaml, or change the name")),
            );
            None
        }
    }
}

pub(crate) fn network(file: NetworkFile, region: Option<Region>, log: &Log) -> Option<Network> {
    let NetworkFile { cidr, nat_gateways, zones } = file;
    let nat_place = nat_gateways.place.clone();
    let cidr = cidr.take(log);
    let nat_gateways = nat_gateways.take(log);
    let Placed { place, value } = zones;
    let Entries(zones) = value?;
    let count = zones.len();
    if count < Network::FEWEST_ZONES {
        let refusal = Refusal::new(format!(
            "the load balancer needs {} zones, and the network has {count}",
            Network::FEWEST_ZONES
        ));
        log.add(Code::Conflict, &place, refusal.hint("add a zone with its two subnets"));
    }
    if let Some(gateways) = nat_gateways.filter(|gateways| count < gateways.get()) {
        let refusal = Refusal::new(format!("`nat_gateways` is {}, more than one for each zone", gateways.get()));
        log.add(Code::Conflict, &nat_place, refusal.accepting([format!("at most {count}")]));
    }
    let mut subnets = Subnets { vpc: cidr, taken: Vec::new(), log };
    let read: Vec<Option<ZoneSubnets>> =
        zones.into_iter().map(|(letter, zone)| self::zone(letter, zone, region, &mut subnets)).collect();
    let mut zones = read.into_iter().collect::<Option<Vec<_>>>()?;
    zones.sort_by_key(ZoneSubnets::zone);
    Some(Network::new(cidr?, nat_gateways?, zones))
}

fn zone(
    letter: Field<ZoneLetter>,
    zone: Placed<ZoneFile>,
    region: Option<Region>,
    subnets: &mut Subnets<'_>,
) -> Option<ZoneSubnets> {
    let log = subnets.log;
    let place = letter.place.clone();
    let letter = letter.take(log);
    let zone_name =
        letter.and_then(|letter| region?.zone(letter).map_err(|refusal| log.add(Code::Conflict, &place, refusal)).ok());
    let ZoneFile { public, private } = zone.value?;
    let public = subnets.take(public, format!("zone {}'s public subnet", letter.map_or('?', ZoneLetter::as_char)));
    let private = subnets.take(private, format!("zone {}'s private subnet", letter.map_or('?', ZoneLetter::as_char)));
    Some(ZoneSubnets::new(zone_name?, public?, private?))
}

/// The subnets so far.
struct Subnets<'l> {
    vpc: Option<Cidr>,
    taken: Vec<(Cidr, String)>,
    log: &'l Log,
}

impl Subnets<'_> {
    fn take(&mut self, field: Field<Cidr>, name: String) -> Option<Cidr> {
        let place = field.place.clone();
        let cidr = field.take(self.log)?;
        if let Some(vpc) = self.vpc.filter(|vpc| !vpc.contains(cidr)) {
            let refusal = Refusal::new(format!("{cidr} is not inside the network's block {vpc}"));
            self.log.add(Code::Conflict, &place, refusal);
        }
        if let Some((other, owner)) = self.taken.iter().find(|(other, _)| other.overlaps(cidr)) {
            let refusal = Refusal::new(format!("{cidr} overlaps {other}, {owner}"));
            self.log.add(Code::Conflict, &place, refusal.hint("give each subnet addresses of its own"));
        }
        self.taken.push((cidr, name));
        Some(cidr)
    }
}

fn service(file: Option<ServiceFile>, log: &Log) -> Option<Service> {
    let ServiceFile { cpu, memory, tasks, scaling } = file?;
    let memory_place = memory.place.clone();
    let tasks_place = tasks.place.clone();
    let (cpu, memory, tasks) = (cpu.take(log), memory.take(log), tasks.take(log));
    let size = cpu.zip(memory).and_then(|pair| together(TaskSize::try_from(pair), &memory_place, log));
    let (scaling, peaks) = match scaling.value {
        None => (None, None),
        Some(scaling) => {
            let max_place = scaling.max.place.clone();
            let (min, max) = (scaling.min.take(log), scaling.max.take(log));
            let bounds = min.zip(max).and_then(|bounds| together(Scaling::try_from(bounds), &max_place, log));
            let peaks = optional_block(scaling.peaks, Vec::new(), |Entries(peaks)| {
                let read: Vec<_> = peaks.into_iter().map(|(name, peak)| self::peak(name, peak, bounds, log)).collect();
                read.into_iter().collect()
            });
            (bounds, peaks)
        }
    };
    if let Some((tasks, scaling)) =
        tasks.zip(scaling).filter(|(tasks, scaling)| *tasks < scaling.min() || scaling.max() < *tasks)
    {
        let refusal = Refusal::new(format!("`tasks` is {tasks}, outside of what autoscaling may do"));
        let accepted = format!("from `scaling.min`, {}, to `scaling.max`, {}", scaling.min(), scaling.max());
        log.add(Code::Conflict, &tasks_place, refusal.accepting([accepted]));
    }
    Some(Service::new(size?, tasks?, scaling?, peaks?))
}

fn peak(name: Field<PeakName>, peak: Placed<PeakFile>, bounds: Option<Scaling>, log: &Log) -> Option<Peak> {
    let name = name.take(log);
    let PeakFile { begins, ends, min } = peak.value?;
    let min_place = min.place.clone();
    let (begins, ends, min) = (begins.take(log), ends.take(log), min.take(log));
    if let Some((min, bounds)) = min.zip(bounds).filter(|(min, bounds)| *min < bounds.min() || bounds.max() < *min) {
        let refusal = Refusal::new(format!("a peak's `min` of {min} is outside of what autoscaling may do"));
        let accepted = format!("from `scaling.min`, {}, to `scaling.max`, {}", bounds.min(), bounds.max());
        log.add(Code::Conflict, &min_place, refusal.accepting([accepted]));
    }
    Some(Peak::new(name?, begins?, ends?, min?))
}

fn partners(file: PartnersFile, log: &Log) -> Option<Partners> {
    let memberson =
        file.memberson.value.and_then(|MembersonFile { endpoint }| Some(Memberson::new(endpoint.take(log)?)));
    let sevenrooms = file.sevenrooms.value.and_then(|SevenRoomsFile { endpoint, venue_group }| {
        let (endpoint, venue_group) = (endpoint.take(log), venue_group.take(log));
        Some(SevenRooms::new(endpoint?, venue_group?))
    });
    Some(Partners::new(memberson?, sevenrooms?))
}

pub(crate) fn tags(file: Placed<Entries<TagKey, Field<TagValue>>>, log: &Log) -> Option<BTreeMap<TagKey, TagValue>> {
    let Entries(entries) = file.value?;
    if MOST_TAGS < entries.len() {
        let refusal = Refusal::new(format!("{} tags are more than {MOST_TAGS}", entries.len()));
        log.add(Code::Conflict, &file.place, refusal.hint("AWS takes 50 for a resource, and como adds its own"));
    }
    let read: Vec<_> = entries.into_iter().map(|(key, value)| (key.take(log), value.take(log))).collect();
    read.into_iter().map(|(key, value)| key.zip(value)).collect()
}

/// For values that are sound by themselves and may not go together.
fn together<T>(result: Result<T, Refusal>, place: &Place, log: &Log) -> Option<T> {
    result.map_err(|refusal| log.add(Code::Conflict, place, refusal)).ok()
}
