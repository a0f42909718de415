//! CloudFormation, over its own wire protocol (`awsQuery`: a form in, XML out).

mod addresses;
mod api;
mod capabilities;
mod conditions;
mod create;
mod delete;
mod describe;
mod graph;
mod intrinsics;
mod operations;
mod parameters;
mod schema;
mod stack;
mod store;
mod template;
mod validate;
mod wire;
mod yaml;

pub use operations::CloudFormation;
pub use store::StoreError;
