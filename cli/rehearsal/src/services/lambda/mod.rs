//! Lambda: functions that run their archive's `bootstrap` by the Lambda Runtime API.
//!
//! A function's instances are processes of this machine, each with a Runtime API of its own. Events that nobody waits for
//! are kept until they were worked off, so that they outlive the supervisor.

mod archive;
mod asynchronous;
mod function;
mod instance;
mod journal;
mod mapping;
mod operations;
mod resource;
mod runtime_api;
mod service;
mod settings;
mod source;
mod state;

pub(crate) use service::{Lambda, Surroundings};
