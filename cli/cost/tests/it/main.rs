//! One binary: what the crate promises to those who use it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed test may panic")]

mod books;
mod bridge;
mod complete;
mod difference;
mod future;
mod lint;
mod properties;
mod proposal;
mod refresh;
mod saved;
mod sources;
mod support;
