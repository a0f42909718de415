//! A sound environment.

use std::collections::BTreeMap;

use crate::endpoint::Endpoint;
use crate::network::Network;
use crate::region::{Region, Zone};
use crate::service::{PerService, Service, ServiceName};
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
    pub(crate) network: Network,
    pub(crate) services: PerService<Service>,
    pub(crate) partners: Partners,
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

    #[must_use]
    pub const fn network(&self) -> &Network {
        &self.parts.network
    }

    /// At least two, in the order of their letters.
    pub fn zones(&self) -> impl Iterator<Item = Zone> {
        self.parts.network.zones().iter().map(|subnets| subnets.zone())
    }

    /// In the order of [`ServiceName::ALL`].
    pub fn services(&self) -> impl Iterator<Item = (ServiceName, &Service)> {
        self.parts.services.iter()
    }

    #[must_use]
    pub const fn service(&self, name: ServiceName) -> &Service {
        self.parts.services.get(name)
    }

    #[must_use]
    pub const fn partners(&self) -> &Partners {
        &self.parts.partners
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
