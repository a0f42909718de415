//! Application Auto Scaling over the wire: the targets.

use super::describe;
use super::state::{State, Suspended, Target, key};
use crate::clock::Clock;
use crate::ecs::Ecs;
use crate::services::cloudwatch::CloudWatch;
use crate::services::store::{Store, StoreError};
use crate::services::wire::{self, Request, Response, ServiceError};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

pub(super) type Answer = Result<Value, ServiceError>;

pub(crate) struct AutoScaling {
    pub(super) account: String,
    pub(super) store: Store<State>,
    pub(super) alarms: Arc<CloudWatch>,
    pub(super) ecs: Arc<Ecs>,
    pub(super) clock: Arc<Clock>,
}

/// The only dimension of the only namespace that is here.
pub(super) const NAMESPACE: &str = "ecs";
pub(super) const DIMENSION: &str = "ecs:service:DesiredCount";

impl AutoScaling {
    pub(crate) fn open(
        dir: &Path,
        account: &str,
        alarms: Arc<CloudWatch>,
        ecs: Arc<Ecs>,
        clock: Arc<Clock>,
    ) -> Result<Self, StoreError> {
        let store = Store::open(dir.join("application-autoscaling.json"))?;
        Ok(Self { account: account.to_owned(), store, alarms, ecs, clock })
    }

    pub(crate) fn handle(&self, region: &str, request: &Request) -> Response {
        let Some(operation) = wire::operation(request) else {
            return wire::not_there("application-autoscaling", request);
        };
        wire::respond(wire::body(request).and_then(|input| self.run(region, operation, &input)))
    }

    fn run(&self, region: &str, operation: &str, input: &Value) -> Answer {
        match operation {
            "RegisterScalableTarget" => self.register(region, "the API".to_owned(), input),
            "DeregisterScalableTarget" => {
                let resource = resource(input)?;
                self.deregister(region, resource)
                    .and_then(|there| there.then(|| json!({})).ok_or_else(|| no_target(resource)))
            }
            "DescribeScalableTargets" => {
                self.describe(region, input, "ScalableTargets", "ResourceIds", describe::targets)
            }
            "PutScalingPolicy" => self.put_policy(region, "the API".to_owned(), None, input),
            "DeleteScalingPolicy" => self.delete_policy(region, input),
            "DescribeScalingPolicies" => {
                self.describe(region, input, "ScalingPolicies", "PolicyNames", describe::policies)
            }
            "PutScheduledAction" => self.put_schedule(region, input),
            "DeleteScheduledAction" => self.delete_schedule(region, input),
            "DescribeScheduledActions" => {
                self.describe(region, input, "ScheduledActions", "ScheduledActionNames", describe::schedules)
            }
            "DescribeScalingActivities" => self.describe(region, input, "ScalingActivities", "", describe::activities),
            _ => Err(ServiceError::unknown_operation("application-autoscaling", operation)),
        }
    }

    /// What is not given stays as it is.
    pub(super) fn register(&self, region: &str, owner: String, input: &Value) -> Answer {
        let resource = resource(input)?;
        let (minimum, maximum) = (number(&input["MinCapacity"]), number(&input["MaxCapacity"]));
        if self.ecs.desired_count(region, resource).is_none() {
            return Err(invalid(format!("ECS service doesn't exist: {resource}")));
        }
        let arn = format!(
            "arn:aws:application-autoscaling:{region}:{}:scalable-target/{}",
            self.account,
            uuid::Uuid::new_v4().simple()
        );
        self.store.change(|state| {
            let known = state.get(&key(region, resource));
            let minimum = minimum.or(known.map(|known| known.minimum));
            let maximum = maximum.or(known.map(|known| known.maximum));
            let (Some(minimum), Some(maximum)) = (minimum, maximum) else {
                return Err(invalid(
                    "You must specify minimum and maximum capacity for a new scalable target.".to_owned(),
                ));
            };
            if maximum < minimum {
                return Err(invalid("Maximum capacity cannot be less than minimum capacity.".to_owned()));
            }
            let fresh = || Target {
                owner,
                arn,
                region: region.to_owned(),
                resource: resource.to_owned(),
                created: Timestamp::now(),
                minimum,
                maximum,
                suspended: Suspended::default(),
                policies: BTreeMap::new(),
                schedules: BTreeMap::new(),
                activities: Vec::new(),
            };
            let target = state.entry(key(region, resource)).or_insert_with(fresh);
            (target.minimum, target.maximum) = (minimum, maximum);
            let wanted = &input["SuspendedState"];
            let flag = |name: &str, before: bool| wanted[name].as_bool().unwrap_or(before);
            target.suspended = Suspended {
                scaling_in: flag("DynamicScalingInSuspended", target.suspended.scaling_in),
                scaling_out: flag("DynamicScalingOutSuspended", target.suspended.scaling_out),
                scheduled: flag("ScheduledScalingSuspended", target.suspended.scheduled),
            };
            Ok(json!({ "ScalableTargetARN": target.arn }))
        })
    }

