//! The sagas, in a world that fails.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed test may panic")]

mod journals;
mod merging;
mod money;
mod mutants;
mod random;
mod scenarios;
mod search;
mod world;
