//! The stacks of an environment that stands in for another in a second region.
//!
//! The base part is always deployed and may read what the other environment has deployed. The active part reads nothing but
//! the base part, and needs no control plane outside its own region: it is what has to be made when the other is lost.

use crate::primary::Primary;
use crate::{identity, network};
use como_config::{Environment, Standby};
use como_core::stack::Stack;

pub(crate) fn standby(environment: &Environment, _standby: &Standby, _of: &Primary) -> Vec<Stack> {
    let (network_stack, _network) = network::network(environment);
    let (identity_stack, _identity) = identity::identity(environment);
    vec![network_stack, identity_stack]
}
