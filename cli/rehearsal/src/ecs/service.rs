//! ECS as CloudFormation sees it.

use super::keeper::Keeper;
use super::state::{Cluster, Service, State, TargetGroup, TaskDefinition};
use crate::clock::Clock;
use crate::options::TaskProgram;
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::router::{HealthCheck, LoadBalancers, TargetState};
use crate::services::identifiers::{fill, generated_name, owner};
use crate::services::parameters::Parameters;
use crate::services::property::{flag, number, object, objects, text};
use crate::services::secrets::Secrets;
use crate::services::store::{Store, StoreError};
use crate::status::TaskSummary;
use jiff::Timestamp;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub(crate) struct Ecs {
    pub(super) store: Store<State>,
    surroundings: Arc<Surroundings>,
    /// By the service's ARN.
    keepers: Mutex<BTreeMap<String, Arc<Keeper>>>,
}

/// What tasks need around them.
pub(crate) struct Surroundings {
    pub(crate) endpoint: String,
    pub(crate) program: TaskProgram,
    pub(crate) log_dir: PathBuf,
    pub(crate) clock: Arc<Clock>,
    pub(crate) balancers: Arc<LoadBalancers>,
    pub(crate) secrets: Arc<Secrets>,
    pub(crate) parameters: Arc<Parameters>,
    /// For health checks.
    pub(crate) client: reqwest::Client,
}

/// CloudFormation waits so long for a service to become steady.
const STEADY_STATE_TIMEOUT: Duration = Duration::from_secs(3 * 60 * 60);
/// However fast the clock, tasks are software and need their time.
const SHORTEST_TIMEOUT: Duration = Duration::from_secs(120);

impl Ecs {
    /// Starts the tasks of every service that is there.
    pub(crate) fn open(dir: &Path, surroundings: Surroundings) -> Result<Self, StoreError> {
        let store: Store<State> = Store::open(dir.join("ecs.json"))?;
        let ecs = Self { store, surroundings: Arc::new(surroundings), keepers: Mutex::default() };
        for arn in ecs.store.read(|state| state.services.keys().cloned().collect::<Vec<_>>()) {
            // A health check that is gone since leaves the tasks without one, as the load balancer would.
            let health_check = ecs.health_check(&arn).unwrap_or_default();
            ecs.start_keeper(&arn, health_check);
        }
        Ok(ecs)
    }

