//! The rehearsal cloud: a stand-in for AWS that runs on this machine and is reached over AWS's own wire protocols.
//!
//! CloudFormation is ours and speaks the query protocol; DynamoDB, Secrets Manager, SSM, Cognito and ECS are hosted or
//! written behind it; everything else gets identifiers and attributes from the resource schemas. A detached supervisor
//! process holds it all, so that it goes on when the command line dies, as AWS would.
//!
//! Invariants:
//! - An operation that is not there answers an error that names it, never an empty success.
//! - Every change of state reaches the disk before the caller hears of it.
//! - Waiting happens on the simulated [`clock`], and is counted apart from the time that software took.
//! - No process outlives the supervisor.
//!
//! This crate must not know the command line, the engine, the AWS SDK, COMO's topology, the runtime or the doubles:
//! which program a task runs, and what is seeded, come in through [`options`].

pub mod admin;
pub mod clock;
pub mod cloudformation;
pub mod ecs;
pub mod faults;
pub mod gateway;
pub mod hosting;
pub mod launcher;
pub mod options;
pub mod process;
pub mod provision;
pub mod replication;
pub(crate) mod router;
pub mod seeding;
pub mod services;
pub mod status;
pub mod stores;
pub mod supervisor;
pub mod timings;
mod unsigned;
