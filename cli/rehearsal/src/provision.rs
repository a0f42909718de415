//! The port between CloudFormation and the services behind it.

use async_trait::async_trait;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use thiserror::Error;

/// One resource that CloudFormation wants to exist.
#[derive(Debug, Clone)]
pub struct CreateRequest {
    pub account: String,
    pub region: String,
    pub stack_name: String,
    pub stack_id: String,
    pub logical_id: String,
    /// For example `AWS::EC2::VPC`.
    pub resource_type: String,
    /// Counts the resources that this one has replaced: an update may need a second one beside the first. Identifiers
    /// and ownership depend on it.
    pub generation: u32,
    /// Properties with every intrinsic function resolved.
    pub properties: Map<String, Value>,
}

/// One resource that CloudFormation wants changed and kept. What cannot be changed on a living resource never gets here:
/// CloudFormation replaces the resource instead.
#[derive(Debug, Clone)]
pub struct UpdateRequest {
    /// As it should be, of the generation that exists.
    pub wanted: CreateRequest,
    pub physical_id: String,
    /// As `Fn::GetAtt` gave them.
    pub attributes: BTreeMap<String, Value>,
    /// As they were.
    pub before: Map<String, Value>,
}

/// A resource that exists: what `Ref` and `Fn::GetAtt` give.
#[derive(Debug, Clone, PartialEq)]
pub struct Provisioned {
    /// The value of `Ref`.
    pub physical_id: String,
    /// The values of `Fn::GetAtt`, nested names with dots, for example `Endpoint.Address`.
    pub attributes: BTreeMap<String, Value>,
}

/// One resource that CloudFormation wants gone.
#[derive(Debug, Clone)]
pub struct DeleteRequest {
    pub account: String,
    pub region: String,
    pub stack_name: String,
    pub resource_type: String,
    pub physical_id: String,
    pub properties: Map<String, Value>,
    /// Deletion protection does not count: a rehearsal clears up what was kept. CloudFormation never sets it.
    pub despite_protection: bool,
}

/// Why a service refused; the text becomes the resource's status reason.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
pub enum ProvisionError {
    /// Another resource has this name already.
    #[error("{identifier} already exists")]
    AlreadyExists { identifier: String },
    /// The account has as many as it may.
    #[error("{message}")]
    QuotaExceeded { message: String },
    /// The service refused the properties, with its own words.
    #[error("{message}")]
    Refused { message: String },
}

impl ProvisionError {
    pub(crate) fn not_importable(resource_type: &str) -> Self {
        Self::Refused { message: format!("{resource_type} cannot be imported in the rehearsal cloud") }
    }
}

/// A value that CloudFormation takes from a service whenever an operation needs it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lookup {
    /// Of Parameter Store; the newest version without one.
    Parameter { name: String, version: Option<String> },
    /// A text in a bucket.
    Object { bucket: String, key: String, version: Option<String> },
    /// Of Secrets Manager, by name or ARN; the current version without stage and version.
    Secret { id: String, stage: Option<String>, version: Option<String> },
}

/// What a lookup found.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    pub value: String,
    /// Of a parameter `String`, `StringList` or `SecureString`; else empty.
    pub kind: String,
}

/// Something that CloudFormation tells the world, as an event of EventBridge.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    pub region: String,
    /// For example `CloudFormation Stack Status Change`.
    pub kind: &'static str,
    /// ARNs.
    pub resources: Vec<String>,
    pub detail: Value,
}

/// Which resource to look at.
#[derive(Debug, Clone)]
pub struct ReadRequest {
    pub account: String,
    pub region: String,
    pub resource_type: String,
    pub physical_id: String,
    /// As its stack has them: some types are found by them, such as records.
    pub properties: Map<String, Value>,
}

/// How a resource is now.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// Its properties as far as the service tells them; what is missing here was not looked at.
    Properties(Map<String, Value>),
    Gone,
    /// Nobody can say: the service does not tell, or nothing but CloudFormation could have changed it.
    NotOffered,
}

/// The services behind CloudFormation, as it sees them.
#[async_trait]
pub trait Provisioner: Send + Sync {
    /// Makes the resource. Waiting is CloudFormation's business (the clock), so this returns as soon as the resource is
    /// real; a service whose resource becomes stable later (an ECS service) waits inside [`Provisioner::stabilise`].
    ///
    /// After a supervisor was killed it may be asked for the same stack and logical id again.
    async fn create(&self, request: CreateRequest) -> Result<Provisioned, ProvisionError>;

    /// Returns when the resource works, or why it never will. Most types are stable once they exist.
    async fn stabilise(&self, request: &CreateRequest, provisioned: &Provisioned) -> Result<(), ProvisionError>;

    /// Changes the resource in place and gives its attributes anew; the physical id stays. After a supervisor was killed
    /// it may be asked for the same change again. A service that cannot change a type says so by name.
    async fn update(&self, request: UpdateRequest) -> Result<Provisioned, ProvisionError>;

    /// The value of a parameter or a secret.
    async fn look_up(&self, _region: &str, lookup: &Lookup) -> Result<Found, ProvisionError> {
        Err(ProvisionError::Refused { message: format!("the rehearsal cloud cannot look up {lookup:?} here") })
    }

    /// How the resource is, whatever CloudFormation believes.
    async fn read(&self, _request: &ReadRequest) -> Result<Reading, ProvisionError> {
        Ok(Reading::NotOffered)
    }

    /// How many things are in the resource that must be out of it before it can be deleted; None where nobody tells.
    async fn contents(&self, _request: &ReadRequest) -> Result<Option<usize>, ProvisionError> {
        Ok(None)
    }

    /// The physical id of a resource that exists under the name that the properties give; None where there is none. A
    /// service whose resources cannot be imported says so by name.
    async fn find(&self, request: &CreateRequest) -> Result<Option<String>, ProvisionError> {
        Err(ProvisionError::not_importable(&request.resource_type))
    }

    /// Takes the resource that [`Provisioner::find`] finds for the caller's; it is not changed. After a supervisor was
    /// killed it may be asked again.
    async fn adopt(&self, request: CreateRequest) -> Result<Provisioned, ProvisionError> {
        Err(ProvisionError::not_importable(&request.resource_type))
    }

    /// Whether the alarm with this ARN rings; None where there is none.
    async fn is_ringing(&self, _region: &str, _alarm: &str) -> Option<bool> {
        None
    }

    /// Hears of stacks and resources that change their status; who does not care does nothing.
    async fn announce(&self, _notice: Notice) {}

    /// Publishes a text to the topic with this ARN, as the account that owns it.
    async fn publish(&self, topic: &str, _subject: &str, _text: &str) -> Result<(), ProvisionError> {
        Err(ProvisionError::Refused { message: format!("there is no topic {topic}") })
    }

    /// Removes the resource; one that is already gone is no error.
    async fn delete(&self, request: DeleteRequest) -> Result<(), ProvisionError>;
}

/// A found value may be a secret.
impl std::fmt::Debug for Found {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Found").field("kind", &self.kind).finish_non_exhaustive()
    }
}
