//! One binary: what the crate promises to those who use it.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test may panic")]

mod books;
mod complete;
mod proposal;
mod support;
