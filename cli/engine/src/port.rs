//! What the engine needs of a cloud. `como-aws` is the one implementation; a rehearsal is only another endpoint.

use crate::change_set::ChangeSet;
use crate::clock::Clock;
use crate::error::CloudError;
use crate::host::Host;
use crate::pace::Pace;
use crate::rows::Row;
use crate::stack::{StackDescription, StackEvent, StackResource};
use crate::step::Object;
use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// A change set to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateChangeSet {
    /// Unique within the stack.
    pub name: String,
    pub stack: String,
    pub kind: ChangeSetKind,
    pub template_body: String,
    pub parameters: BTreeMap<String, ParameterValue>,
    pub tags: BTreeMap<String, String>,
    /// Of [`ChangeSetKind::Import`]: what is taken into the stack.
    pub imports: Vec<Import>,
    /// `ClientToken`: the same request may be sent again with it.
    pub token: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeSetKind {
    /// Of a stack that does not exist yet; asking for the change set makes it, without any resource.
    Create,
    Update,
    /// Takes what exists into a stack, which it makes if need be, and does nothing else.
    Import,
}

/// A resource that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    pub logical_id: String,
    pub resource_type: String,
    /// The property that identifies it, and its value.
    pub property: &'static str,
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterValue {
    Value(String),
    /// As it is in the stack now.
    Previous,
}

/// CloudFormation. A stack is named by its name, or by its id where one that is deleted must still be found.
#[async_trait]
pub trait Cloud: Send + Sync {
    /// Every stack of the region that is not deleted.
    async fn stacks(&self, region: &str) -> Result<Vec<StackDescription>, CloudError>;

    /// `None` when there is no such stack.
    async fn stack(&self, region: &str, stack: &str) -> Result<Option<StackDescription>, CloudError>;

    /// The original template of a stack, as it was sent.
    async fn template(&self, region: &str, stack: &str) -> Result<String, CloudError>;

    async fn resources(&self, region: &str, stack: &str) -> Result<Vec<StackResource>, CloudError>;

    /// The stack's events after the one with the id `after`, or all of them, oldest first.
    async fn events(&self, region: &str, stack: &str, after: Option<&str>) -> Result<Vec<StackEvent>, CloudError>;

    /// Asks for a change set, with `CAPABILITY_NAMED_IAM`. It is ready some time later.
    async fn create_change_set(&self, region: &str, request: &CreateChangeSet) -> Result<(), CloudError>;

    /// With the values of properties before and after; `None` when there is none of this name.
    async fn change_set(&self, region: &str, stack: &str, name: &str) -> Result<Option<ChangeSet>, CloudError>;

    /// Begins to do what the change set says; what fails is rolled back.
    async fn execute_change_set(&self, region: &str, stack: &str, name: &str, token: &str) -> Result<(), CloudError>;

    /// Deleting what is deleted succeeds.
    async fn delete_change_set(&self, region: &str, stack: &str, name: &str) -> Result<(), CloudError>;

    /// Deleting what is deleted succeeds.
    async fn delete_stack(&self, region: &str, stack: &str, token: &str) -> Result<(), CloudError>;

    async fn set_termination_protection(&self, region: &str, stack: &str, enabled: bool) -> Result<(), CloudError>;
}

/// A service of a container cluster and how it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ServiceState {
    pub name: String,
    pub cluster: String,
    pub status: String,
    pub desired: i32,
    pub running: i32,
    pub pending: i32,
    /// `COMPLETED`, `IN_PROGRESS` or `FAILED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout: Option<String>,
    /// Newest first, a few.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<ServiceEvent>,
    /// Why the last task that stopped did so; asked for only while tasks are missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_stopped: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceEvent {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    pub message: String,
}

/// ECS.
#[async_trait]
pub trait Services: Send + Sync {
    /// The services with these ARNs, in any order; those that do not exist are left out.
    async fn services(&self, region: &str, arns: &[String]) -> Result<Vec<ServiceState>, CloudError>;
}

/// Whether a row was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Put {
    Written,
    /// There was one with its key; it stays as it is.
    Present,
}

/// Tables of settings.
#[async_trait]
pub trait ConfigurationTable: Send + Sync {
    /// Whether a row with this key exists.
    async fn contains(&self, region: &str, table: &str, row: &Row) -> Result<bool, CloudError>;

    async fn put_if_absent(&self, region: &str, table: &str, row: &Row) -> Result<Put, CloudError>;
}

/// Buckets.
#[async_trait]
pub trait Buckets: Send + Sync {
    /// The fingerprint that an object was put with; `None` where there is no object, or one that was put by others.
    async fn fingerprint(&self, region: &str, bucket: &str, key: &str) -> Result<Option<String>, CloudError>;

    /// Puts an object, with its fingerprint, over the one that may be there.
    async fn put_object(&self, region: &str, bucket: &str, object: &Object) -> Result<(), CloudError>;
}

/// Content delivery.
#[async_trait]
pub trait Distributions: Send + Sync {
    /// Asks a distribution to forget all that it has cached. Asking again with the same reference changes nothing.
    async fn invalidate(&self, distribution: &str, reference: &str) -> Result<(), CloudError>;
}

/// A rule of a security group, by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupRule {
    Ingress(String),
    Egress(String),
}

/// Security groups.
#[async_trait]
pub trait SecurityGroups: Send + Sync {
    async fn rules(&self, region: &str, group: &str) -> Result<Vec<GroupRule>, CloudError>;

    /// Revoking what is revoked succeeds.
    async fn revoke(&self, region: &str, group: &str, rules: &[GroupRule]) -> Result<(), CloudError>;
}

/// Everything outside the engine that an operation works with.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    pub cloud: &'a dyn Cloud,
    pub services: &'a dyn Services,
    pub configuration: &'a dyn ConfigurationTable,
    pub buckets: &'a dyn Buckets,
    pub distributions: &'a dyn Distributions,
    pub security_groups: &'a dyn SecurityGroups,
    pub host: &'a dyn Host,
    pub clock: &'a dyn Clock,
    pub pace: Pace,
}
