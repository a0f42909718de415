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
mod cors;
mod documentation;
pub mod environment;
mod extract;
mod health;
mod manual_actions;
pub mod metrics;
mod observe;
pub mod openapi;
mod problem;
mod report;
pub mod sagas;
pub mod serve;
pub mod services;
pub mod shutdown;
mod telemetry;
mod views;
mod wiring;
mod wiring_sagas;
