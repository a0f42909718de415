//! The engine's ports over the AWS SDK.
//!
//! Invariants:
//! - one code path: a rehearsal differs from AWS in the endpoint and the credentials, in nothing else;
//! - SDK errors become [`como_engine::error::CloudError`] by the service's code, in one file, by named predicates;
//! - SDK types do not leave this crate.
//!
//! Must not know: what is deployed, a terminal, the rehearsal's inside.

pub mod account;
mod change_set;
mod cloudformation;
mod cloudfront;
pub mod connect;
mod convert;
mod dynamodb;
mod ec2;
mod ecs;
mod failure;
pub mod price_list;
mod s3;
mod signed;
mod xml;
