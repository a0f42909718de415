//! The functions of the topology: one program, of which Lambda's handler says what it is.
//!
//! Invariants: a function may be invoked twice by one event and out of order, so each brings a state about instead of
//! carrying out a command; what a function cannot do yet is an error that names it; no log line has a token in it.
//!
//! Must not know: axum, the services' routes, the stacks, the CLI.

mod cloudformation;
mod counters;
pub mod environment;
pub mod image;
pub mod invocation;
mod program;
pub mod refresh;
pub mod rollout;

pub use program::{RunError, run};
