//! Brings the stacks of a cloud assembly up, says how they are, and takes them down.
//!
//! Invariants:
//! - no resource is touched before everything that would be refused has been refused, and before consent was given; a
//!   change set that was made to be shown is deleted when it is not executed;
//! - every mutating call carries a token that is a function of the attempt and the stack, so that it can be repeated;
//! - all that happens is told to a [`host::Host`] as an [`event::Event`] with a code; wording is the host's business;
//! - dropping a future of this crate detaches from the cloud's operations and never leaves one half-requested;
//! - time comes from a [`clock::Clock`] and from tokio, the attempt's name from the caller: tests are deterministic.
//!
//! Must not know: the AWS SDK (`como-aws` implements [`port`]), a terminal, COMO's topology, YAML.

pub mod attempt;
mod cause;
pub mod change_set;
mod changes;
pub mod clock;
pub mod code;
mod create;
mod delete;
pub mod deploy;
pub mod destroy;
pub mod error;
pub mod event;
mod finish;
pub mod host;
mod masking;
pub mod pace;
pub mod plan;
pub mod port;
mod preview;
mod propose;
pub mod report;
pub mod rows;
mod run;
mod schedule;
mod singleton;
pub mod stack;
pub mod status;
pub mod step;
mod survey;
mod update;
mod watch;
