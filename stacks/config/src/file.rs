//! The file as its author writes it. The comments here are what editors show, by way of `schema.json`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::network::{Cidr, NatGateways};
use crate::placed::{Entries, Field, Placed};
use crate::region::{Region, ZoneLetter};
use crate::service::{Cpu, Memory, PerService, TaskCount};
use crate::value::{Account, Domain, EnvironmentName, ImageDigest, Kind, TagKey, TagValue, VenueGroup};

/// An environment of COMO's middleware: where it is, how large, and whom it talks to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "como environment", rename = "Environment")]
pub(crate) struct EnvironmentFile {
    /// The name in `como deploy NAME`; the file is called NAME.yaml and the stacks como-NAME-…
    pub(crate) name: Field<EnvironmentName>,
    /// What the environment is for. In `production` stateful resources are kept, and commands that change it ask first.
    pub(crate) kind: Field<Kind>,
    /// The number of the AWS account that this environment belongs to, in quotes.
    pub(crate) account: Field<Account>,
    /// The AWS region.
    pub(crate) region: Field<Region>,
    /// The domain whose hosted zone this environment owns.
    pub(crate) domain: Field<Domain>,
    /// The digest of the middleware's image, which all services run.
    pub(crate) image: Field<ImageDigest>,
    /// The VPC and its subnets.
    pub(crate) network: Placed<NetworkFile>,
    /// The size and the number of the tasks, by service.
    pub(crate) services: Placed<PerService<Placed<ServiceFile>>>,
    /// The outside systems. Their credentials are in Secrets Manager, not here.
    pub(crate) partners: Placed<PartnersFile>,
    /// Tags for every resource, for cost allocation among other things.
    #[schemars(extend("maxProperties" = MOST_TAGS))]
    pub(crate) tags: Option<Placed<Entries<TagKey, Field<TagValue>>>>,
}

/// AWS takes 50 for a resource; como and CloudFormation add their own.
pub(crate) const MOST_TAGS: usize = 40;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Network", inline)]
pub(crate) struct NetworkFile {
    /// The VPC's block of addresses: private IPv4, /16 to /28.
    pub(crate) cidr: Field<Cidr>,
    /// How many NAT gateways, at most one a zone. One is cheaper; one in each zone outlives a zone.
    pub(crate) nat_gateways: Field<NatGateways>,
    /// The zones by letter, at least two, each with its subnets.
    #[schemars(extend("minProperties" = crate::network::Network::FEWEST_ZONES))]
    pub(crate) zones: Placed<Entries<ZoneLetter, Placed<ZoneFile>>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Zone", inline)]
pub(crate) struct ZoneFile {
    /// The subnet of the NAT gateway.
    pub(crate) public: Field<Cidr>,
    /// The subnet of the load balancer, the tasks and the VPC endpoints.
    pub(crate) private: Field<Cidr>,
}

/// A service's tasks on Fargate.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Service")]
pub(crate) struct ServiceFile {
    /// CPU units of a task; 1024 are one vCPU.
    pub(crate) cpu: Field<Cpu>,
    /// MiB of memory of a task. Fargate offers only some pairs of `cpu` and `memory`.
    pub(crate) memory: Field<Memory>,
    /// How many tasks a deploy starts with.
    pub(crate) tasks: Field<TaskCount>,
    /// How far autoscaling may go.
    pub(crate) scaling: Placed<ScalingFile>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Scaling", inline)]
pub(crate) struct ScalingFile {
    /// The least tasks.
    pub(crate) min: Field<TaskCount>,
    /// The most tasks.
    pub(crate) max: Field<TaskCount>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Partners", inline)]
pub(crate) struct PartnersFile {
    /// The CRM: members, points, experiences and items.
    pub(crate) memberson: Placed<MembersonFile>,
    /// Venues, availability and reservations.
    pub(crate) sevenrooms: Placed<SevenRoomsFile>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Memberson", inline)]
pub(crate) struct MembersonFile {
    /// The base address of the tenant's API.
    pub(crate) endpoint: Field<Endpoint>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SevenRooms", inline)]
pub(crate) struct SevenRoomsFile {
    /// The base address of the API, with its version.
    pub(crate) endpoint: Field<Endpoint>,
    /// SevenRooms' id of the group that COMO's venues belong to.
    pub(crate) venue_group: Field<VenueGroup>,
}
