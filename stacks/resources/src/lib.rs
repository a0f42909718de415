//! CloudFormation's resource types as Rust types, and what its schemas say of them.
//!
//! One module per AWS service: `ec2::Vpc` is the resource type, `ec2::vpc` holds its nested definitions and enums.
//! A template writer takes the types; whoever judges a finished template takes [`facts`].
//!
//! Invariants:
//! - everything below `generated` comes from `facts/*.json` and is proven fresh by a test;
//! - what a type requires is an argument of its `new`; an unknown property does not compile;
//! - what only the service can set is an attribute, never a field;
//! - facts are data of the schemas alone: no IO, no judgement of COMO's.
//!
//! Must not know: COMO's topology, constructs, how templates are written or deployed.

pub mod facts;
#[rustfmt::skip]
mod generated;
mod properties;

pub use generated::*;
