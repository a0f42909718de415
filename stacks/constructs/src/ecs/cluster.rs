//! Clusters.

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
