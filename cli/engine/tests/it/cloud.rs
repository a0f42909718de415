//! A cloud that does what a test has written down for it, and remembers every call.

use crate::change_sets::FakeChangeSet;
use crate::timeline::{Due, Fate, Timeline};
use async_trait::async_trait;
use como_engine::change_set::{ChangeSet, Replacement};
use como_engine::error::{CloudError, Failure};
use como_engine::port::{Cloud, ConfigurationTable, CreateChangeSet, GroupRule, Put, ServiceState, Services};
use como_engine::rows::Row;
use como_engine::stack::{Condition, StackDescription, StackEvent, StackResource, StackStatus};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard};
use tokio::time::Instant;

/// What goes wrong with one call.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// Refused before it has an effect.
    Throttled,
    /// It has its effect, but nobody hears.
    ReplyLost,
}

#[derive(Debug)]
pub(crate) struct FakeStack {
    pub(crate) region: String,
    pub(crate) description: StackDescription,
    pub(crate) template: Json,
    /// What `GetTemplate` answers where it is not the template as JSON.
    pub(crate) shown_as: Option<String>,
    pub(crate) timeline: Vec<Due>,
    pub(crate) change_sets: BTreeMap<String, FakeChangeSet>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) stacks: Vec<FakeStack>,
    /// Operation, region and subject of every call.
    pub(crate) calls: Vec<String>,
    /// What will go wrong with the next calls of an operation.
    pub(crate) faults: BTreeMap<&'static str, VecDeque<Fault>>,
    pub(crate) fates: BTreeMap<String, Fate>,
    pub(crate) tokens: Vec<String>,
    pub(crate) rows: BTreeSet<String>,
    /// Fingerprints by bucket and key.
    pub(crate) objects: BTreeMap<String, String>,
    /// Rules by group.
    pub(crate) rules: BTreeMap<String, Vec<GroupRule>>,
    /// How resources take a change, by logical id.
    pub(crate) replacements: BTreeMap<String, Replacement>,
    /// What exists outside of all stacks, by the value that identifies it.
    pub(crate) existing: BTreeSet<String>,
    /// A repeated request is answered like anybody else's.
    pub(crate) forgets_tokens: bool,
}

#[derive(Debug, Default)]
pub(crate) struct FakeCloud(Mutex<State>);

const READS: [&str; 10] = [
    "DescribeStacks",
    "DescribeChangeSet",
    "DescribeStackEvents",
    "GetTemplate",
    "ListStackResources",
    "DescribeServices",
    "GetItem",
    "HeadObject",
    "DescribeSecurityGroupRules",
    "DescribeStacks(all)",
];

impl FakeCloud {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(crate) fn fail(&self, operation: &'static str, faults: &[Fault]) {
        self.state().faults.entry(operation).or_default().extend(faults);
    }

    pub(crate) fn fate(&self, stack: &str, fate: Fate) {
        self.state().fates.insert(stack.to_owned(), fate);
    }

    /// The calls that change something.
    pub(crate) fn mutations(&self) -> Vec<String> {
        let is_mutation = |call: &&String| !READS.iter().any(|read| call.split(' ').next() == Some(read));
        self.state().calls.iter().filter(is_mutation).cloned().collect()
    }

    pub(crate) fn forget_calls(&self) {
        self.state().calls.clear();
    }

    /// Changes the one stack of this name that exists.
    pub(crate) fn edit(&self, name: &str, edit: impl FnOnce(&mut FakeStack)) {
        let mut state = self.state();
        edit(state.find_mut(name).unwrap());
    }
}

impl FakeStack {
    pub(crate) fn edit_template(&mut self, edit: impl FnOnce(&mut Json)) {
        edit(&mut self.template);
    }

    pub(crate) fn set_status(&mut self, status: &str) {
        self.timeline.clear();
        self.description.status = StackStatus::from(status);
    }

    fn shown(&self) -> impl Iterator<Item = &StackEvent> {
        let now = Instant::now();
        self.timeline.iter().filter(move |due| due.at <= now).map(|due| &due.event)
    }

