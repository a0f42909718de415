//! The public door: what API Gateway, its VPC link and the load balancer do between a client and a task.
//!
//! A deployed REST API stage gets a loopback port. A request passes the routes and authorizers of the API's OpenAPI
//! document, then the listener rules of the load balancer behind its integration, then goes to a healthy task of the
//! target group, or is refused with the words that AWS has for it.

mod actions;
mod api;
mod authorise;
mod balancer;
mod browser;
mod door;
mod forward;
mod openapi;
mod responses;

pub(crate) use api::{Behind, OpenRestApisError, RestApis};
pub(crate) use balancer::{HealthCheck, LoadBalancers, TargetState};
