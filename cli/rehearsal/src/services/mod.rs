//! The services behind CloudFormation.

mod adoption;
mod autoscaling;
mod catalogue;
mod catalogue_account;
mod cloud;
pub(crate) mod cloudwatch;
pub(crate) mod cognito;
mod declared;
mod dynamodb;
pub(crate) mod ecr;
mod hosted;
pub(crate) mod identifiers;
mod kms;
mod messaging;
pub(crate) mod names;
pub(crate) mod parameters;
mod password;
pub(crate) mod property;
mod query;
mod reading;
mod regional;
pub(crate) mod route53;
mod s3;
mod schema;
mod secret_replicas;
pub(crate) mod secrets;
mod sqs;
pub(crate) mod store;
mod sts;
mod watching;
pub(crate) mod wire;

pub use cloud::{OpenServicesError, Services};
pub use dynamodb::OpenDynamoDbError;
pub use hosted::OpenHostedError;
pub use store::StoreError;
pub use wire::ServiceError;
