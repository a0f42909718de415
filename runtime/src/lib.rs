//! The middleware: the services' HTTP, wired to their ports.
//!
//! Invariants: handlers authenticate, parse, ask the ports and map; an HTTP status is chosen in `problem.rs` and nowhere
//! else; no log line has a body, a name, a contact detail or a token in it; an aggregated answer marks what could not be
//! read. The process stops accepting, drains with a deadline and ends.
//!
//! Must not know: the stacks, the CLI, a partner's wire format, the AWS SDK (the adapters build its clients).

pub mod app;
pub mod arguments;
mod caller;
pub mod catalogue;
mod cors;
mod documentation;
pub mod environment;
mod extract;
mod health;
pub mod idempotent;
mod manual_actions;
pub mod metrics;
mod observe;
pub mod openapi;
pub mod orders;
mod problem;
mod problem_code;
pub mod quote;
mod quoting;
mod report;
pub mod serve;
pub mod services;
pub mod shutdown;
mod telemetry;
mod views;
mod wiring;
