#![expect(clippy::unwrap_used, reason = "a failed test may panic")]
//! The engine against a scripted cloud, on paused time.

mod adoption;
mod assembly;
mod change_sets;
mod cloud;
mod deploy;
mod destroy;
mod faults;
mod host;
mod status;
mod steps;
mod timeline;
mod update;
