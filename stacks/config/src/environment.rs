//! A sound environment.

use std::collections::BTreeMap;

use crate::cache::Cache;
use crate::endpoint::Endpoint;
use crate::network::Network;
use crate::operations::{Alerts, Repository, RepositoryIds};
use crate::recovery::{Posture, Recovery, Standby};
use crate::region::{Region, Zone};
use crate::service::{PerService, Service, ServiceName};
use crate::site::Origins;
use crate::usage::Usage;
use crate::value::{Account, Domain, EnvironmentName, ImageDigest, Kind, TagKey, TagValue, VenueGroup};

/// One file of `environments/`, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    parts: Parts,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) name: EnvironmentName,
    pub(crate) kind: Kind,
    pub(crate) account: Account,
    pub(crate) region: Region,
    pub(crate) domain: Domain,
    pub(crate) image: ImageDigest,
    /// Whose account-wide stacks this environment uses; itself without one.
    pub(crate) shares: Option<Box<Environment>>,
    pub(crate) recovery: Option<Recovery>,
    pub(crate) standby: Option<Standby>,
    pub(crate) network: Network,
    pub(crate) services: PerService<Service>,
    pub(crate) partners: Partners,
    pub(crate) alerts: Alerts,
    pub(crate) origins: Origins,
    pub(crate) repository: Option<Repository>,
    /// Of that repository.
    pub(crate) repository_ids: Option<RepositoryIds>,
    pub(crate) cache: Option<Cache>,
    pub(crate) usage: Usage,
    pub(crate) tags: BTreeMap<TagKey, TagValue>,
}

/// The outside systems; their credentials are in Secrets Manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partners {
    memberson: Memberson,
    sevenrooms: SevenRooms,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memberson {
    endpoint: Endpoint,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SevenRooms {
    endpoint: Endpoint,
    venue_group: VenueGroup,
}

impl Environment {
    pub(crate) const fn new(parts: Parts) -> Self {
        Self { parts }
    }

    pub(crate) const fn parts(&self) -> &Parts {
        &self.parts
    }

    #[must_use]
    pub const fn name(&self) -> &EnvironmentName {
        &self.parts.name
    }

    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.parts.kind
    }

    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.parts.account
    }

    #[must_use]
    pub const fn region(&self) -> Region {
        self.parts.region
    }

    #[must_use]
    pub const fn domain(&self) -> &Domain {
        &self.parts.domain
    }

    /// The image that all services run.
    #[must_use]
    pub const fn image(&self) -> &ImageDigest {
        &self.parts.image
    }

    /// The environment that has the account-wide stacks: bootstrap, image registry and the like. Often this one.
    #[must_use]
    pub fn owner(&self) -> &Self {
        match (&self.parts.standby, &self.parts.shares) {
            (Some(standby), _) => standby.of().owner(),
            (None, Some(owner)) => owner,
            (None, None) => self,
        }
    }

    /// Where this environment's data is copied to; none for one that is simply made again.
    #[must_use]
    pub const fn recovery(&self) -> Option<Recovery> {
        self.parts.recovery
    }

    /// Whom this environment stands in for; none for one that serves for itself.
    #[must_use]
    pub const fn standby(&self) -> Option<&Standby> {
        self.parts.standby.as_ref()
    }

    /// The environment whose data this one works with: that which it stands in for, or itself.
    #[must_use]
    pub fn primary(&self) -> &Self {
        self.parts.standby.as_ref().map_or(self, Standby::of)
    }

    #[must_use]
    pub const fn network(&self) -> &Network {
        &self.parts.network
    }

    /// At least two, in the order of their letters.
    pub fn zones(&self) -> impl Iterator<Item = Zone> {
        self.parts.network.zones().iter().map(|subnets| subnets.zone())
    }

    /// In the order in which the contract lists them.
    pub fn services(&self) -> impl Iterator<Item = (&ServiceName, &Service)> {
        self.parts.services.iter()
    }

    pub(crate) const fn all_services(&self) -> &PerService<Service> {
        &self.parts.services
    }

    /// `None` of a service that the file was not read for.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.parts.services.get(name)
    }

    #[must_use]
    pub const fn partners(&self) -> &Partners {
        &self.parts.partners
    }

    #[must_use]
    pub const fn alerts(&self) -> &Alerts {
        &self.parts.alerts
    }

    /// Pages that may call the API from a browser, besides the environment's own site.
    #[must_use]
    pub const fn origins(&self) -> &Origins {
        &self.parts.origins
    }

    #[must_use]
    pub const fn repository(&self) -> Option<&Repository> {
        self.parts.repository.as_ref()
    }

    /// The numbers of [`Self::repository`].
    #[must_use]
    pub const fn repository_ids(&self) -> Option<RepositoryIds> {
        self.parts.repository_ids
    }

    #[must_use]
    pub const fn cache(&self) -> Option<&Cache> {
        self.parts.cache.as_ref()
    }

    /// What the cost depends on besides the templates; nothing that is deployed follows from it.
    #[must_use]
    pub const fn usage(&self) -> &Usage {
        &self.parts.usage
    }

    /// The same stand-in in another posture; none of an environment that serves for itself.
    #[must_use]
    pub fn in_posture(&self, posture: Posture) -> Option<Self> {
        let standby = Standby::new(self.standby()?.of().clone(), posture);
        Some(Self::new(Parts { standby: Some(standby), ..self.parts.clone() }))
    }

    /// For every resource; without those that como adds.
    #[must_use]
    pub const fn tags(&self) -> &BTreeMap<TagKey, TagValue> {
        &self.parts.tags
    }
}

impl Partners {
    pub(crate) const fn new(memberson: Memberson, sevenrooms: SevenRooms) -> Self {
        Self { memberson, sevenrooms }
    }

    #[must_use]
    pub const fn memberson(&self) -> &Memberson {
        &self.memberson
    }

    #[must_use]
    pub const fn sevenrooms(&self) -> &SevenRooms {
        &self.sevenrooms
    }
}

impl Memberson {
    pub(crate) const fn new(endpoint: Endpoint) -> Self {
        Self { endpoint }
    }

    #[must_use]
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

impl SevenRooms {
    pub(crate) const fn new(endpoint: Endpoint, venue_group: VenueGroup) -> Self {
        Self { endpoint, venue_group }
    }

    #[must_use]
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    #[must_use]
    pub const fn venue_group(&self) -> &VenueGroup {
        &self.venue_group
    }
}
