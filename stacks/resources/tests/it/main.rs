#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failed test may panic")]

//! The checked-in facts and types, and how templates are judged by them.

mod check;
mod compile;
mod facts;
mod types;
