//! COMO's topology: what one environment has on AWS, as a pure function of its description.
//!
//! Invariants:
//! - no IO, no clock, no randomness: the same environment always gives the same assembly, byte for byte;
//! - one file for each kind of stack; stacks share constructs, and synthesis turns what crosses a stack into a parameter;
//! - every name that the running service also uses comes from `como-contract`;
//! - what another stack or a person reads is an output with a stable name.
//!
//! Must not know: how templates are deployed, priced or drawn; AWS's API; YAML.

mod access;
mod api;
mod cache;
mod certificates;
mod compute;
mod data;
mod door;
mod edge;
mod execution;
mod functions;
mod identity;
mod keys;
mod lease;
mod mail;
mod messaging;
mod naming;
mod network;
mod observability;
mod pipeline;
mod presence;
mod primary;
mod records;
mod service;
mod shared;
mod site;
mod standby;
mod topology;
mod watch;
mod zone;

pub use topology::{IMAGE_REPOSITORY, app, app_with};
