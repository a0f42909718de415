//! Load balancers: listeners, rules and target groups as CloudFormation makes them, and the tasks registered in them.
//!
//! An ARN is a function of the stack and the logical id, so a resource that is asked for twice is found by its ARN.

use super::actions::{Action, Condition};
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::identifiers::fill;
use crate::services::property::{self, flag, number, objects, text, texts};
use crate::services::store::{Store, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

pub(crate) struct LoadBalancers {
    store: Store<State>,
    /// By target group and task; processes do not outlive the supervisor, so neither do their registrations.
    targets: Mutex<BTreeMap<String, BTreeMap<String, Target>>>,
    turn: AtomicUsize,
}

/// By ARN.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct State {
    load_balancers: BTreeMap<String, LoadBalancer>,
    listeners: BTreeMap<String, Listener>,
    rules: BTreeMap<String, Rule>,
    target_groups: BTreeMap<String, TargetGroup>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct LoadBalancer {
    name: String,
    region: String,
    deletion_protection: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Listener {
    load_balancer: String,
    port: u64,
    default_actions: Vec<Action>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Rule {
    listener: String,
    priority: u64,
    conditions: Vec<Condition>,
    actions: Vec<Action>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct TargetGroup {
    name: String,
    region: String,
    health_check: HealthCheck,
}

/// How a target group asks its targets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HealthCheck {
    pub(crate) path: String,
    /// Codes that count as healthy, for example `200` or `200-299,302`.
    pub(crate) matcher: String,
    /// Failures in a row after which a healthy target counts as unhealthy.
    pub(crate) unhealthy_threshold: u64,
}

impl HealthCheck {
    pub(crate) fn accepts(&self, status: u16) -> bool {
        self.matcher.split(',').any(|part| match part.trim().split_once('-') {
            Some((first, last)) => match (first.parse::<u16>(), last.parse::<u16>()) {
                (Ok(first), Ok(last)) => (first..=last).contains(&status),
                _ => false,
            },
            None => part.trim().parse() == Ok(status),
        })
    }
}

/// What the load balancer thinks of a target, in its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TargetState {
    Initial,
    Healthy,
    Unhealthy,
}

#[derive(Debug, Clone, Copy)]
struct Target {
    address: SocketAddr,
    state: TargetState,
}

impl LoadBalancers {
    pub(crate) fn open(dir: &Path) -> Result<Self, StoreError> {
        let store = Store::open(dir.join("load-balancers.json"))?;
        Ok(Self { store, targets: Mutex::default(), turn: AtomicUsize::new(0) })
    }

    pub(crate) fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        self.store.change(|state| match request.resource_type.as_str() {
            "AWS::ElasticLoadBalancingV2::LoadBalancer" => create_load_balancer(state, request),
            "AWS::ElasticLoadBalancingV2::TargetGroup" => create_target_group(state, request),
            "AWS::ElasticLoadBalancingV2::Listener" => create_listener(state, request),
            "AWS::ElasticLoadBalancingV2::ListenerRule" => create_rule(state, request),
            other => Err(refused(format!("the rehearsal cloud does not offer {other}"))),
        })
    }

    /// Identifiers follow from what cannot change, so that making a resource again changes the one that is there.
    pub(crate) fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        self.create(&request.wanted)
    }

    pub(crate) fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        self.store.change(|state| delete(state, request))
    }

    /// The health check of a target group that some listener or rule uses; ECS asks before it starts a service.
    pub(crate) fn health_check(&self, target_group: &str) -> Result<HealthCheck, ProvisionError> {
        self.store.read(|state| {
            let group = state.target_groups.get(target_group);
            let group = group.ok_or_else(|| refused(format!("The target group {target_group} does not exist.")))?;
            if !in_use(state, target_group) {
                let message = format!(
                    "The target group with targetGroupArn {target_group} does not have an associated load balancer."
                );
                return Err(refused(message));
            }
            Ok(group.health_check.clone())
        })
    }

    pub(crate) fn register(&self, target_group: &str, task: &str, address: SocketAddr, target_state: TargetState) {
        let mut targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        let group = targets.entry(target_group.to_owned()).or_default();
        group.insert(task.to_owned(), Target { address, state: target_state });
    }

    pub(crate) fn deregister(&self, target_group: &str, task: &str) {
        let mut targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(group) = targets.get_mut(target_group) {
            group.remove(task);
        }
    }

    /// The next healthy target in turn.
    pub(super) fn choose(&self, target_group: &str) -> Option<SocketAddr> {
        let targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        let group = targets.get(target_group)?;
        let healthy: Vec<SocketAddr> =
            group.values().filter(|target| target.state == TargetState::Healthy).map(|target| target.address).collect();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed).checked_rem(healthy.len())?;
        healthy.get(turn).copied()
    }

    /// What the listener on a port does with a request: the first rule by priority that fits, else its default.
    pub(super) fn action(
        &self,
        load_balancer: &str,
        port: u64,
        parts: &http::request::Parts,
        path: &str,
    ) -> Option<Action> {
        self.store.read(|state| {
            let mut listeners = state.listeners.iter();
            let (arn, listener) =
                listeners.find(|(_, listener)| listener.load_balancer == load_balancer && listener.port == port)?;
            let mut rules: Vec<&Rule> = state.rules.values().filter(|rule| rule.listener == *arn).collect();
            rules.sort_by_key(|rule| rule.priority);
            let fitting = rules.into_iter().find(|rule| rule.conditions.iter().all(|one| one.fits(parts, path)));
            let actions = fitting.map_or(&listener.default_actions, |rule| &rule.actions);
            actions.first().cloned()
        })
    }
}