    pub(crate) fn now(&self) -> StackDescription {
        let mut now = self.description.clone();
        let last = self.shown().filter(|event| event.is_of_stack(&now.id)).last();
        if let Some(event) = last {
            now.status = StackStatus::from(event.status.as_str());
            now.status_reason.clone_from(&event.reason);
        }
        if now.status.condition() != Condition::Usable {
            now.outputs.clear();
        }
        now
    }

    pub(crate) fn exists(&self) -> bool {
        self.now().status != StackStatus::DeleteComplete
    }
}

impl State {
    pub(crate) fn find(&self, stack: &str) -> Option<&FakeStack> {
        let by_name = |found: &&FakeStack| found.description.name == stack && found.exists();
        self.stacks.iter().find(|found| found.description.id == stack).or_else(|| self.stacks.iter().find(by_name))
    }

    pub(crate) fn find_mut(&mut self, stack: &str) -> Option<&mut FakeStack> {
        let id = self.find(stack)?.description.id.clone();
        self.stacks.iter_mut().find(|found| found.description.id == id)
    }

    /// Notes the call; answers how it fails.
    pub(crate) fn enter(&mut self, operation: &'static str, region: &str, subject: &str) -> Option<Fault> {
        self.calls.push(format!("{operation} {region} {subject}"));
        self.faults.get_mut(operation)?.pop_front()
    }
}

pub(crate) type Kind = fn(Box<Failure>) -> CloudError;

pub(crate) fn error(kind: Kind, operation: &str, region: &str, message: &str) -> CloudError {
    kind(Box::new(Failure {
        operation: operation.to_owned(),
        region: region.to_owned(),
        code: None,
        request_id: None,
        message: Some(message.to_owned()),
        source: None,
    }))
}

pub(crate) fn fail<T>(fault: Fault, operation: &str, region: &str) -> Result<T, CloudError> {
    Err(match fault {
        Fault::Throttled => error(CloudError::Throttled, operation, region, "Rate exceeded"),
        Fault::ReplyLost => error(CloudError::Unreachable, operation, region, "connection reset"),
    })
}

#[async_trait]
impl Cloud for FakeCloud {
    async fn stacks(&self, region: &str) -> Result<Vec<StackDescription>, CloudError> {
        let mut state = self.state();
        if let Some(fault) = state.enter("DescribeStacks(all)", region, "") {
            return fail(fault, "DescribeStacks", region);
        }
        let here = state.stacks.iter().filter(|stack| stack.region == region && stack.exists());
        Ok(here.map(FakeStack::now).collect())
    }

    async fn stack(&self, region: &str, stack: &str) -> Result<Option<StackDescription>, CloudError> {
        let mut state = self.state();
        if let Some(fault) = state.enter("DescribeStacks", region, stack) {
            return fail(fault, "DescribeStacks", region);
        }
        Ok(state.find(stack).map(FakeStack::now))
    }

    async fn template(&self, region: &str, stack: &str) -> Result<String, CloudError> {
        let mut state = self.state();
        state.enter("GetTemplate", region, stack);
        let found = state.find(stack).unwrap();
        assert_ne!(found.now().status, StackStatus::ReviewInProgress, "there is no template yet");
        Ok(found.shown_as.clone().unwrap_or_else(|| found.template.to_string()))
    }

    async fn resources(&self, region: &str, stack: &str) -> Result<Vec<StackResource>, CloudError> {
        let mut state = self.state();
        state.enter("ListStackResources", region, stack);
        let mut resources: BTreeMap<String, StackResource> = BTreeMap::new();
        let stack = state.find(stack).unwrap();
        for event in stack.shown().filter(|event| !event.is_of_stack(&stack.description.id)) {
            let resource = StackResource {
                logical_id: event.logical_id.clone(),
                // What failed to be created has no physical id.
                physical_id: event.physical_id.clone().filter(|_| event.status.as_str() != "CREATE_FAILED"),
                resource_type: event.resource_type.clone(),
                status: event.status.clone(),
                reason: event.reason.clone(),
            };
            resources.insert(event.logical_id.clone(), resource);
        }
        Ok(resources.into_values().collect())
    }

