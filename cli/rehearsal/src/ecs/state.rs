//! What ECS remembers.

use crate::services::property::Properties;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything by ARN, but revisions by region and family.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) clusters: BTreeMap<String, Cluster>,
    pub(super) task_definitions: BTreeMap<String, TaskDefinition>,
    pub(super) revisions: BTreeMap<String, u64>,
    pub(super) services: BTreeMap<String, Service>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Cluster {
    /// The stack and logical id that it was made for.
    #[serde(default)]
    pub(super) owner: String,
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) region: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct TaskDefinition {
    #[serde(default)]
    pub(super) owner: String,
    pub(super) arn: String,
    pub(super) family: String,
    pub(super) revision: u64,
    pub(super) region: String,
    pub(super) registered: Timestamp,
    pub(super) is_active: bool,
    /// As CloudFormation gave them, in capitals.
    pub(super) properties: Properties,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Service {
    #[serde(default)]
    pub(super) owner: String,
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) region: String,
    pub(super) cluster: Cluster,
    pub(super) task_definition: String,
    pub(super) desired_count: u64,
    pub(super) target_groups: Vec<TargetGroup>,
    /// Failed tasks in a row after which the deployment is given up; None without a circuit breaker.
    pub(super) breaks_after: Option<u64>,
    pub(super) created: Timestamp,
    pub(super) deployment_id: String,
    pub(super) properties: Properties,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct TargetGroup {
    pub(super) arn: String,
    pub(super) container: String,
    pub(super) port: u64,
}

impl State {
    /// A cluster by name or ARN.
    pub(super) fn cluster(&self, region: &str, reference: &str) -> Option<&Cluster> {
        self.clusters
            .values()
            .find(|cluster| cluster.region == region && (cluster.arn == reference || cluster.name == reference))
    }

    /// A task definition by ARN, `family:revision`, or the family's newest.
    pub(super) fn task_definition(&self, region: &str, reference: &str) -> Option<&TaskDefinition> {
        if let Some(found) = self.task_definitions.get(reference) {
            return Some(found);
        }
        let (family, revision) = match reference.split_once(':') {
            Some((family, revision)) => (family, Some(revision.parse::<u64>().ok()?)),
            None => (reference, None),
        };
        let mut of_family = self.task_definitions.values().filter(|one| one.region == region && one.family == family);
        match revision {
            Some(revision) => of_family.find(|one| one.revision == revision),
            None => of_family.filter(|one| one.is_active).max_by_key(|one| one.revision),
        }
    }

    /// A service of a cluster, by name or ARN.
    pub(super) fn service(&self, cluster: &Cluster, reference: &str) -> Option<&Service> {
        self.services.values().find(|service| {
            service.cluster.arn == cluster.arn && (service.arn == reference || service.name == reference)
        })
    }
}