    pub(crate) fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        match request.resource_type.as_str() {
            "AWS::ECS::Cluster" => self.store.change(|state| create_cluster(state, request)),
            "AWS::ECS::TaskDefinition" => self.store.change(|state| create_task_definition(state, request)),
            "AWS::ECS::Service" => self.create_service(request),
            other => Err(refused(format!("the rehearsal cloud does not offer {other}"))),
        }
    }

    /// A service gives up its tasks and starts those of the new revision; everything else only keeps what it is told.
    pub(crate) async fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        let (wanted, id) = (&request.wanted, request.physical_id.as_str());
        if wanted.resource_type == "AWS::ECS::Service" {
            self.store.change(|state| update_service(state, wanted, id))?;
            let keeper = self.keepers.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
            if let Some(keeper) = keeper {
                keeper.stop().await;
            }
            let health_check = self.health_check(id)?;
            self.start_keeper(id, health_check);
        }
        Ok(Provisioned { physical_id: id.to_owned(), attributes: request.attributes.clone() })
    }

    /// A service is stable when all its tasks are healthy.
    pub(crate) async fn stabilise(&self, resource_type: &str, physical_id: &str) -> Result<(), ProvisionError> {
        if resource_type != "AWS::ECS::Service" {
            return Ok(());
        }
        let Some(keeper) = self.keeper(physical_id) else { return Ok(()) };
        let mut progress = keeper.progress();
        let limit = self.surroundings.clock.wall(STEADY_STATE_TIMEOUT).max(SHORTEST_TIMEOUT);
        let settled = progress.wait_for(|progress| progress.steady || progress.broken);
        match tokio::time::timeout(limit, settled).await {
            Ok(Ok(progress)) if progress.steady => Ok(()),
            Ok(Ok(_)) => Err(refused(
                "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.".to_owned(),
            )),
            // The service was deleted meanwhile.
            Ok(Err(_)) => Ok(()),
            Err(_) => Err(refused(format!(
                "Resource of type 'AWS::ECS::Service' with identifier '{physical_id}' did not stabilize."
            ))),
        }
    }

    pub(crate) async fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        let id = request.physical_id.as_str();
        if request.resource_type == "AWS::ECS::Service" {
            let keeper = self.keepers.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
            if let Some(keeper) = keeper {
                keeper.stop().await;
            }
        }
        self.store.change(|state| {
            match request.resource_type.as_str() {
                "AWS::ECS::Cluster" => {
                    let arn = state.cluster(&request.region, id).map(|cluster| cluster.arn.clone());
                    let in_use = state.services.values().any(|service| Some(&service.cluster.arn) == arn.as_ref());
                    if in_use {
                        return Err(refused("The Cluster cannot be deleted while Services are active.".to_owned()));
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
        let keepers = self.keepers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut summaries = Vec::new();
        for keeper in keepers.values() {
            for task in keeper.tasks().into_iter().filter(|task| task.stopped.is_none()) {
                let health = match task.health {
                    TargetState::Initial => "UNKNOWN",
                    TargetState::Healthy => "HEALTHY",
                    TargetState::Unhealthy => "UNHEALTHY",
                };
                summaries.push(TaskSummary {
                    region: keeper.service.region.clone(),
                    cluster: keeper.service.cluster.name.clone(),
                    service: keeper.service.name.clone(),
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
        let keepers = std::mem::take(&mut *self.keepers.lock().unwrap_or_else(PoisonError::into_inner));
        futures_util::future::join_all(keepers.values().map(|keeper| keeper.stop())).await;
    }

    pub(super) fn keeper(&self, arn: &str) -> Option<Arc<Keeper>> {
        self.keepers.lock().unwrap_or_else(PoisonError::into_inner).get(arn).cloned()
    }

    fn create_service(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        for group in objects(&request.properties, "LoadBalancers").filter_map(|one| text(one, "TargetGroupArn")) {
            self.surroundings.balancers.health_check(group)?;
        }
        let service = self.store.change(|state| create_service(state, request))?;
        // One that is asked for again is at work already.
        if self.keeper(&service.arn).is_none() {
            let health_check = self.health_check(&service.arn)?;
            self.start_keeper(&service.arn, health_check);
        }
        let attributes = [("ServiceArn", service.arn.clone()), ("Name", service.name)];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), json!(value)));
        Ok(Provisioned { physical_id: service.arn, attributes: BTreeMap::from(attributes) })
    }

    fn health_check(&self, arn: &str) -> Result<Option<HealthCheck>, ProvisionError> {
        let group = self.store.read(|state| {
            let service = state.services.get(arn)?;
            service.target_groups.first().map(|group| group.arn.clone())
        });
        group.map(|group| self.surroundings.balancers.health_check(&group)).transpose()
    }

    fn start_keeper(&self, arn: &str, health_check: Option<HealthCheck>) {
        let found = self.store.read(|state| {
            let service = state.services.get(arn)?;
            Some((service.clone(), state.task_definition(&service.region, &service.task_definition)?.clone()))
        });
        let Some((service, definition)) = found else { return };
        let keeper = Keeper::start(service, definition, health_check, Arc::clone(&self.surroundings));
        self.keepers.lock().unwrap_or_else(PoisonError::into_inner).insert(arn.to_owned(), keeper);
    }
}

fn create_cluster(state: &mut State, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    let name = text(&request.properties, "ClusterName").map_or_else(|| generated_name(request), str::to_owned);
    let arn = fill("arn:aws:ecs:{region}:{account}:cluster/{ref}", request, &name);
    if state.clusters.get(&arn).is_some_and(|known| known.owner != owner(request)) {
        return Err(ProvisionError::AlreadyExists { identifier: name });
    }
    let cluster =
        Cluster { owner: owner(request), arn: arn.clone(), name: name.clone(), region: request.region.clone() };
    state.clusters.insert(arn.clone(), cluster);
    Ok(Provisioned { physical_id: name, attributes: BTreeMap::from([("Arn".to_owned(), json!(arn))]) })
}

fn create_task_definition(state: &mut State, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    let properties = &request.properties;
    let family = text(properties, "Family").map_or_else(|| generated_name(request), str::to_owned);
    if objects(properties, "ContainerDefinitions").next().is_none() {
        return Err(refused("Container list cannot be empty.".to_owned()));
    }
    let known = state.task_definitions.values().find(|known| known.owner == owner(request) && known.is_active);
    if let Some(arn) = known.map(|known| known.arn.clone()) {
        let attributes = BTreeMap::from([("TaskDefinitionArn".to_owned(), json!(arn))]);
        return Ok(Provisioned { physical_id: arn, attributes });
    }
    let revision = state.revisions.entry(format!("{} {family}", request.region)).or_default();
    *revision += 1;
    let arn = fill("arn:aws:ecs:{region}:{account}:task-definition/{ref}", request, &format!("{family}:{revision}"));
    let definition = TaskDefinition {
        owner: owner(request),
        arn: arn.clone(),
        family,
        revision: *revision,
        region: request.region.clone(),
        registered: Timestamp::now(),
        is_active: true,
        properties: properties.clone(),
    };
    state.task_definitions.insert(arn.clone(), definition);
    let attributes = BTreeMap::from([("TaskDefinitionArn".to_owned(), json!(arn))]);
    Ok(Provisioned { physical_id: arn, attributes })
}

fn create_service(state: &mut State, request: &CreateRequest) -> Result<Service, ProvisionError> {
    let properties = &request.properties;
    let cluster = state.cluster(&request.region, text(properties, "Cluster").unwrap_or("default"));
    let cluster = cluster.ok_or_else(|| refused("Cluster not found.".to_owned()))?.clone();
    let reference = text(properties, "TaskDefinition").unwrap_or_default();
    let definition = state.task_definition(&request.region, reference).filter(|definition| definition.is_active);
    let task_definition = definition.ok_or_else(|| refused("TaskDefinition not found.".to_owned()))?.arn.clone();
    let name = text(properties, "ServiceName").map_or_else(|| generated_name(request), str::to_owned);
    let arn = fill("arn:aws:ecs:{region}:{account}:service/{ref}", request, &format!("{}/{name}", cluster.name));
    if let Some(known) = state.services.get(&arn) {
        if known.owner == owner(request) {
            return Ok(known.clone());
        }
        return Err(ProvisionError::AlreadyExists { identifier: name });
    }
    let desired_count = number(properties, "DesiredCount").unwrap_or(1);
    let breaker = object(properties, "DeploymentConfiguration")
        .and_then(|configuration| object(configuration, "DeploymentCircuitBreaker"))
        .is_some_and(|breaker| flag(breaker, "Enable").unwrap_or(false));
    let target_groups = objects(properties, "LoadBalancers").filter_map(|balancer| {
        Some(TargetGroup {
            arn: text(balancer, "TargetGroupArn")?.to_owned(),
            container: text(balancer, "ContainerName").unwrap_or_default().to_owned(),
            port: number(balancer, "ContainerPort").unwrap_or_default(),
        })
    });
    let service = Service {
        owner: owner(request),
        arn: arn.clone(),
        name,
        region: request.region.clone(),
        cluster,
        task_definition,
        desired_count,
        target_groups: target_groups.collect(),
        // Half the desired count, but between 3 and 200: "How the circuit breaker detects failures", ECS guide.
        breaks_after: breaker.then(|| desired_count.div_ceil(2).clamp(3, 200)),
        created: Timestamp::now(),
        deployment_id: format!("ecs-svc/{}", uuid::Uuid::new_v4().as_u64_pair().0),
        properties: properties.clone(),
    };
    state.services.insert(arn, service.clone());
    Ok(service)
}

fn update_service(state: &mut State, wanted: &CreateRequest, arn: &str) -> Result<(), ProvisionError> {
    let reference = text(&wanted.properties, "TaskDefinition").unwrap_or_default();
    let definition = state.task_definition(&wanted.region, reference).filter(|definition| definition.is_active);
    let definition = definition.ok_or_else(|| refused("TaskDefinition not found.".to_owned()))?.arn.clone();
    let service = state.services.get_mut(arn).ok_or_else(|| refused("Service not found.".to_owned()))?;
    service.task_definition = definition;
    service.desired_count = number(&wanted.properties, "DesiredCount").unwrap_or(service.desired_count);
    service.deployment_id = format!("ecs-svc/{}", uuid::Uuid::new_v4().as_u64_pair().0);
    service.properties.clone_from(&wanted.properties);
    Ok(())
}

fn refused(message: String) -> ProvisionError {
    ProvisionError::Refused { message }
}
