//! The network and what guards it.

mod endpoint;
mod flow_log;
mod network;
mod security_group;

pub use endpoint::{GatewayService, InterfaceService, gateway_endpoint, interface_endpoint};
pub use flow_log::{FlowLogProps, flow_log};
pub use network::{Network, NetworkProps, Zone, ZoneProps};
pub use security_group::{Peer, Rule, SecurityGroup, SecurityGroupProps};
