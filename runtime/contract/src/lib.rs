//! The names that infrastructure and service share, each written once.
//!
//! Invariants: no dependencies, no IO, no logic beyond putting a name together. What a template gives a task and what the
//! task reads are both taken from here, so neither side can rename alone.

pub mod configuration;
pub mod failover;
pub mod function;
pub mod identity;
pub mod metric;
pub mod output;
pub mod queue;
pub mod route;
pub mod secret;
pub mod service;
pub mod setting;
pub mod site;
pub mod table;
pub mod task;
