//! The rules, one by one and together.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed test may panic")]

mod bar;
mod coverage;
mod rules;
mod sarif;
mod support;
mod suppressions;
