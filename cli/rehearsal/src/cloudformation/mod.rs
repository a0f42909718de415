//! CloudFormation, over its own wire protocol (`awsQuery`: a form in, XML out).

mod addresses;
mod api;
mod capabilities;
mod causes;
mod change_set;
mod change_set_api;
mod change_set_view;
mod changes;
mod cleanup;
mod conditions;
mod create;
mod definition;
mod delete;
mod describe;
mod difference;
mod graph;
mod intrinsics;
mod operations;
mod order;
mod parameters;
mod policy;
mod renewal;
mod restore;
mod schema;
mod stack;
mod store;
mod template;
mod transition;
mod update;
mod update_api;
mod validate;
mod wire;
mod yaml;

pub use operations::CloudFormation;
pub use store::StoreError;