    async fn events(&self, region: &str, stack: &str, after: Option<&str>) -> Result<Vec<StackEvent>, CloudError> {
        let mut state = self.state();
        if let Some(fault) = state.enter("DescribeStackEvents", region, stack) {
            return fail(fault, "DescribeStackEvents", region);
        }
        let all: Vec<StackEvent> = state.find(stack).unwrap().shown().cloned().collect();
        let seen = all.iter().position(|event| Some(event.id.as_str()) == after).map_or(0, |index| index + 1);
        Ok(all.into_iter().skip(seen).collect())
    }

    async fn create_change_set(&self, region: &str, request: &CreateChangeSet) -> Result<(), CloudError> {
        self.state().make_change_set(region, request)
    }

    async fn change_set(&self, region: &str, stack: &str, name: &str) -> Result<Option<ChangeSet>, CloudError> {
        let mut state = self.state();
        if let Some(fault) = state.enter("DescribeChangeSet", region, stack) {
            return fail(fault, "DescribeChangeSet", region);
        }
        Ok(state.find(stack).and_then(|stack| stack.change_sets.get(name)).map(FakeChangeSet::now))
    }

    async fn execute_change_set(&self, region: &str, stack: &str, name: &str, token: &str) -> Result<(), CloudError> {
        self.state().execute(region, stack, name, token)
    }

    async fn delete_change_set(&self, region: &str, stack: &str, name: &str) -> Result<(), CloudError> {
        let mut state = self.state();
        state.enter("DeleteChangeSet", region, stack);
        if let Some(stack) = state.find_mut(stack) {
            stack.change_sets.remove(name);
        }
        Ok(())
    }

    async fn delete_stack(&self, region: &str, stack: &str, token: &str) -> Result<(), CloudError> {
        let mut state = self.state();
        let fates = state.fates.clone();
        let fault = state.enter("DeleteStack", region, stack);
        if let Some(fault @ Fault::Throttled) = fault {
            return fail(fault, "DeleteStack", region);
        }
        state.tokens.push(token.to_owned());
        let Some(found) = state.find_mut(stack) else { return Ok(()) };
        if found.description.termination_protection {
            return Err(error(CloudError::Rejected, "DeleteStack", region, "TerminationProtection is enabled"));
        }
        if found.now().status != StackStatus::DeleteInProgress {
            let fate = fates.get(&found.description.name).copied().unwrap_or(Fate::Succeeds);
            let timeline = Timeline::new(&found.description.id, &found.description.name, token, &found.template);
            let due = timeline.deletion(fate);
            found.timeline.extend(due);
        }
        match fault {
            Some(fault) => fail(fault, "DeleteStack", region),
            None => Ok(()),
        }
    }

    async fn set_termination_protection(&self, region: &str, stack: &str, enabled: bool) -> Result<(), CloudError> {
        let mut state = self.state();
        state.enter("UpdateTerminationProtection", region, stack);
        state.find_mut(stack).unwrap().description.termination_protection = enabled;
        Ok(())
    }
}

#[async_trait]
impl Services for FakeCloud {
    async fn services(&self, region: &str, arns: &[String]) -> Result<Vec<ServiceState>, CloudError> {
        self.state().enter("DescribeServices", region, &arns.join(","));
        let service = |arn: &String| ServiceState {
            name: arn.clone(),
            cluster: "como-prod".to_owned(),
            status: "ACTIVE".to_owned(),
            desired: 2,
            running: 1,
            pending: 1,
            rollout: Some("IN_PROGRESS".to_owned()),
            events: Vec::new(),
            last_stopped: Some("Task failed ELB health checks".to_owned()),
        };
        Ok(arns.iter().map(service).collect())
    }
}

#[async_trait]
impl ConfigurationTable for FakeCloud {
    async fn contains(&self, region: &str, table: &str, row: &Row) -> Result<bool, CloudError> {
        let mut state = self.state();
        state.enter("GetItem", region, &row.key);
        Ok(state.rows.contains(&format!("{table}/{}", row.key)))
    }

    async fn put_if_absent(&self, region: &str, table: &str, row: &Row) -> Result<Put, CloudError> {
        let mut state = self.state();
        state.enter("PutItem", region, &row.key);
        let is_new = state.rows.insert(format!("{table}/{}", row.key));
        Ok(if is_new { Put::Written } else { Put::Present })
    }
}
