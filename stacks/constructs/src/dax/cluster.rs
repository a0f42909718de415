//! DynamoDB Accelerator.

use crate::dynamodb::Table;
use crate::ec2::SecurityGroup;
use crate::iam::{Permissions, Role, RoleProps, TrustedService};
use como_core::resource::{Handle, Options};
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::dax;
use serde_json::json;

/// A cache in front of tables, encrypted at rest and in transit.
///
/// It sees neither what another region replicates nor what is written past it, so its entries live for seconds only.
#[derive(Debug, Clone)]
pub struct Cluster {
    handle: Handle<dax::Cluster>,
}

#[derive(Debug)]
pub struct ClusterProps<'a> {
    /// At most 20 characters.
    pub name: String,
    pub description: &'a str,
    pub node_type: &'a str,
    pub nodes: u8,
    pub subnets: Vec<Value<String>>,
    pub guard: &'a SecurityGroup,
    /// What it may read; see [`reading_role`].
    pub role: &'a Role,
}

/// The port of clusters that speak TLS.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DAXEncryptionInTransit.html>
pub const TLS_PORT: u16 = 9111;

const TIME_TO_LIVE_MS: &str = "30000";

/// The role of a cluster in front of `tables`, and of nothing else. Apart from the cluster, since it comes from another control
/// plane: a region that takes over may have to make the cluster without it.
pub fn reading_role(scope: &mut Scope<'_>, id: &str, tables: &[&Table]) -> Role {
    let mut permissions = Permissions::none();
    for table in tables {
        table.grant_read(&mut permissions);
    }
    let props = RoleProps {
        description: "What the cache may read",
        trusted: TrustedService::Dax,
        permissions,
        managed_policies: Vec::new(),
        options: Options::default(),
    };
    Role::new(scope, id, props)
}

impl Cluster {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: ClusterProps<'_>) -> Self {
        let mut scope = scope.child(id);
        let subnets = scope.add(
            "Subnets",
            dax::SubnetGroup {
                subnet_group_name: Some(props.name.as_str().into()),
                description: Some(props.description.into()),
                ..dax::SubnetGroup::new(props.subnets)
            },
        );
        let parameters = scope.add(
            "Parameters",
            dax::ParameterGroup {
                parameter_group_name: Some(props.name.as_str().into()),
                description: Some(props.description.into()),
                parameter_name_values: Some(
                    json!({ "query-ttl-millis": TIME_TO_LIVE_MS, "record-ttl-millis": TIME_TO_LIVE_MS }).into(),
                ),
            },
        );
        let handle = scope.add(
            "Resource",
            dax::Cluster {
                cluster_name: Some(props.name.as_str().into()),
                description: Some(props.description.into()),
                cluster_endpoint_encryption_type: Some("TLS".into()),
                sse_specification: Some(dax::cluster::SseSpecification { sse_enabled: Some(true.into()) }),
                parameter_group_name: Some(parameters.reference()),
                subnet_group_name: Some(subnets.reference()),
                security_group_ids: Some([props.guard.id()].into()),
                ..dax::Cluster::new(props.role.arn(), props.node_type, i64::from(props.nodes))
            },
        );
        Self { handle }
    }

    /// Where clients begin, for example `daxs://…`.
    #[must_use]
    pub fn endpoint(&self) -> Value<String> {
        self.handle.get(dax::Cluster::CLUSTER_DISCOVERY_ENDPOINT_URL)
    }
}
