//! The file as its author writes it. The comments here are what editors show, by way of `schema.json`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::cache::{CacheNode, CacheNodes};
use crate::endpoint::Endpoint;
use crate::local::Port;
use crate::network::{Cidr, NatGateways};
use crate::operations::{Email, GitHubId, MonthlyBudget, Repository};
use crate::placed::{Entries, Field, Placed};
use crate::proposal::ProposalName;
use crate::recovery::Posture;
use crate::region::{Region, ZoneLetter};
use crate::schedule::{Cron, PeakName};
use crate::service::{Cpu, Memory, PerService, TaskCount};
use crate::site::{Origin, OriginName};
use crate::usage::UsageFile;
use crate::value::{
    Account, Domain, EnvironmentName, ImageDigest, Kind, LocalKind, ProposalKind, RecoveryKind, TagKey, TagValue,
    VenueGroup,
};

/// What an editor checks a file against: one shape or the other, by `kind`.
#[derive(Debug, JsonSchema)]
#[schemars(title = "como environment", untagged, rename = "Environment")]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) enum AnyFile {
    Own(Box<EnvironmentFile>),
    Standby(Box<StandbyFile>),
    Proposal(Box<ProposalFile>),
    Local(Box<LocalFile>),
}

/// An environment of COMO's middleware: where it is, how large, and whom it talks to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "OwnEnvironment")]
pub(crate) struct EnvironmentFile {
    /// The name in `como deploy NAME`; the file is called NAME.yaml and the stacks como-NAME-…
    pub(crate) name: Field<EnvironmentName>,
    /// What the environment is for. In `production` stateful resources are kept, and commands that change it ask first.
    pub(crate) kind: Field<Kind>,
    /// The environment in the same account whose bootstrap, image registry and other account-wide stacks this one uses.
    pub(crate) shares: Option<Field<EnvironmentName>>,
    /// The number of the AWS account that this environment belongs to, in quotes.
    pub(crate) account: Field<Account>,
    /// The AWS region.
    pub(crate) region: Field<Region>,
    /// The domain whose hosted zone this environment owns.
    pub(crate) domain: Field<Domain>,
    /// The digest of the middleware's image, which all services run.
    pub(crate) image: Field<ImageDigest>,
    /// Where data is copied to, and where the environment can be brought up when its own region is down.
    pub(crate) recovery: Option<Placed<RecoveryFile>>,
    /// The VPC and its subnets.
    pub(crate) network: Placed<NetworkFile>,
    /// The size and the number of the tasks, by service.
    pub(crate) services: Placed<PerService<Placed<ServiceFile>>>,
    /// The outside systems. Their credentials are in Secrets Manager, not here.
    pub(crate) partners: Placed<PartnersFile>,
    /// Who is told when something is wrong or dear.
    pub(crate) alerts: Placed<AlertsFile>,
    /// Pages that may call the API from a browser besides the environment's own site, by a name of your choice.
    pub(crate) origins: Option<Placed<Entries<OriginName, Field<Origin>>>>,
    /// The repository on GitHub whose workflows may plan, build and deploy; without one nobody but people does.
    pub(crate) repository: Option<Field<Repository>>,
    /// The repository's numbers on GitHub: with them no other repository that comes to have its name is trusted.
    pub(crate) repository_ids: Option<Placed<RepositoryIdsFile>>,
    /// A cluster of DynamoDB Accelerator; without it the services' own caches serve.
    pub(crate) cache: Option<Placed<CacheFile>>,
    /// Tags for every resource, for cost allocation among other things.
    #[schemars(extend("maxProperties" = MOST_TAGS))]
    pub(crate) tags: Option<Placed<Entries<TagKey, Field<TagValue>>>>,
    /// What the cost depends on besides the templates.
    pub(crate) usage: Option<Placed<UsageFile>>,
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
    /// Hours that are known to be busy, by a name of your choice.
    pub(crate) peaks: Option<Placed<Entries<PeakName, Placed<PeakFile>>>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Peak", inline)]
pub(crate) struct PeakFile {
    /// When it begins, as six fields of a cron expression of AWS, in Singapore's time.
    pub(crate) begins: Field<Cron>,
    /// When it is over, likewise.
    pub(crate) ends: Field<Cron>,
    /// The least tasks while it lasts.
    pub(crate) min: Field<TaskCount>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Recovery", inline)]
pub(crate) struct RecoveryFile {
    /// The region of the recovery environment.
    pub(crate) region: Field<Region>,
    /// A third region, which holds one small table: it decides which of the two others may write.
    pub(crate) witness: Field<Region>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Alerts", inline)]
pub(crate) struct AlertsFile {
    /// The address that alarms are sent to; AWS asks it for consent first.
    pub(crate) email: Field<Email>,
    /// Whole US dollars a month, of which the owner is told when they are nearly spent.
    pub(crate) monthly_budget: Field<MonthlyBudget>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RepositoryIds", inline)]
pub(crate) struct RepositoryIdsFile {
    /// `gh api repos/OWNER/NAME --jq .owner.id`
    pub(crate) owner: Field<GitHubId>,
    /// `gh api repos/OWNER/NAME --jq .id`
    pub(crate) repository: Field<GitHubId>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Cache", inline)]
pub(crate) struct CacheFile {
    /// The type of every node.
    pub(crate) node: Field<CacheNode>,
    /// How many nodes.
    pub(crate) nodes: Field<CacheNodes>,
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

/// The stand-in of another environment in a second region: what is not said here is as the other has it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RecoveryEnvironment")]
pub(crate) struct StandbyFile {
    /// The name in `como failover NAME`; the file is called NAME.yaml and the stacks como-NAME-…
    pub(crate) name: Field<EnvironmentName>,
    /// A recovery environment.
    pub(crate) kind: Field<RecoveryKind>,
    /// The environment that this one stands in for.
    pub(crate) recovers: Field<EnvironmentName>,
    /// How much is up while it is not needed: `cold`, the base only; `pilot-light`, all that costs nothing by the hour; `warm`, everything, with one task a service.
    pub(crate) posture: Field<Posture>,
    /// The AWS region, which is the other's `recovery.region`.
    pub(crate) region: Field<Region>,
    /// The VPC and its subnets; its addresses are not the other's.
    pub(crate) network: Placed<NetworkFile>,
    /// Tags for every resource; without them the other's.
    #[schemars(extend("maxProperties" = MOST_TAGS))]
    pub(crate) tags: Option<Placed<Entries<TagKey, Field<TagValue>>>>,
    /// What the stand-in is used for while it is not needed; nothing of the other's.
    pub(crate) usage: Option<Placed<UsageFile>>,
}

/// What was once proposed: production and development, synthesised and priced, and never deployed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Proposal")]
pub(crate) struct ProposalFile {
    /// The name in `como cost NAME`; the file is called NAME.yaml.
    pub(crate) name: Field<ProposalName>,
    /// A proposal.
    pub(crate) kind: Field<ProposalKind>,
    /// Production as it was proposed.
    pub(crate) production: Placed<EnvironmentFile>,
    /// Development as it was proposed.
    pub(crate) development: Placed<EnvironmentFile>,
}

/// The API alone, in one process on this machine, with doubles of the partners.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LocalEnvironment")]
pub(crate) struct LocalFile {
    /// The name in `como deploy NAME`; the file is called NAME.yaml.
    pub(crate) name: Field<EnvironmentName>,
    /// An environment on this machine.
    pub(crate) kind: Field<LocalKind>,
    /// The environment whose templates say what tables, queues and pools look like.
    pub(crate) like: Field<EnvironmentName>,
    /// The port of 127.0.0.1 at which the API and the pages answer, unless `--port` names another.
    pub(crate) port: Field<Port>,
}
