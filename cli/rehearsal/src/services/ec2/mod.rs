//! EC2, as far as a deployer calls it: VPCs' default security groups, which no template can empty.

mod groups;
mod operations;
mod service;

pub(crate) use service::Ec2;
