//! What each construct makes.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed test may panic")]

mod data;
mod door;
mod network;
mod rights;
mod support;
mod tasks;
mod watch;
