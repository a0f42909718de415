//! The construct tree's behaviour, from constructs to templates, order, differences and files.
#![expect(clippy::unwrap_used, reason = "a failed test may panic")]

mod assembly;
mod diff;
mod graph;
mod identity;
mod support;
mod synthesis;
