//! What the books say after a change; nothing here starts or stops anything.

use super::service::refused;
use super::state::{
    Alarms, Cluster, Configuration, Deployment, Failure, Rollout, Service, State, TargetGroup, TaskDefinition,
};
use crate::provision::{CreateRequest, ProvisionError, Provisioned};
use crate::services::identifiers::{fill, generated_name, owner};
use crate::services::property::{Properties, flag, number, object, objects, text, texts};
use jiff::Timestamp;
use serde_json::json;
use std::collections::BTreeMap;

pub(super) fn create_cluster(state: &mut State, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
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

pub(super) fn create_task_definition(
    state: &mut State,
    request: &CreateRequest,
) -> Result<Provisioned, ProvisionError> {
    let properties = &request.properties;
    let family = text(properties, "Family").map_or_else(|| generated_name(request), str::to_owned);
    if objects(properties, "ContainerDefinitions").next().is_none() {
        return Err(refused("Container list cannot be empty."));
    }
    let known = state.task_definitions.values().find(|known| known.owner == owner(request) && known.is_active);
    if let Some(arn) = known.map(|known| known.arn.clone()) {
        let attributes = BTreeMap::from([("TaskDefinitionArn".to_owned(), json!(arn))]);
        return Ok(Provisioned { physical_id: arn, attributes });
    }
    let definition = register(state, &request.account, &request.region, owner(request), family, properties.clone());
    let arn = definition.arn;
    let attributes = BTreeMap::from([("TaskDefinitionArn".to_owned(), json!(arn))]);
    Ok(Provisioned { physical_id: arn, attributes })
}

/// The next revision of a family.
pub(super) fn register(
    state: &mut State,
    account: &str,
    region: &str,
    owner: String,
    family: String,
    properties: Properties,
) -> TaskDefinition {
    let revision = state.revisions.entry(format!("{region} {family}")).or_default();
    *revision += 1;
    let definition = TaskDefinition {
        owner,
        arn: format!("arn:aws:ecs:{region}:{account}:task-definition/{family}:{revision}"),
        family,
        revision: *revision,
        region: region.to_owned(),
        registered: Timestamp::now(),
        is_active: true,
        properties,
    };
    state.task_definitions.insert(definition.arn.clone(), definition.clone());
    definition
}

pub(super) fn create_service(state: &mut State, request: &CreateRequest) -> Result<Service, ProvisionError> {
    let properties = &request.properties;
    let cluster = state.cluster(&request.region, text(properties, "Cluster").unwrap_or("default"));
    let cluster = cluster.ok_or_else(|| refused("Cluster not found."))?.clone();
    let wish = Wish::of(properties);
    let reference = wish.task_definition.clone().unwrap_or_default();
    let task_definition = active_definition(state, &request.region, &reference)?;
    let name = text(properties, "ServiceName").map_or_else(|| generated_name(request), str::to_owned);
    let arn = fill("arn:aws:ecs:{region}:{account}:service/{ref}", request, &format!("{}/{name}", cluster.name));
    if let Some(known) = state.services.get(&arn) {
        if known.owner == owner(request) {
            return Ok(known.clone());
        }
        return Err(ProvisionError::AlreadyExists { identifier: name });
    }
    let service = Service {
        owner: owner(request),
        arn: arn.clone(),
        name,
        region: request.region.clone(),
        cluster,
        desired_count: wish.desired_count.unwrap_or(1),
        configuration: wish.configuration.unwrap_or_default(),
        created: Timestamp::now(),
        deployments: vec![Deployment::new(task_definition, wish.target_groups.unwrap_or_default())],
        rollout: Rollout::InProgress,
        failure: Failure::default(),
        properties: properties.clone(),
    };
    state.services.insert(arn, service.clone());
    Ok(service)
}

/// What somebody wants of a service; what is left out stays as it is.
#[derive(Debug, Clone, Default)]
pub(super) struct Wish {
    pub(super) task_definition: Option<String>,
    pub(super) desired_count: Option<u64>,
    pub(super) configuration: Option<Configuration>,
    pub(super) target_groups: Option<Vec<TargetGroup>>,
    pub(super) force: bool,
}

impl Wish {
    /// From CloudFormation's properties.
    pub(super) fn of(properties: &Properties) -> Self {
        let target_groups = properties.get("LoadBalancers").map(|_| {
            let groups = objects(properties, "LoadBalancers").filter_map(|balancer| {
                Some(TargetGroup {
                    arn: text(balancer, "TargetGroupArn")?.to_owned(),
                    container: text(balancer, "ContainerName").unwrap_or_default().to_owned(),
                    port: number(balancer, "ContainerPort").unwrap_or_default(),
                })
            });
            groups.collect()
        });
        Self {
            task_definition: text(properties, "TaskDefinition").map(str::to_owned),
            desired_count: number(properties, "DesiredCount"),
            configuration: object(properties, "DeploymentConfiguration").map(configuration),
            target_groups,
            force: flag(properties, "ForceNewDeployment").unwrap_or(false),
        }
    }
}

/// A new revision, other target groups or force make a new deployment; another count or other percentages do not.
pub(super) fn change_service<'a>(
    state: &'a mut State,
    arn: &str,
    wish: Wish,
) -> Result<&'a mut Service, ProvisionError> {
    let not_found = || refused("Service was not ACTIVE.");
    let service = state.services.get(arn).ok_or_else(not_found)?;
    let current = service.primary().ok_or_else(not_found)?.clone();
    let region = service.region.clone();
    let task_definition = match &wish.task_definition {
        Some(reference) => active_definition(state, &region, reference)?,
        None => current.task_definition.clone(),
    };
    let service = state.services.get_mut(arn).ok_or_else(not_found)?;
    let target_groups = wish.target_groups.unwrap_or_else(|| current.target_groups.clone());
    if wish.force || task_definition != current.task_definition || target_groups != current.target_groups {
        service.deployments.insert(0, Deployment::new(task_definition, target_groups));
    }
    service.desired_count = wish.desired_count.unwrap_or(service.desired_count);
    service.configuration = wish.configuration.unwrap_or_else(|| service.configuration.clone());
    service.rollout = Rollout::InProgress;
    Ok(service)
}

fn active_definition(state: &State, region: &str, reference: &str) -> Result<String, ProvisionError> {
    let definition = state.task_definition(region, reference).filter(|definition| definition.is_active);
    definition.map(|definition| definition.arn.clone()).ok_or_else(|| refused("TaskDefinition not found."))
}

fn configuration(properties: &Properties) -> Configuration {
    let breaker = object(properties, "DeploymentCircuitBreaker");
    let says = |name| breaker.is_some_and(|breaker| flag(breaker, name).unwrap_or(false));
    let alarms = object(properties, "Alarms").map(|alarms| Alarms {
        names: texts(alarms, "AlarmNames"),
        watches: flag(alarms, "Enable").unwrap_or(false),
        rolls_back: flag(alarms, "Rollback").unwrap_or(false),
    });
    let usual = Configuration::default();
    Configuration {
        alarms: alarms.unwrap_or_default(),
        breaks: says("Enable"),
        rolls_back: says("Rollback"),
        minimum_healthy_percent: number(properties, "MinimumHealthyPercent").unwrap_or(usual.minimum_healthy_percent),
        maximum_percent: number(properties, "MaximumPercent").unwrap_or(usual.maximum_percent),
    }
}
