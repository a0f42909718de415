#![expect(clippy::unwrap_used, reason = "a failed test may panic")]
//! What the functions do, against stacks and a row that a test keeps.

mod events;
mod fakes;
mod refresh;
mod rollout;
