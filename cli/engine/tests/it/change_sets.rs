//! Change sets of the scripted cloud: computed from the templates, ready after two seconds.

use crate::cloud::{FakeStack, Fault, State, error, fail};
use crate::timeline::{Fate, Timeline};
use como_engine::change_set::{ChangeAction, ChangeSet, ChangeSetStatus, PropertyChange, Replacement, ResourceChange};
use como_engine::error::CloudError;
use como_engine::port::{ChangeSetKind, CreateChangeSet, Import, ParameterValue};
use como_engine::stack::{StackDescription, StackStatus};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

const EMPTY: &str =
    "The submitted information didn't contain changes. Submit different information to create a change set.";
const MAKING: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(crate) struct FakeChangeSet {
    ready: Instant,
    token: String,
    kind: ChangeSetKind,
    set: ChangeSet,
    template: Json,
    parameters: BTreeMap<String, String>,
    tags: BTreeMap<String, String>,
}

impl FakeChangeSet {
    pub(crate) fn now(&self) -> ChangeSet {
        if Instant::now() < self.ready {
            return ChangeSet { status: ChangeSetStatus::Making, changes: Vec::new(), ..self.set.clone() };
        }
        self.set.clone()
    }
}

impl State {
    pub(crate) fn make_change_set(&mut self, region: &str, request: &CreateChangeSet) -> Result<(), CloudError> {
        let operation = "CreateChangeSet";
        let fault = self.enter(operation, region, &request.stack);
        if let Some(fault @ Fault::Throttled) = fault {
            return fail(fault, operation, region);
        }
        self.tokens.push(request.token.clone());
        let status = self.find(&request.stack).map(|stack| stack.now().status);
        match (request.kind, status) {
            (ChangeSetKind::Create | ChangeSetKind::Import, None) => self.review(region, request),
            (ChangeSetKind::Create | ChangeSetKind::Import, Some(StackStatus::ReviewInProgress)) => {}
            (ChangeSetKind::Create | ChangeSetKind::Import, Some(_)) => {
                return Err(error(CloudError::Rejected, operation, region, "Stack already exists"));
            }
            (ChangeSetKind::Update, Some(status)) if status.is_settled() => {}
            (ChangeSetKind::Update, _) => {
                return Err(error(CloudError::Rejected, operation, region, "it cannot be updated"));
            }
        }
        let (replacements, forgets) = (self.replacements.clone(), self.forgets_tokens);
        let missing = request.imports.iter().find(|import| !self.existing.contains(&import.value)).map(|import| {
            let Import { resource_type, value, .. } = import;
            format!("Resource of type '{resource_type}' with identifier '{value}' was not found.")
        });
        let stack = self.find_mut(&request.stack).unwrap();
        if let Some(known) = stack.change_sets.get(&request.name) {
            if known.token == request.token && !forgets {
                return Ok(());
            }
            return Err(error(CloudError::AlreadyExists, operation, region, "ChangeSet already exists"));
        }
        let mut made = stack.compute(request, &replacements);
        if let Some(missing) = missing {
            made.set.status = ChangeSetStatus::Failed;
            made.set.reason = Some(missing);
        }
        stack.change_sets.insert(request.name.clone(), made);
        match fault {
            Some(fault) => fail(fault, operation, region),
            None => Ok(()),
        }
    }

    fn review(&mut self, region: &str, request: &CreateChangeSet) {
        let id = format!("arn:{region}:{}/{}", request.stack, self.stacks.len());
        let timeline = Timeline::new(&id, &request.stack, &request.token, &Json::Null).review();
        let description = StackDescription {
            id,
            name: request.stack.clone(),
            status: StackStatus::ReviewInProgress,
            status_reason: None,
            created: None,
            updated: None,
            parameters: BTreeMap::new(),
            outputs: BTreeMap::from([("Id".to_owned(), format!("{}-queue", request.stack))]),
            tags: BTreeMap::new(),
            termination_protection: false,
        };
        self.stacks.push(FakeStack {
            region: region.to_owned(),
            description,
            template: Json::Null,
            shown_as: None,
            timeline,
            change_sets: BTreeMap::new(),
        });
    }

    pub(crate) fn execute(&mut self, region: &str, stack: &str, name: &str, token: &str) -> Result<(), CloudError> {
        let operation = "ExecuteChangeSet";
        let fault = self.enter(operation, region, stack);
        if let Some(fault @ Fault::Throttled) = fault {
            return fail(fault, operation, region);
        }
        self.tokens.push(token.to_owned());
        let fate = self.fates.get(stack).copied().unwrap_or(Fate::Succeeds);
        let found = self.find_mut(stack).unwrap();
        let Some(made) = found.change_sets.remove(name) else {
            return Err(error(CloudError::NotFound, operation, region, "ChangeSet does not exist"));
        };
        found.change_sets.clear();
        let timeline = Timeline::new(&found.description.id, &found.description.name, token, &made.template);
        let changed: Vec<String> = made.set.changes.iter().map(|change| change.logical_id.clone()).collect();
        let due = match made.kind {
            ChangeSetKind::Create => timeline.creation(fate),
            ChangeSetKind::Update => timeline.update(fate, &changed),
            ChangeSetKind::Import => timeline.import(),
        };
        found.timeline.extend(due);
        if made.kind != ChangeSetKind::Update || fate == Fate::Succeeds {
            found.template = made.template;
            found.shown_as = None;
            found.description.parameters = made.parameters;
            found.description.tags = made.tags;
        }
        let is_new =
            |change: &ResourceChange| change.logical_id == "Queue" && change.replacement == Replacement::Always;
        if made.set.changes.iter().any(is_new) {
            found.description.outputs.insert("Id".to_owned(), format!("{stack}-queue-2"));
        }
        match fault {
            Some(fault) => fail(fault, operation, region),
            None => Ok(()),
        }
    }
}

