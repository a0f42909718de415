//! SNS: topics that hand what is published to queues and functions.

mod delivery;
mod operations;
mod publish;
mod resource;
mod service;
mod state;

pub(crate) use service::Sns;
