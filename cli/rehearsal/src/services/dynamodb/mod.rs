//! DynamoDB: dynoxide's engine, one store per region, and what it leaves out.

mod backups;
mod engine;
mod expiry;
mod operations;
mod provisioning;
mod replicas;
mod replication;
mod tables;
mod update;

pub(crate) use tables::DynamoDb;
pub use tables::OpenDynamoDbError;