impl FakeStack {
    fn compute(&self, request: &CreateChangeSet, replacements: &BTreeMap<String, Replacement>) -> FakeChangeSet {
        let template: Json = serde_json::from_str(&request.template_body).unwrap();
        let resolve = |(name, value): (&String, &ParameterValue)| {
            let value = match value {
                ParameterValue::Value(value) => value.clone(),
                ParameterValue::Previous => self.description.parameters[name].clone(),
            };
            (name.clone(), value)
        };
        let parameters: BTreeMap<String, String> = request.parameters.iter().map(resolve).collect();
        let mut changes = Vec::new();
        let (old, new) = (resources(&self.template), resources(&template));
        for id in new.keys().chain(old.keys().filter(|id| !new.contains_key(*id))) {
            let details = self.details(&old, &new, id, &parameters, &request.tags);
            let action = match (old.get(id), new.get(id)) {
                (None, _) => ChangeAction::Add,
                (_, None) => ChangeAction::Remove,
                _ if details.is_empty() => continue,
                _ => ChangeAction::Modify,
            };
            let replacement = match action {
                ChangeAction::Modify => replacements.get(id).copied().unwrap_or(Replacement::Never),
                _ => Replacement::Never,
            };
            let resource = new.get(id).or_else(|| old.get(id)).unwrap();
            let kept = (action == ChangeAction::Remove && resource["DeletionPolicy"] == "Retain").then_some("Retain");
            changes.push(ResourceChange {
                logical_id: id.clone(),
                path: None,
                resource_type: resource["Type"].as_str().unwrap().to_owned(),
                physical_id: old.contains_key(id).then(|| format!("{}-{id}", self.description.name)),
                action,
                replacement,
                policy_action: kept.map(str::to_owned),
                details: details
                    .into_iter()
                    .map(|detail| PropertyChange { recreation: replacement, ..detail })
                    .collect(),
            });
        }
        let is_update = request.kind == ChangeSetKind::Update;
        let is_empty = is_update && changes.is_empty() && self.template["Outputs"] == template["Outputs"];
        let (status, reason) = match is_empty {
            true => (ChangeSetStatus::Empty, Some(EMPTY.to_owned())),
            false => (ChangeSetStatus::Ready, None),
        };
        let set = ChangeSet { stack_id: self.description.id.clone(), status, reason, changes };
        let (token, kind, tags) = (request.token.clone(), request.kind, request.tags.clone());
        FakeChangeSet { ready: Instant::now() + MAKING, token, kind, set, template, parameters, tags }
    }

    fn details(
        &self,
        old: &Map<String, Json>,
        new: &Map<String, Json>,
        id: &str,
        parameters: &BTreeMap<String, String>,
        tags: &BTreeMap<String, String>,
    ) -> Vec<PropertyChange> {
        let (Some(old), Some(new)) = (old.get(id), new.get(id)) else { return Vec::new() };
        let detail = |path: String, before: Option<&Json>, after: Option<&Json>, cause: Option<&str>| {
            let text = |json: &Json| json.as_str().map_or_else(|| json.to_string(), str::to_owned);
            PropertyChange {
                path,
                before: before.map(text),
                after: after.map(text),
                recreation: Replacement::Never,
                certain: true,
                source: Some(cause.map_or("DirectModification", |_| "ParameterReference").to_owned()),
                causing_entity: cause.map(str::to_owned),
            }
        };
        let (before, after) = (&old["Properties"], &new["Properties"]);
        let mut details = Vec::new();
        let names = before.as_object().unwrap().keys().chain(after.as_object().unwrap().keys());
        let mut names: Vec<&String> = names.collect();
        names.sort();
        names.dedup();
        for name in names {
            if before.get(name) != after.get(name) {
                details.push(detail(format!("Properties/{name}"), before.get(name), after.get(name), None));
            }
            let parameter = after[name]["Ref"].as_str().unwrap_or_default();
            if self.description.parameters.get(parameter) != parameters.get(parameter) {
                let before = self.description.parameters.get(parameter).map(|value| Json::from(value.clone()));
                let after = parameters.get(parameter).map(|value| Json::from(value.clone()));
                details.push(detail(format!("Properties/{name}"), before.as_ref(), after.as_ref(), Some(parameter)));
            }
        }
        if self.description.tags != *tags {
            details.push(detail("Tags".to_owned(), None, None, None));
        }
        details
    }
}

fn resources(template: &Json) -> Map<String, Json> {
    template["Resources"].as_object().cloned().unwrap_or_default()
}
