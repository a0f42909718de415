//! ECS as CloudFormation sees it.

use super::books::{self, Wish};
use super::crew::Crew;
use super::state::{Failure, Rollout, Service, State};
use crate::clock::Clock;
use crate::options::TaskProgram;
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::router::{LoadBalancers, TargetState};
use crate::services::cloudwatch::{AlarmState, CloudWatch};
use crate::services::ecr::Ecr;
use crate::services::events::Events;
use crate::services::logs::Logs;
use crate::services::parameters::Parameters;
use crate::services::property::{objects, text};
use crate::services::secrets::Secrets;
use crate::services::store::{Store, StoreError};
use crate::status::TaskSummary;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

pub(crate) struct Ecs {
    pub(super) store: Arc<Store<State>>,
    surroundings: Arc<Surroundings>,
    /// By the service's ARN.
    crews: Mutex<BTreeMap<String, Arc<Crew>>>,
}

/// What tasks need around them.
pub(crate) struct Surroundings {
    pub(crate) endpoint: String,
    pub(crate) program: TaskProgram,
    pub(crate) log_dir: PathBuf,
    pub(crate) clock: Arc<Clock>,
    pub(crate) balancers: Arc<LoadBalancers>,
    pub(crate) images: Arc<Ecr>,
    pub(crate) secrets: Arc<Secrets>,
    pub(crate) parameters: Arc<Parameters>,
    /// They fail deployments.
    pub(crate) alarms: Arc<CloudWatch>,
    pub(crate) events: Arc<Events>,
    pub(crate) logs: Arc<Logs>,
    /// The supervisor ends, and tasks with it.
    pub(crate) ending: CancellationToken,
    /// For health checks.
    pub(crate) client: reqwest::Client,
}

impl Surroundings {
    /// The first of a service's alarms that rings, if it listens to any.
    pub(super) fn ringing(&self, service: &Service) -> Option<String> {
        let alarms = &service.configuration.alarms;
        let rings = |name: &&String| self.alarms.alarm(&service.region, name) == Some(AlarmState::Alarm);
        alarms.names.iter().filter(|_| alarms.watches).find(rings).cloned()
    }

    /// On the wall, the time in which the slowest of a service's alarms judges. ECS computes it from the alarms, too.
    pub(super) fn bake_time(&self, service: &Service) -> Duration {
        let names = service.configuration.alarms.names.iter();
        let windows = names.filter_map(|name| self.alarms.window(&service.region, name));
        self.clock.wall(windows.max().unwrap_or_default())
    }
}

/// CloudFormation waits so long for a service to become steady.
const STEADY_STATE_TIMEOUT: Duration = Duration::from_secs(3 * 60 * 60);
/// However fast the clock, tasks are software and need their time.
const SHORTEST_TIMEOUT: Duration = Duration::from_secs(120);

impl Ecs {
    /// Starts the tasks of every service that is there.
    pub(crate) fn open(dir: &Path, surroundings: Surroundings) -> Result<Self, StoreError> {
        let store: Arc<Store<State>> = Arc::new(Store::open(dir.join("ecs.json"))?);
        let ecs = Self { store, surroundings: Arc::new(surroundings), crews: Mutex::default() };
        for service in ecs.store.read(|state| state.services.values().cloned().collect::<Vec<_>>()) {
            ecs.start_crew(&service);
        }
        Ok(ecs)
    }

