//! A record of every connection in the VPC.

use crate::ec2::Network;
use crate::iam::{Permissions, Role, RoleProps, Statement, TrustedService};
use crate::logs::LogGroup;
use como_core::resource::{Handle, Options};
use como_core::stack::Scope;
use como_resources::ec2;

#[derive(Debug)]
pub struct FlowLogProps<'a> {
    pub network: &'a Network,
    pub destination: &'a LogGroup,
}

/// Accepted and refused connections, within a minute, into a log group.
pub fn flow_log(scope: &mut Scope<'_>, props: &FlowLogProps<'_>) -> Handle<ec2::FlowLog> {
    let mut permissions = Permissions::none();
    props.destination.grant_write(&mut permissions);
    permissions.add(Statement::allow(["logs:DescribeLogStreams"], [props.destination.arn()]));
    let role = Role::new(
        scope,
        "FlowLogRole",
        RoleProps {
            description: "Writes the flow log of the VPC",
            trusted: TrustedService::VpcFlowLogs,
            permissions,
            managed_policies: Vec::new(),
            options: Options::default(),
        },
    );
    scope.add(
        "FlowLog",
        ec2::FlowLog {
            deliver_logs_permission_arn: Some(role.arn()),
            log_destination_type: Some(ec2::flow_log::LogDestinationType::CloudWatchLogs.into()),
            log_group_name: Some(props.destination.name()),
            max_aggregation_interval: Some(60.into()),
            traffic_type: Some(ec2::flow_log::TrafficType::All.into()),
            ..ec2::FlowLog::new(props.network.vpc_id(), ec2::flow_log::FlowLogResourceType::Vpc)
        },
    )
}
