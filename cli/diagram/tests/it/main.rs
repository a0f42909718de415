//! Pictures of the topology and of what it may become.
#![expect(clippy::expect_used, clippy::panic, reason = "a failed test may panic")]

mod fixture;
mod geometry;
mod pictures;