    /// With its policies, their alarms and its schedules; whether there was one.
    pub(super) fn deregister(&self, region: &str, resource: &str) -> Result<bool, ServiceError> {
        let gone = self.store.change(|state| Ok::<_, ServiceError>(state.remove(&key(region, resource))))?;
        let policies = gone.iter().flat_map(|target| target.policies.values());
        let alarms: Vec<String> = policies.flat_map(|policy| [policy.high.clone(), policy.low.clone()]).collect();
        self.alarms.remove(region, &alarms)?;
        Ok(gone.is_some())
    }

    /// One page of something that targets have; the token is how many came before.
    fn describe(
        &self,
        region: &str,
        input: &Value,
        list: &str,
        names: &str,
        show: fn(&Target, &AutoScaling) -> Vec<(String, Value)>,
    ) -> Answer {
        namespace(input)?;
        let wanted: Vec<&str> = input[names].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let resource = input["ResourceId"].as_str();
        let all: Vec<Value> = self.store.read(|state| {
            let here = state.values().filter(|target| target.region == region);
            let here = here.filter(|target| resource.is_none_or(|resource| resource == target.resource));
            let shown = here.flat_map(|target| show(target, self));
            shown.filter(|(name, _)| wanted.is_empty() || wanted.contains(&name.as_str())).map(|(_, one)| one).collect()
        });
        let size = input["MaxResults"].as_u64().and_then(|size| usize::try_from(size).ok()).unwrap_or(50).max(1);
        let start = match input["NextToken"].as_str() {
            Some(token) => token
                .parse()
                .map_err(|_| ServiceError::new("InvalidNextTokenException", "The specified next token is invalid."))?,
            None => 0_usize,
        };
        let shown: Vec<&Value> = all.iter().skip(start).take(size).collect();
        let mut answer = json!({ list: shown });
        if start + size < all.len() {
            answer["NextToken"] = json!((start + size).to_string());
        }
        Ok(answer)
    }

    pub(super) fn change_target<R>(
        &self,
        region: &str,
        resource: &str,
        change: impl FnOnce(&mut Target) -> Result<R, ServiceError>,
    ) -> Result<R, ServiceError> {
        self.store.change(|state| change(state.get_mut(&key(region, resource)).ok_or_else(|| no_target(resource))?))
    }
}

fn namespace(input: &Value) -> Result<(), ServiceError> {
    let given = member(input, "ServiceNamespace")?;
    if given == NAMESPACE {
        return Ok(());
    }
    Err(invalid(format!("the rehearsal cloud does not offer scaling of the service namespace {given}")))
}

/// The resource that an input is about.
pub(super) fn resource(input: &Value) -> Result<&str, ServiceError> {
    namespace(input)?;
    let dimension = member(input, "ScalableDimension")?;
    if dimension != DIMENSION {
        return Err(invalid(format!(
            "Unsupported service namespace, resource type or scalable dimension: {dimension}"
        )));
    }
    member(input, "ResourceId")
}

pub(super) fn member<'a>(input: &'a Value, name: &str) -> Result<&'a str, ServiceError> {
    input[name].as_str().ok_or_else(|| {
        let mut letters = name.chars();
        let first = letters.next().map(|first| first.to_ascii_lowercase());
        let at: String = first.into_iter().chain(letters).collect();
        invalid(format!(
            "1 validation error detected: Value null at '{at}' failed to satisfy constraint: Member must not be null"
        ))
    })
}

pub(super) fn number(value: &Value) -> Option<u64> {
    crate::services::property::as_number(value)
}

pub(super) fn invalid(message: String) -> ServiceError {
    ServiceError::new("ValidationException", message)
}

pub(super) fn not_found(what: &str, name: &str) -> ServiceError {
    ServiceError::new("ObjectNotFoundException", format!("No {what} found with name {name}."))
}

fn no_target(resource: &str) -> ServiceError {
    let message = format!(
        "No scalable target found for service namespace: {NAMESPACE}, resource ID: {resource}, scalable dimension: {DIMENSION}"
    );
    ServiceError::new("ObjectNotFoundException", message)
}
