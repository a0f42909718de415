//! `environments/*.yaml` read into [`Environment`], the one value that the topology, the cost and the commands start from.
//!
//! Invariants: an [`Environment`] that exists is sound, since `TryFrom` is the only door to each of its values. A file is
//! read to its end whatever is wrong with it, and [`Mistakes`] holds everything that was found, each with its place.
//! Untrusted bytes cost bounded memory: [`MAX_BYTES`] of text, a depth and a number of values, and no aliases.
//! The JSON Schema that editors use comes from the types that read the file.
//!
//! Which services there are comes from the contract; a block for each is expected under its name.
//!
//! This is the only crate that reads YAML. It must not know CloudFormation, the AWS SDK, the terminal or the file system.
//!
//! `serde-saphyr` stops at the first unknown key or wrong type, so its parser, `granit-parser`, is used directly: `tree`
//! keeps the place of every value, and `collect` is a serde deserializer that notes a mistake and goes on.

mod cache;
mod collect;
mod convert;
mod decimal;
mod endpoint;
mod environment;
mod figure;
mod file;
mod init;
mod line;
mod local;
mod log;
mod mistake;
mod network;
mod number;
mod offered;
mod operations;
mod parse;
mod placed;
mod proposal;
mod recovery;
mod refusal;
mod region;
mod render;
mod scalar;
mod schedule;
mod schema;
mod service;
mod siblings;
mod site;
mod standby;
mod suggest;
mod tree;
mod usage;
mod value;

pub use cache::{Cache, CacheNode, CacheNodes};
pub use decimal::Amount;
pub use endpoint::Endpoint;
pub use environment::{Environment, Memberson, Partners, SevenRooms};
pub use figure::{Figure, FigureDate, FigureOwner, FigureSource, Scenario};
pub use init::{InitFile, InitOptions, init_files};
pub use local::{Local, Port};
pub use mistake::{Code, Mistake, Mistakes, Snippet};
pub use network::{Cidr, NatGateways, Network, ZoneSubnets};
pub use offered::{RefusedRegion, refuse_regions};
pub use operations::{Alerts, Email, GitHubId, MonthlyBudget, Repository, RepositoryIds};
pub use parse::{Contents, MAX_BYTES, ReadError, parse, parse_among, parse_bytes, parse_contents, read};
pub use proposal::{Proposal, ProposalName};
pub use recovery::{Posture, Recovery, Standby};
pub use refusal::Refusal;
pub use region::{Region, Zone, ZoneLetter};
pub use render::{Colour, Style};
pub use schedule::{Cron, Peak, PeakName};
pub use schema::{SCHEMA_FILE, schema};
pub use service::{Cpu, Memory, PerService, Scaling, Service, ServiceName, TaskCount, TaskSize};
pub use siblings::Siblings;
pub use site::{Origin, OriginName, Origins};
pub use usage::{Driver, Usage, UsageKey};
pub use value::{Account, Domain, EnvironmentName, ImageDigest, Kind, TagKey, TagValue, VenueGroup};
