//! What CloudFormation's schemas say of each resource type, for validation, replacement prediction and region support.

mod catalogue;
mod check;
mod finding;
mod intrinsic;
pub mod model;
mod queries;

pub(crate) use catalogue::Embedded;
pub use catalogue::{all, of, regions};
pub use check::check;
pub use finding::{Finding, FindingKind};
pub use queries::{Property, Replacement};
