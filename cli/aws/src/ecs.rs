//! ECS.

use crate::connect::AwsCloud;
use crate::convert::timestamp;
use crate::failure::Call;
use async_trait::async_trait;
use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{DesiredStatus, Service, Task};
use como_engine::error::CloudError;
use como_engine::port::{ServiceEvent, ServiceState, Services};
use std::collections::BTreeMap;

/// `DescribeServices` takes no more at once.
const SERVICES_AT_ONCE: usize = 10;
const EVENTS_SHOWN: usize = 3;

#[async_trait]
impl Services for AwsCloud {
    async fn services(&self, region: &str, arns: &[String]) -> Result<Vec<ServiceState>, CloudError> {
        let call = Call { operation: "DescribeServices", region };
        let client = self.clients(region).ecs;
        let mut by_cluster: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
        for arn in arns {
            by_cluster.entry(cluster(arn)).or_default().push(arn);
        }
        let mut states = Vec::new();
        for (cluster, arns) in by_cluster {
            for arns in arns.chunks(SERVICES_AT_ONCE) {
                let arns = arns.iter().copied().cloned().collect();
                let reply = client.describe_services().cluster(cluster).set_services(Some(arns)).send().await;
                for service in reply.map_err(|error| call.failed(error))?.services() {
                    let mut state = state(service, cluster);
                    if state.running < state.desired {
                        state.last_stopped = last_stopped(&client, cluster, &state.name).await;
                    }
                    states.push(state);
                }
            }
        }
        Ok(states)
    }
}

/// From `arn:aws:ecs:region:account:service/cluster/name`; ARNs of the old format leave out the cluster.
fn cluster(arn: &str) -> &str {
    let mut parts = arn.rsplit('/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(cluster), Some(_)) => cluster,
        _ => "default",
    }
}

fn state(service: &Service, cluster: &str) -> ServiceState {
    let primary = service.deployments().iter().find(|deployment| deployment.status() == Some("PRIMARY"));
    let rollout = primary.and_then(|deployment| deployment.rollout_state());
    let event = |event: &aws_sdk_ecs::types::ServiceEvent| {
        Some(ServiceEvent { at: event.created_at().and_then(timestamp), message: event.message()?.to_owned() })
    };
    ServiceState {
        name: service.service_name().unwrap_or_default().to_owned(),
        cluster: cluster.to_owned(),
        status: service.status().unwrap_or_default().to_owned(),
        desired: service.desired_count(),
        running: service.running_count(),
        pending: service.pending_count(),
        rollout: rollout.map(|state| state.as_str().to_owned()),
        events: service.events().iter().take(EVENTS_SHOWN).filter_map(event).collect(),
        last_stopped: None,
    }
}

/// Best effort: a status without it is better than none.
async fn last_stopped(client: &Client, cluster: &str, service: &str) -> Option<String> {
    let stopped = client.list_tasks().cluster(cluster).service_name(service).desired_status(DesiredStatus::Stopped);
    let arns = stopped.send().await.ok()?.task_arns?;
    if arns.is_empty() {
        return None;
    }
    let tasks = client.describe_tasks().cluster(cluster).set_tasks(Some(arns)).send().await.ok()?;
    let last = tasks.tasks().iter().max_by_key(|task| task.stopped_at().map(|at| (at.secs(), at.subsec_nanos())))?;
    Some(why_stopped(last))
}

/// The task's reason, then each container's own word.
fn why_stopped(task: &Task) -> String {
    let mut words: Vec<String> = task.stopped_reason().map(str::to_owned).into_iter().collect();
    for container in task.containers() {
        let name = container.name().unwrap_or("container");
        match (container.reason(), container.exit_code()) {
            (Some(reason), _) => words.push(format!("{name}: {reason}")),
            (None, Some(code)) if code != 0 => words.push(format!("{name}: exit code {code}")),
            _ => {}
        }
    }
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cluster_is_in_the_arn() {
        assert_eq!(cluster("arn:aws:ecs:ap-southeast-1:123456789012:service/como-prod/accounts"), "como-prod");
        assert_eq!(cluster("arn:aws:ecs:ap-southeast-1:123456789012:service/accounts"), "default");
    }
}
