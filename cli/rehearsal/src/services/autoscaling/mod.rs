//! Application Auto Scaling of ECS services: how many tasks a service is to have, by alarms and by schedules.
//!
//! A policy that tracks a target makes its two alarms, as on AWS, and follows them. Nobody here measures the CPU of tasks:
//! somebody puts the metric, or sets an alarm's state. Cooldowns and rates pass on the simulated clock.

mod acting;
mod describe;
mod policies;
mod resource;
mod schedules;
mod service;
mod state;

pub(crate) use service::AutoScaling;
