//! What no single crate can show: who imports whom, how long files are, and production end to end in the rehearsal cloud.
#![expect(clippy::unwrap_used, reason = "a failed test may panic")]

mod files;
mod layering;
