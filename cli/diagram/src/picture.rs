//! What is in a picture, before anybody has decided where it stands.

use std::fmt;

/// What lies around the system and is in no template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// The picture's heading, for example `prod with sydney`.
    pub title: String,
    /// Who calls the system.
    pub callers: String,
    /// Whom the system calls through its NAT gateways.
    pub partners: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub title: String,
    /// How much the picture sums up.
    pub extent: String,
    pub callers: String,
    pub partners: Vec<String>,
    pub global: Option<Global>,
    /// Those with a network first; the one that holds most is the first of all.
    pub regions: Vec<Region>,
    pub flows: Vec<Flow>,
}

/// What is in no region: names and delivery at the edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Global {
    /// The region from which all of it is managed.
    pub region: String,
    pub names: Option<Card>,
    pub delivery: Option<Card>,
    /// What else is in that region.
    pub beside: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    pub code: String,
    pub city: String,
    pub door: Option<Card>,
    pub identity: Option<Card>,
    pub network: Option<Network>,
    /// What holds data, images and mail.
    pub shelf: Vec<Card>,
    /// What watches and changes the rest.
    pub operations: Vec<Card>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    pub cidr: String,
    pub zones: Vec<Zone>,
    pub link: Option<Card>,
    pub balancer: Option<Card>,
    pub cluster: Option<Cluster>,
    pub cache: Option<Card>,
    pub endpoints: Vec<Endpoint>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Its letter within the region.
    pub letter: String,
    pub public_cidr: Option<String>,
    pub private_cidr: Option<String>,
    pub nat: Option<Card>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    pub id: CardId,
    pub services: Vec<Service>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    pub id: CardId,
    pub name: String,
    /// `0.25 vCPU, 0.5 GB`.
    pub size: String,
    pub tasks: Tasks,
}

/// How many tasks a service has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tasks {
    /// There is a task definition, and no service that runs it.
    Defined,
    Running {
        desired: u32,
        most: u32,
    },
}

/// A way to an AWS service that does not leave the VPC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The end of its name, for example `dynamodb` or `ecr.api`.
    pub service: String,
    pub serves: Option<Kind>,
}

/// A box: one kind of thing in one place, however many resources make it up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub id: CardId,
    pub kind: Kind,
    pub title: String,
    /// One statement a line.
    pub facts: Vec<String>,
    /// Names that fill what room is left.
    pub names: Vec<String>,
    /// What requests pass before they reach it, for example `WAF, 7 rules`.
    pub guard: Option<String>,
}

/// Names a card within its picture: region, kind and, where there are several, name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CardId(String);

impl CardId {
    #[must_use]
    pub fn new(region: &str, kind: Kind) -> Self {
        Self(format!("{region}.{}", kind.label()))
    }

    #[must_use]
    pub fn named(region: &str, kind: Kind, name: &str) -> Self {
        Self(format!("{region}.{}.{name}", kind.label()))
    }

    /// From a region and a kind's label, as [`CardId::as_str`] joins them.
    pub(crate) fn from_parts(region: &str, label: &str) -> Self {
        Self(format!("{region}.{label}"))
    }

    #[must_use]
    pub fn callers() -> Self {
        Self("outside.callers".to_owned())
    }

    #[must_use]
    pub fn partners() -> Self {
        Self("outside.partners".to_owned())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CardId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// An arrow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flow {
    pub from: CardId,
    pub to: CardId,
    pub kind: FlowKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FlowKind {
    Traffic,
    /// Traffic after a fail-over.
    Standby,
    /// Copies of what one side writes.
    Copies,
    /// Each side copies what the other writes.
    Mirrors,
    /// An event that starts something.
    Event,
}

/// What a card stands for; decides its place, its icon and its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Names,
    Delivery,
    Door,
    Identity,
    Link,
    Balancer,
    Cluster,
    Service,
    Cache,
    Nat,
    Site,
    Tables,
    Secrets,
    Keys,
    Images,
    LocalTables,
    Queue,
    Mail,
    Backup,
    Watch,
    Topics,
    Functions,
    Events,
    Parameters,
    Certificates,
    Buckets,
    Budget,
    Trust,
}

/// Where cards of a kind stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Edge,
    Door,
    Network,
    Shelf,
    Operations,
}

