//! SQS: queues whose messages outlive the supervisor.
//!
//! Written here, because the hosted one has no group lock, no sequence numbers, moves no dead letters back and forgets
//! its messages. Delays and visibility run on the wall clock: consumers are real software.

mod attributes;
mod batch;
mod delivery;
mod message;
mod moving;
mod operations;
mod queue;
mod resource;
mod service;
mod state;

pub(crate) use delivery::{Delivery, Taken};
pub(crate) use message::{md5_bytes, md5_hex};
pub(crate) use service::Sqs;
