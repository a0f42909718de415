//! The services behind CloudFormation.

mod catalogue;
mod catalogue_account;
mod cloud;
pub(crate) mod cognito;
mod declared;
mod dynamodb;
mod hosted;
pub(crate) mod identifiers;
pub(crate) mod parameters;
mod password;
pub(crate) mod property;
mod schema;
pub(crate) mod secrets;
pub(crate) mod store;
mod sts;
pub(crate) mod wire;

pub use cloud::{OpenServicesError, Services};
pub use dynamodb::OpenDynamoDbError;
pub use hosted::OpenHostedError;
pub use store::StoreError;
pub use wire::ServiceError;
