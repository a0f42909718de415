//! CloudWatch Logs: groups, streams, and what programs write into them.
//!
//! Groups and streams are in a store; events are lines of a file per stream, appended before anybody hears of them. The
//! output of tasks and functions is a file already, which is followed into its stream a few times a second. A line that
//! was written and not yet followed when the supervisor was killed is picked up when it starts again. Retention is kept
//! and shown, but nothing expires.

mod describe;
mod events;
mod filter;
mod follow;
mod operations;
mod reading;
mod resource;
mod service;
mod shelf;
mod state;

pub(crate) use follow::{Following, Output};
pub(crate) use service::Logs;
