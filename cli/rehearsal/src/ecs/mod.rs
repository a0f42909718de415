//! ECS: clusters, task definitions and services, whose tasks are real processes of this machine.
//!
//! A task runs the supervisor's own program in place of the image, wired by its task definition: command, environment
//! and secrets. Each service has a keeper with one slot per desired task; a slot starts its task again when it has ended
//! or failed its health check, and the keeper says when all are well, or that it has given up. Nothing of a running task
//! is remembered: when the supervisor starts again, so do the tasks.

mod describe;
mod keeper;
mod operations;
mod service;
mod state;
mod task;
mod wiring;

pub(crate) use service::{Ecs, Surroundings};
