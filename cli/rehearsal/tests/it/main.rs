//! Tests of the rehearsal cloud as its clients see it.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test may panic")]

mod cloudformation;
mod launching;
mod services;
mod support;
