//! EventBridge: rules that reach their targets, by pattern or by schedule.

mod operations;
mod pattern;
mod resource;
mod schedule;
mod service;
mod state;
mod target;

pub(crate) use pattern::{matches, wildcard};
pub(crate) use service::{Events, News};
