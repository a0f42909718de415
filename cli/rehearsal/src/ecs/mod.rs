//! ECS: clusters, task definitions and services, whose tasks are real processes of this machine.
//!
//! A task runs the supervisor's own program in place of the image, wired by its task definition: command, environment
//! and secrets. Each service has a crew, with a keeper for each of its deployments; a keeper has one slot per wanted task,
//! which starts its task again when it has ended or failed its health check. The crew rolls from one deployment to the
//! next within the service's percentages, and back when the circuit breaker opens. Nothing of a running task is
//! remembered: when the supervisor starts again, so do the tasks.

mod announce;
mod books;
mod changes;
mod crew;
mod describe;
mod keeper;
mod log;
mod operations;
mod output;
mod service;
mod state;
mod task;
mod wiring;

pub(crate) use service::{Ecs, Surroundings};
