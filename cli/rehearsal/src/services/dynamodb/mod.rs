//! DynamoDB: dynoxide's engine, one store per region, and what it leaves out.

mod operations;
mod tables;
mod update;

pub(crate) use tables::DynamoDb;
pub use tables::OpenDynamoDbError;
