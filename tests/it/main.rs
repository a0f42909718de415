//! What no single crate can show: that templates and runtime agree, who imports whom, how long files are, and production end to end in the rehearsal cloud.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a failed test may panic")]

mod contract;
mod files;
mod layering;
mod metrics;
mod sagas;
mod templates;
