//! Clusters.

use crate::kms::Key;
use crate::logs::{LogGroup, LogGroupProps, Retention};
use como_core::resource::Handle;
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::ecs;

/// A cluster for Fargate tasks, with metrics for each task and container.
#[derive(Debug, Clone)]
pub struct Cluster {
    handle: Handle<ecs::Cluster>,
}

#[derive(Debug)]
pub struct ClusterProps {
    pub name: String,
}

/// Where Container Insights writes what it measures; the cluster's name comes between this and `/performance`.
pub const INSIGHTS_LOG_PREFIX: &str = "/aws/ecs/containerinsights/";

/// The log of a cluster's measurements, which Container Insights would make itself, without a key and for ever. Apart from the
/// cluster, so that it is there before and after it.
pub fn insights_log(scope: &mut Scope<'_>, id: &str, cluster: &str, retention: Retention, key: &Key) -> LogGroup {
    let name = format!("{INSIGHTS_LOG_PREFIX}{cluster}/performance");
    LogGroup::new(scope, id, LogGroupProps { name, retention, key })
}

impl Cluster {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: ClusterProps) -> Self {
        let insights =
            ecs::cluster::ClusterSettings { name: Some("containerInsights".into()), value: Some("enhanced".into()) };
        let handle = scope.add(
            id,
            ecs::Cluster {
                cluster_name: Some(props.name.into()),
                cluster_settings: Some(vec![insights]),
                ..ecs::Cluster::new()
            },
        );
        Self { handle }
    }

    #[must_use]
    pub fn name(&self) -> Value<String> {
        self.handle.reference()
    }
}