/// The colour of a kind, as a field of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Networking,
    Compute,
    Storage,
    Security,
    Messages,
    Operations,
}

impl Kind {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Names => "names",
            Self::Delivery => "delivery",
            Self::Door => "api",
            Self::Identity => "identity",
            Self::Link => "link",
            Self::Balancer => "balancer",
            Self::Cluster => "cluster",
            Self::Service => "service",
            Self::Cache => "cache",
            Self::Nat => "nat",
            Self::Site => "site",
            Self::Tables => "tables",
            Self::LocalTables => "local-tables",
            Self::Secrets => "secrets",
            Self::Keys => "keys",
            Self::Images => "images",
            Self::Queue => "queue",
            Self::Mail => "mail",
            Self::Backup => "backup",
            Self::Watch => "watch",
            Self::Topics => "topics",
            Self::Functions => "functions",
            Self::Events => "events",
            Self::Parameters => "parameters",
            Self::Certificates => "certificates",
            Self::Buckets => "buckets",
            Self::Budget => "budget",
            Self::Trust => "trust",
        }
    }

    /// The service as AWS calls it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Names => "Route 53",
            Self::Delivery => "CloudFront",
            Self::Door => "API Gateway",
            Self::Identity => "Cognito",
            Self::Link => "VPC link",
            Self::Balancer => "Load balancer",
            Self::Cluster => "ECS on Fargate",
            Self::Service => "ECS service",
            Self::Cache => "DAX",
            Self::Nat => "NAT gateway",
            Self::Site | Self::Buckets => "S3",
            Self::Tables | Self::LocalTables => "DynamoDB",
            Self::Secrets => "Secrets Manager",
            Self::Keys => "KMS",
            Self::Images => "ECR",
            Self::Queue => "SQS",
            Self::Mail => "SES",
            Self::Backup => "Backup",
            Self::Watch => "CloudWatch",
            Self::Topics => "SNS",
            Self::Functions => "Lambda",
            Self::Events => "EventBridge",
            Self::Parameters => "SSM",
            Self::Certificates => "ACM",
            Self::Budget => "Budgets",
            Self::Trust => "IAM",
        }
    }

    #[must_use]
    pub const fn place(self) -> Place {
        match self {
            Self::Names | Self::Delivery => Place::Edge,
            Self::Door | Self::Identity => Place::Door,
            Self::Link | Self::Balancer | Self::Cluster | Self::Service | Self::Cache | Self::Nat => Place::Network,
            Self::Site
            | Self::Tables
            | Self::LocalTables
            | Self::Secrets
            | Self::Keys
            | Self::Images
            | Self::Queue
            | Self::Mail => Place::Shelf,
            Self::Backup
            | Self::Watch
            | Self::Topics
            | Self::Functions
            | Self::Events
            | Self::Parameters
            | Self::Certificates
            | Self::Buckets
            | Self::Budget
            | Self::Trust => Place::Operations,
        }
    }

    #[must_use]
    pub const fn field(self) -> Field {
        match self {
            Self::Names | Self::Delivery | Self::Door | Self::Link | Self::Balancer | Self::Nat => Field::Networking,
            Self::Cluster | Self::Service | Self::Images | Self::Functions => Field::Compute,
            Self::Cache | Self::Site | Self::Tables | Self::LocalTables | Self::Backup | Self::Buckets => {
                Field::Storage
            }
            Self::Identity | Self::Secrets | Self::Keys | Self::Certificates | Self::Trust => Field::Security,
            Self::Queue | Self::Mail | Self::Topics | Self::Events => Field::Messages,
            Self::Watch | Self::Parameters | Self::Budget => Field::Operations,
        }
    }
}