    pub(crate) fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        match request.resource_type.as_str() {
            "AWS::ECS::Cluster" => self.store.change(|state| books::create_cluster(state, request)),
            "AWS::ECS::TaskDefinition" => self.store.change(|state| books::create_task_definition(state, request)),
            "AWS::ECS::Service" => self.create_service(request),
            other => Err(refused(format!("the rehearsal cloud does not offer {other}"))),
        }
    }

    /// A service rolls to what it should be; everything else only keeps what it is told.
    pub(crate) fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        let (wanted, id) = (&request.wanted, request.physical_id.as_str());
        if wanted.resource_type == "AWS::ECS::Service" {
            self.check_target_groups(wanted)?;
            self.store.change(|state| {
                // Asked for again after a restart, it is the same change; after a failure, another attempt.
                let is_new = state.services.get(id).is_none_or(|service| {
                    service.properties != wanted.properties || service.rollout == Rollout::Failed
                });
                if is_new {
                    let service = self.change_service(state, id, Wish::of(&wanted.properties))?;
                    service.properties.clone_from(&wanted.properties);
                }
                Ok::<_, ProvisionError>(())
            })?;
            self.look_again(id);
        }
        Ok(Provisioned { physical_id: id.to_owned(), attributes: request.attributes.clone() })
    }

    /// A service is stable when all its tasks are healthy and those of earlier deployments gone.
    pub(crate) async fn stabilise(&self, resource_type: &str, physical_id: &str) -> Result<(), ProvisionError> {
        if resource_type != "AWS::ECS::Service" {
            return Ok(());
        }
        let Some(crew) = self.crew(physical_id) else { return Ok(()) };
        let mut standing = crew.standing();
        let limit = self.surroundings.clock.wall(STEADY_STATE_TIMEOUT).max(SHORTEST_TIMEOUT);
        let settled = standing.wait_for(|standing| {
            standing.rollout == Rollout::Failed || (standing.steady && standing.rollout == Rollout::Completed)
        });
        match tokio::time::timeout(limit, settled).await {
            Ok(Ok(standing)) if standing.rollout == Rollout::Failed => {
                drop(standing);
                let failure = self.store.read(|state| state.services.get(physical_id).map(|service| service.failure));
                Err(refused(match failure.unwrap_or_default() {
                    Failure::CircuitBreaker => {
                        "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'."
                    }
                    // CloudFormation's words for this case are not documented; these follow those of the other.
                    Failure::Alarm => "Error occurred during operation 'ECS Deployment Alarm was triggered'.",
                }))
            }
            // Or the service was deleted meanwhile.
            Ok(_) => Ok(()),
            Err(_) => Err(refused(format!(
                "Resource of type 'AWS::ECS::Service' with identifier '{physical_id}' did not stabilize."
            ))),
        }
    }

    pub(crate) async fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        let id = request.physical_id.as_str();
        if request.resource_type == "AWS::ECS::Service" {
            let crew = self.crews.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
            if let Some(crew) = crew {
                crew.stop().await;
            }
        }
        self.store.change(|state| {
            match request.resource_type.as_str() {
                "AWS::ECS::Cluster" => {
                    let arn = state.cluster(&request.region, id).map(|cluster| cluster.arn.clone());
                    let in_use = state.services.values().any(|service| Some(&service.cluster.arn) == arn.as_ref());
                    if in_use {
                        return Err(refused("The Cluster cannot be deleted while Services are active."));
                    }
                    arn.map(|arn| state.clusters.remove(&arn));
                }
                "AWS::ECS::TaskDefinition" => {
                    if let Some(definition) = state.task_definitions.get_mut(id) {
                        definition.is_active = false;
                    }
                }
                _ => {
                    state.services.remove(id);
                }
            }
            Ok(())
        })
    }

    pub(crate) fn tasks(&self) -> Vec<TaskSummary> {
        let services: Vec<Service> = self.store.read(|state| state.services.values().cloned().collect());
        let mut summaries = Vec::new();
        for service in services {
            let tasks = self.crew(&service.arn).map(|crew| crew.log.tasks()).unwrap_or_default();
            for task in tasks.into_iter().filter(|task| task.stopped.is_none()) {
                let health = match task.health {
                    TargetState::Initial => "UNKNOWN",
                    TargetState::Healthy => "HEALTHY",
                    TargetState::Unhealthy => "UNHEALTHY",
                };
                summaries.push(TaskSummary {
                    region: service.region.clone(),
                    cluster: service.cluster.name.clone(),
                    service: service.name.clone(),
                    task_id: task.id,
                    pid: task.pid,
                    address: task.address.map(|address| address.to_string()).unwrap_or_default(),
                    status: task.status.name().to_owned(),
                    health: health.to_owned(),
                });
            }
        }
        summaries
    }

    /// Ends every task; services stay in the books.
    pub(crate) async fn stop(&self) {
        self.surroundings.ending.cancel();
        let crews = std::mem::take(&mut *self.crews.lock().unwrap_or_else(PoisonError::into_inner));
        futures_util::future::join_all(crews.values().map(|crew| crew.stop())).await;
    }

    pub(super) fn crew(&self, arn: &str) -> Option<Arc<Crew>> {
        self.crews.lock().unwrap_or_else(PoisonError::into_inner).get(arn).cloned()
    }

    /// Has the crew of a service read the books again.
    pub(super) fn look_again(&self, arn: &str) {
        if let Some(crew) = self.crew(arn) {
            crew.look_again();
        }
    }

    /// A deployment that begins while an alarm rings does not listen to it.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html>, 2026-11
    pub(super) fn change_service<'a>(
        &self,
        state: &'a mut State,
        arn: &str,
        wish: Wish,
    ) -> Result<&'a mut Service, ProvisionError> {
        let newest = |service: &Service| service.primary().map(|deployment| deployment.id.clone());
        let before = state.services.get(arn).and_then(newest);
        let service = books::change_service(state, arn, wish)?;
        if newest(service) != before {
            let is_deaf = self.surroundings.ringing(service).is_some();
            if let Some(deployment) = service.deployments.first_mut() {
                deployment.is_deaf = is_deaf;
            }
        }
        Ok(service)
    }

    /// How many tasks a service is to have, by `service/<cluster>/<name>`; None for one that is not there.
    pub(crate) fn desired_count(&self, region: &str, resource: &str) -> Option<u64> {
        self.store.read(|state| Some(scalable(state, region, resource)?.desired_count))
    }

    /// As UpdateService does; nothing happens to one that is not there.
    pub(crate) fn set_desired_count(&self, region: &str, resource: &str, count: u64) -> Result<(), StoreError> {
        let arn = self.store.change(|state| {
            let arn = scalable(state, region, resource).map(|service| service.arn.clone());
            if let Some(service) = arn.as_ref().and_then(|arn| state.services.get_mut(arn)) {
                service.desired_count = count;
            }
            Ok::<_, StoreError>(arn)
        })?;
        if let Some(arn) = arn {
            self.look_again(&arn);
        }
        Ok(())
    }

    fn create_service(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        self.check_target_groups(request)?;
        let service = self.store.change(|state| books::create_service(state, request))?;
        // One that is asked for again is at work already.
        if self.crew(&service.arn).is_none() {
            self.start_crew(&service);
        }
        Ok(provisioned(service))
    }

    /// Each has a load balancer in front.
    fn check_target_groups(&self, request: &CreateRequest) -> Result<(), ProvisionError> {
        for group in objects(&request.properties, "LoadBalancers").filter_map(|one| text(one, "TargetGroupArn")) {
            self.surroundings.balancers.health_check(group)?;
        }
        Ok(())
    }

    fn start_crew(&self, service: &Service) {
        let crew = Crew::start(service, Arc::clone(&self.store), Arc::clone(&self.surroundings));
        self.crews.lock().unwrap_or_else(PoisonError::into_inner).insert(service.arn.clone(), crew);
    }
}

fn scalable<'a>(state: &'a State, region: &str, resource: &str) -> Option<&'a Service> {
    let (cluster, service) = resource.strip_prefix("service/")?.split_once('/')?;
    state.service(state.cluster(region, cluster)?, service)
}

fn provisioned(service: Service) -> Provisioned {
    let attributes = [("ServiceArn", service.arn.clone()), ("Name", service.name)];
    let attributes = attributes.map(|(name, value)| (name.to_owned(), json!(value)));
    Provisioned { physical_id: service.arn, attributes: BTreeMap::from(attributes) }
}

pub(super) fn refused(message: impl Into<String>) -> ProvisionError {
    ProvisionError::Refused { message: message.into() }
}
