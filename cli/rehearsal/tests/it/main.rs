//! Tests of the rehearsal cloud as its clients see it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failed test may panic")]

mod called;
mod capabilities;
mod cloudformation;
mod drifting;
mod faults;
mod launching;
mod made_up;
mod replication;
mod services;
mod supervised;
mod support;