fn create_load_balancer(state: &mut State, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    let properties = &request.properties;
    let name = short_name(request);
    let full_name = format!("app/{name}/{}", fill("{hex:16}", request, ""));
    let arn = fill("arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/{ref}", request, &full_name);
    let mut others = state.load_balancers.iter().filter(|(other, _)| **other != arn);
    if others.any(|(_, other)| other.name == name && other.region == request.region) {
        return Err(ProvisionError::AlreadyExists { identifier: name });
    }
    let scheme = if text(properties, "Scheme") == Some("internal") { "internal-" } else { "" };
    let dns_name = format!("{scheme}{name}-{}", fill("{letters:10}.{region}.elb.amazonaws.com", request, ""));
    let protection = objects(properties, "LoadBalancerAttributes")
        .find(|attribute| text(attribute, "Key") == Some("deletion_protection.enabled"));
    let deletion_protection = protection.and_then(|attribute| flag(attribute, "Value")).unwrap_or(false);
    let attributes = BTreeMap::from([
        ("LoadBalancerArn".to_owned(), json!(arn)),
        ("DNSName".to_owned(), json!(dns_name)),
        ("CanonicalHostedZoneID".to_owned(), json!(hosted_zone(&request.region))),
        ("LoadBalancerFullName".to_owned(), json!(full_name)),
        ("LoadBalancerName".to_owned(), json!(name)),
        ("SecurityGroups".to_owned(), json!(texts(properties, "SecurityGroups"))),
    ]);
    let region = request.region.clone();
    state.load_balancers.insert(arn.clone(), LoadBalancer { name, region, deletion_protection });
    Ok(Provisioned { physical_id: arn, attributes })
}

fn create_target_group(state: &mut State, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    let properties = &request.properties;
    let name = short_name(request);
    let full_name = format!("targetgroup/{name}/{}", fill("{hex:16}", request, ""));
    let arn = fill("arn:aws:elasticloadbalancing:{region}:{account}:{ref}", request, &full_name);
    let mut others = state.target_groups.iter().filter(|(other, _)| **other != arn);
    if others.any(|(_, other)| other.name == name && other.region == request.region) {
        return Err(ProvisionError::AlreadyExists { identifier: name });
    }
    let matcher = property::object(properties, "Matcher").and_then(|matcher| text(matcher, "HttpCode"));
    let health_check = HealthCheck {
        path: text(properties, "HealthCheckPath").unwrap_or("/").to_owned(),
        matcher: matcher.unwrap_or("200").to_owned(),
        unhealthy_threshold: number(properties, "UnhealthyThresholdCount").unwrap_or(2),
    };
    let attributes = BTreeMap::from([
        ("TargetGroupArn".to_owned(), json!(arn)),
        ("TargetGroupFullName".to_owned(), json!(full_name)),
        ("TargetGroupName".to_owned(), json!(name)),
        ("LoadBalancerArns".to_owned(), json!([])),
    ]);
    state.target_groups.insert(arn.clone(), TargetGroup { name, region: request.region.clone(), health_check });
    Ok(Provisioned { physical_id: arn, attributes })
}

fn create_listener(state: &mut State, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    let properties = &request.properties;
    let load_balancer = text(properties, "LoadBalancerArn").unwrap_or_default().to_owned();
    if !state.load_balancers.contains_key(&load_balancer) {
        return Err(refused(format!("Load balancer '{load_balancer}' not found")));
    }
    let port = number(properties, "Port").unwrap_or(80);
    let arn =
        format!("{}/{}", load_balancer.replacen(":loadbalancer/", ":listener/", 1), fill("{hex:16}", request, ""));
    let mut others = state.listeners.iter().filter(|(other, _)| **other != arn);
    if others.any(|(_, other)| other.load_balancer == load_balancer && other.port == port) {
        let message = format!("A listener already exists on this port for this load balancer '{load_balancer}'");
        return Err(refused(message));
    }
    let default_actions = actions(state, properties.get("DefaultActions"))?;
    state.listeners.insert(arn.clone(), Listener { load_balancer, port, default_actions });
    let attributes = BTreeMap::from([("ListenerArn".to_owned(), json!(arn))]);
    Ok(Provisioned { physical_id: arn, attributes })
}

