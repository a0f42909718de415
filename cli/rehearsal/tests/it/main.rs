//! Tests of the rehearsal cloud as its clients see it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failed test may panic")]

mod capabilities;
mod cloudformation;
mod faults;
mod launching;
mod replication;
mod services;
mod support;
