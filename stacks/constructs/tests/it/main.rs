//! What each construct makes.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed test may panic")]

mod calls;
mod data;
mod door;
mod edge;
mod network;
mod rights;
mod support;
mod tasks;
mod watch;
