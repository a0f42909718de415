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
    pub(super) desired_count: u64,
    #[serde(default)]
    pub(super) configuration: Configuration,
    pub(super) created: Timestamp,
    /// Newest first: the first is the one that ECS calls PRIMARY, the others are on their way out.
    #[serde(default)]
    pub(super) deployments: Vec<Deployment>,
    /// How the last change that somebody asked for goes; a rollback leaves it failed.
    #[serde(default)]
    pub(super) rollout: Rollout,
    /// Why the last deployment that failed did.
    #[serde(default)]
    pub(super) failure: Failure,
    pub(super) properties: Properties,
}

/// What makes ECS give a deployment up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Failure {
    #[default]
    CircuitBreaker,
    Alarm,
}

/// One revision on its way in, there, or on its way out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Deployment {
    pub(super) id: String,
    pub(super) task_definition: String,
    pub(super) target_groups: Vec<TargetGroup>,
    pub(super) created: Timestamp,
    pub(super) rollout: Rollout,
    /// An alarm rang before it began. It may be the deployment that is to end that, so alarms do not fail it.
    #[serde(default)]
    pub(super) is_deaf: bool,
}

/// In progress until its tasks are healthy and nobody else's are left (completed), or until the circuit breaker has
/// counted too many tasks that never became healthy, or an alarm has rung (failed). Neither end is left again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Rollout {
    #[default]
    InProgress,
    Completed,
    Failed,
}

/// How a service replaces its tasks; percentages are of the desired count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Configuration {
    pub(super) breaks: bool,
    pub(super) rolls_back: bool,
    pub(super) minimum_healthy_percent: u64,
    pub(super) maximum_percent: u64,
    #[serde(default)]
    pub(super) alarms: Alarms,
}

impl Default for Configuration {
    fn default() -> Self {
        Self {
            breaks: false,
            rolls_back: false,
            minimum_healthy_percent: 100,
            maximum_percent: 200,
            alarms: Alarms::default(),
        }
    }
}

/// Alarms that fail a deployment when they ring.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Alarms {
    pub(super) names: Vec<String>,
    pub(super) watches: bool,
    pub(super) rolls_back: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TargetGroup {
    pub(super) arn: String,
    pub(super) container: String,
    pub(super) port: u64,
}

impl Service {
    pub(super) fn primary(&self) -> Option<&Deployment> {
        self.deployments.first()
    }

    /// Failed tasks in a row after which a deployment is given up; None without a circuit breaker. Half the desired count,
    /// but between 3 and 200: "How the circuit breaker detects failures", ECS guide.
    pub(super) fn breaks_after(&self) -> Option<u64> {
        self.configuration.breaks.then(|| self.desired_count.div_ceil(2).clamp(3, 200))
    }

    /// Whether the deployment before comes back when one fails for this reason.
    pub(super) const fn rolls_back_after(&self, failure: Failure) -> bool {
        match failure {
            Failure::CircuitBreaker => self.configuration.rolls_back,
            Failure::Alarm => self.configuration.alarms.rolls_back,
        }
    }
}

impl Deployment {
    pub(super) fn new(task_definition: String, target_groups: Vec<TargetGroup>) -> Self {
        let id = format!("ecs-svc/{}", uuid::Uuid::new_v4().as_u64_pair().0);
        let created = Timestamp::now();
        Self { id, task_definition, target_groups, created, rollout: Rollout::InProgress, is_deaf: false }
    }
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
