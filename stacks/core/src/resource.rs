//! What a resource type must say of itself, and what a stack gives back for one.

use crate::path::ConstructPath;
use crate::references::Target;
use crate::suppression::Suppression;
use crate::value::Value;
use serde::Serialize;
use std::marker::PhantomData;

/// A CloudFormation resource type; serialises to its `Properties`.
pub trait ResourceType: Serialize {
    /// For example `AWS::EC2::VPC`.
    const TYPE: &'static str;
}

/// The name of a `Fn::GetAtt` attribute of `R`, for example `Endpoint.Address`.
#[derive(Debug)]
pub struct Attribute<R> {
    name: &'static str,
    of: PhantomData<fn() -> R>,
}

impl<R> Attribute<R> {
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, of: PhantomData }
    }

    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

/// A resource that a stack holds. Constructs pass these around, never ARNs.
#[derive(Debug)]
pub struct Handle<R> {
    pub(crate) target: Target,
    pub(crate) path: ConstructPath,
    of: PhantomData<fn() -> R>,
}

impl<R> Clone for Handle<R> {
    fn clone(&self) -> Self {
        Self { target: self.target.clone(), path: self.path.clone(), of: PhantomData }
    }
}

impl<R> Handle<R> {
    pub(crate) const fn new(target: Target, path: ConstructPath) -> Self {
        Self { target, path, of: PhantomData }
    }

    /// `Ref`: what it yields depends on the type, usually the physical id.
    #[must_use]
    pub fn reference(&self) -> Value<String> {
        Value::reference(self.target.clone())
    }

    /// `Fn::GetAtt`.
    #[must_use]
    pub fn get(&self, attribute: Attribute<R>) -> Value<String> {
        Value::attribute(self.target.clone(), attribute.name.to_owned())
    }

    /// `Fn::GetAtt` of an attribute that is a list.
    #[must_use]
    pub fn get_list(&self, attribute: Attribute<R>) -> Value<Vec<Value<String>>> {
        Value::attribute(self.target.clone(), attribute.name.to_owned())
    }

    #[must_use]
    pub fn logical_id(&self) -> &str {
        self.target.logical_id()
    }

    #[must_use]
    pub const fn path(&self) -> &ConstructPath {
        &self.path
    }

    /// Something of this stack may have to wait for this resource without referring to it.
    #[must_use]
    pub fn dependency(&self) -> Dependency {
        Dependency(self.target.clone())
    }
}

/// A resource that another one waits for (`DependsOn`). Both must be in the same stack.
#[derive(Debug, Clone)]
pub struct Dependency(pub(crate) Target);

/// What happens to a resource when its stack lets go of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum RemovalPolicy {
    Delete,
    Retain,
    /// Kept, except when the creation that made it is rolled back.
    RetainExceptOnCreate,
    Snapshot,
}

/// Resource attributes beside `Properties`. The default is safe: stateful types are kept (see [`is_stateful`]).
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub depends_on: Vec<Dependency>,
    /// The logical name of a condition of the same stack.
    pub condition: Option<crate::template::ConditionName>,
    /// `DeletionPolicy` and `UpdateReplacePolicy`; `None` keeps what is stateful and deletes the rest.
    pub removal: Option<RemovalPolicy>,
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// Findings of security tools that are accepted here.
    pub suppressions: Vec<Suppression>,
}

/// Types that hold what cannot be made again: data, keys, identities, addresses that others have written down.
const STATEFUL: &[&str] = &[
    "AWS::Cognito::UserPool",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EC2::EIP",
    "AWS::ECR::Repository",
    "AWS::KMS::Key",
    "AWS::KMS::ReplicaKey",
    "AWS::Logs::LogGroup",
    "AWS::Route53::HostedZone",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
];

/// Whether losing a resource of this type loses something that cannot be made again.
#[must_use]
pub fn is_stateful(resource_type: &str) -> bool {
    STATEFUL.binary_search(&resource_type).is_ok()
}
