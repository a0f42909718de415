//! Containers on Fargate.

mod cluster;
mod scaling;
mod service;
mod task;

pub use cluster::{Cluster, ClusterProps};
pub use scaling::{ScalingProps, track_cpu};
pub use service::{Service, ServiceProps};
pub use task::{SecretVariable, Task, TaskProps};
