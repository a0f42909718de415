//! Containers on Fargate.

mod cluster;
mod roles;
mod scaling;
mod service;
mod task;

pub use cluster::{Cluster, ClusterProps, INSIGHTS_LOG_PREFIX, insights_log};
pub use roles::{TaskRoles, TaskRolesProps};
pub use scaling::{Peak, ScalingProps, scale};
pub use service::{Service, ServiceProps};
pub use task::{Source, Task, TaskProps, Variable};
