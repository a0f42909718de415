//! The construct tree and what it synthesises to: templates, their order, their differences, the cloud assembly.
//!
//! Invariants:
//! - no IO, no clock, no randomness: the same constructs always give the same bytes;
//! - a logical id is a pure function of the construct path within its stack, and always carries a hash of the whole path;
//! - everything wrong with an app is reported at once, each with the construct's path;
//! - stateful resources are kept unless a construct says otherwise.
//!
//! Must not know: which resource types exist (`como-resources`), COMO's topology (`como-stacks`), AWS's API.

pub mod app;
pub mod assembly;
pub mod diff;
pub mod flat;
pub mod graph;
pub mod path;
mod references;
pub mod resource;
pub mod stack;
pub mod suppression;
pub mod template;
pub mod value;