fn create_rule(state: &mut State, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
    let properties = &request.properties;
    let listener = text(properties, "ListenerArn").unwrap_or_default().to_owned();
    if !state.listeners.contains_key(&listener) {
        return Err(refused(format!("One or more listeners not found: {listener}")));
    }
    let priority = number(properties, "Priority").unwrap_or(1);
    let arn = format!("{}/{}", listener.replacen(":listener/", ":listener-rule/", 1), fill("{hex:16}", request, ""));
    let mut others = state.rules.iter().filter(|(other, _)| **other != arn);
    if others.any(|(_, other)| other.listener == listener && other.priority == priority) {
        return Err(refused(format!("Priority '{priority}' is currently in use")));
    }
    let conditions: Result<Vec<Condition>, String> = objects(properties, "Conditions").map(Condition::parse).collect();
    let conditions = conditions.map_err(refused)?;
    let actions = actions(state, properties.get("Actions"))?;
    state.rules.insert(arn.clone(), Rule { listener, priority, conditions, actions });
    let attributes = BTreeMap::from([("RuleArn".to_owned(), json!(arn)), ("IsDefault".to_owned(), json!(false))]);
    Ok(Provisioned { physical_id: arn, attributes })
}

fn delete(state: &mut State, request: &DeleteRequest) -> Result<(), ProvisionError> {
    let id = &request.physical_id;
    match request.resource_type.as_str() {
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => {
            let protected = state.load_balancers.get(id).is_some_and(|balancer| balancer.deletion_protection);
            if protected && !request.despite_protection {
                let message = format!("Load balancer '{id}' cannot be deleted because deletion protection is enabled");
                return Err(refused(message));
            }
            state.load_balancers.remove(id);
            state.listeners.retain(|_, listener| listener.load_balancer != *id);
            state.rules.retain(|_, rule| state.listeners.contains_key(&rule.listener));
        }
        "AWS::ElasticLoadBalancingV2::Listener" => {
            state.listeners.remove(id);
            state.rules.retain(|_, rule| rule.listener != *id);
        }
        "AWS::ElasticLoadBalancingV2::TargetGroup" if in_use(state, id) => {
            return Err(refused(format!("Target group '{id}' is currently in use by a listener or a rule")));
        }
        "AWS::ElasticLoadBalancingV2::TargetGroup" => {
            state.target_groups.remove(id);
        }
        _ => {
            state.rules.remove(id);
        }
    }
    Ok(())
}

fn actions(state: &State, given: Option<&Value>) -> Result<Vec<Action>, ProvisionError> {
    let given = given.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
    let actions: Result<Vec<Action>, String> = given.map(Action::parse).collect();
    let actions = actions.map_err(refused)?;
    let missing = actions.iter().flat_map(Action::target_groups).find(|arn| !state.target_groups.contains_key(*arn));
    match missing {
        Some(arn) => Err(refused(format!("Target groups '{arn}' not found"))),
        None => Ok(actions),
    }
}

fn in_use(state: &State, target_group: &str) -> bool {
    let defaults = state.listeners.values().flat_map(|listener| &listener.default_actions);
    let ruled = state.rules.values().flat_map(|rule| &rule.actions);
    defaults.chain(ruled).flat_map(Action::target_groups).any(|arn| arn == target_group)
}

/// Names of load balancers and target groups have at most 32 characters; CloudFormation shortens what it makes.
fn short_name(request: &CreateRequest) -> String {
    if let Some(name) = text(&request.properties, "Name") {
        return name.to_owned();
    }
    let head = |text: &str, count| text.chars().take(count).collect::<String>();
    format!("{}-{}-{}", head(&request.stack_name, 9), head(&request.logical_id, 8), fill("{mixed:12}", request, ""))
}

/// Elastic Load Balancing's own zones for application load balancers, from its endpoints page in the AWS reference.
fn hosted_zone(region: &str) -> &'static str {
    match region {
        "ap-southeast-1" => "Z1LMS91P8CMLE5",
        "ap-southeast-2" => "Z1GM3OXH4ZPM65",
        "us-east-1" => "Z35SXDOTRQ7X7K",
        _ => "Z00000000000000000000",
    }
}

fn refused(message: String) -> ProvisionError {
    ProvisionError::Refused { message }
}
