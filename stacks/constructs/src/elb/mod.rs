//! Load balancing.

mod load_balancer;
mod rule;
mod target_group;

pub use load_balancer::{HTTPS, Listener, LoadBalancer, LoadBalancerProps};
pub use rule::{RuleProps, forward};
pub use target_group::{TargetGroup, TargetGroupProps};
