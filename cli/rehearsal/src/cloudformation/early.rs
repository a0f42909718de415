//! Validation before anything is made: on CreateStack and UpdateStack as a part of the operation, on change sets when
//! they are made.
//!
//! What stops an operation is found there before a resource is touched; the operation fails and, unless the caller wanted
//! otherwise, an empty way back follows. The texts are AWS's, as recorded from it.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/validate-stack-deployments.html>

use super::change_set::{ChangeSet, Execution, ResourceChange};
use super::changes::UNKNOWN;
use super::definition::Definition;
use super::finding::{Check, ValidationFinding};
use super::graph;
use super::intrinsics::{Pseudo, Scope};
use super::names;
use super::operation::{CREATE_CHANGE_SET, Operation};
use super::operations::{CloudFormation, Interrupt};
use super::quotas;
use super::schema;
use super::stack::{OnFailure, Phase, ResourceRecord, Stack};
use super::template::Template;
use crate::provision::ReadRequest;
use indexmap::IndexMap;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// "Typically a few seconds", says the user guide.
const TAKES: Duration = Duration::from_secs(3);
const DETECTED: &str = "Validation failure detected. See the operation's FAILED event for details.";

/// What is about to be deployed, and where.
struct Plan<'a> {
    pseudo: &'a Pseudo,
    definition: &'a Definition,
    template: &'a Template,
    resources: &'a IndexMap<String, ResourceRecord>,
}

/// Validates what an operation is about to do, if that is still to come. Whether there is something to go on with: after
/// a refusal the stack is on its way back, or rests.
pub(super) async fn run(cloud: &Arc<CloudFormation>, id: &str, interrupt: &Interrupt) -> bool {
    let stack = cloud.store.read(id, Stack::clone).filter(|stack| stack.operation.to_validate);
    let Some(stack) = stack else { return true };
    let Ok(template) = Template::parse(&stack.template_body) else { return true };
    let nothing = BTreeSet::new();
    tokio::select! {
        biased;
        () = interrupt.set() => return false,
        () = cloud.wait(id, "validation", &nothing, TAKES) => {}
    }
    let definition = Definition::of(&stack);
    let plan =
        Plan { pseudo: &stack.pseudo, definition: &definition, template: &template, resources: &stack.resources };
    let mut findings = wrong_properties(&plan);
    findings.extend(cloud.taken_names(&plan).await);
    if interrupt.is_set() {
        return false;
    }
    cloud.store.change(id, |stack| {
        stack.note_phase();
        stack.operation.to_validate = false;
        let is_here = matches!(stack.status, Phase::CreateInProgress | Phase::UpdateInProgress);
        if !findings.is_empty() && is_here {
            stack.refuse(findings);
        }
    });
    true
}

impl CloudFormation {
    /// Validates a change set, and keeps what was found with the stack's operations.
    pub(super) async fn validate_change_set(
        &self,
        stack: &Stack,
        template: &Template,
        set: &mut ChangeSet,
    ) -> Vec<ValidationFinding> {
        if set.failure.is_some() {
            return Vec::new();
        }
        let plan = Plan { pseudo: &stack.pseudo, definition: &set.definition, template, resources: &stack.resources };
        let mut findings = wrong_properties(&plan);
        // What is taken into the stack has its name because it exists.
        let taken = self.taken_names(&plan).await.into_iter();
        findings.extend(taken.filter(|finding| !set.imports.contains_key(&finding.logical_id)));
        findings.extend(self.full_containers(&plan, stack, &set.changes).await);
        findings.extend(quotas::exceeded(self, &plan.pseudo.region, &set.changes));
        let stopping: BTreeSet<&str> =
            findings.iter().map(|finding| finding.check).filter(|check| check.stops()).map(Check::hook).collect();
        if !stopping.is_empty() {
            let stopping: Vec<&str> = stopping.into_iter().collect();
            set.failure = Some(format!(
                "The following hook(s)/validation failed: [{}]. To troubleshoot Early Validation errors, use the \
                 DescribeEvents API for detailed failure information.",
                stopping.join(", ")
            ));
            set.execution = Execution::Unavailable;
        }
        findings
    }

    async fn taken_names(&self, plan: &Plan<'_>) -> Vec<ValidationFinding> {
        let mut findings = Vec::new();
        for (logical_id, resource_type, properties) in plan.wanted() {
            let is_made = plan.resources.get(logical_id).is_some_and(|record| record.physical_id.is_some());
            let Some(name) = names::given(resource_type, &properties).filter(|_| !is_made) else { continue };
            if name.contains(UNKNOWN) || super::dynamic::is_dynamic(&Value::from(name.as_str())) {
                continue;
            }
            if self.is_taken(plan.pseudo, resource_type, &name).await {
                let reason = format!("Resource of type '{resource_type}' with identifier '{name}' already exists.");
                findings.push(ValidationFinding::new(Check::NameConflict, logical_id, resource_type, reason, ""));
            }
        }
        findings
    }

    /// Buckets and repositories that a change would delete while something is in them.
    async fn full_containers(
        &self,
        plan: &Plan<'_>,
        stack: &Stack,
        changes: &[ResourceChange],
    ) -> Vec<ValidationFinding> {
        let mut findings = Vec::new();
        let deleting = changes
            .iter()
            .filter(|change| matches!(change.policy_action.as_deref(), Some("Delete" | "ReplaceAndDelete")));
        for change in deleting {
            let (check, what) = match change.resource_type.as_str() {
                "AWS::S3::Bucket" => (Check::BucketEmptiness, "objects and versions"),
                "AWS::ECR::Repository" => (Check::RepositoryDeletion, "images"),
                _ => continue,
            };
            let record = stack.resources.get(&change.logical_id);
            let Some(physical_id) = change.physical_id.clone() else { continue };
            if record.is_some_and(|record| record.properties.get("EmptyOnDelete") == Some(&Value::Bool(true))) {
                continue;
            }
            let request = ReadRequest {
                account: plan.pseudo.account.clone(),
                region: plan.pseudo.region.clone(),
                resource_type: change.resource_type.clone(),
                physical_id: physical_id.clone(),
                properties: record.map(|record| record.properties.clone()).unwrap_or_default(),
            };
            // Who may not look warns of nothing.
            if !matches!(self.provisioner.contents(&request).await, Ok(Some(held)) if 0 < held) {
                continue;
            }
            let kind = if check == Check::BucketEmptiness { "bucket" } else { "repository" };
            let reason = format!(
                "The {kind} '{physical_id}' is not empty. You must either delete all {what} or use the deletion policy to \
                 retain it, otherwise the delete operation will fail."
            );
            let mut finding = ValidationFinding::new(check, &change.logical_id, &change.resource_type, reason, "");
            finding.physical_id = physical_id;
            findings.push(finding);
        }
        findings
    }
}

impl Plan<'_> {
    /// Resources that the conditions let exist and that AWS validates, with properties as far as they are known.
    fn wanted(&self) -> Vec<(&str, &str, Map<String, Value>)> {
        let mut expected = self.resources.clone();
        for (name, declaration) in &self.template.resources {
            let record = expected.entry(name.clone()).or_default();
            record.resource_type.clone_from(&declaration.resource_type);
            if record.physical_id.is_none() {
                (record.physical_id, record.is_unknown) = (Some(UNKNOWN.to_owned()), true);
            }
        }
        let scope = Scope {
            pseudo: self.pseudo,
            parameters: &self.definition.values,
            mappings: &self.template.mappings,
            conditions: &self.definition.conditions,
            resources: &expected,
            imports: &self.definition.imports,
        };
        let resources = self.template.resources.iter().filter(|(_, declaration)| {
            graph::is_wanted(declaration, &self.definition.conditions)
                && names::is_validated(&declaration.resource_type)
        });
        let resolved = |properties: &Map<String, Value>| {
            let mut resolved = Map::new();
            for (key, value) in properties {
                // What cannot be worked out yet is a function of something that does not exist yet.
                let value = scope.resolve(value).unwrap_or_else(|_| Some(Value::from(UNKNOWN)));
                resolved.extend(value.map(|value| (key.clone(), value)));
            }
            resolved
        };
        resources
            .map(|(name, declaration)| {
                (name.as_str(), declaration.resource_type.as_str(), resolved(&declaration.properties))
            })
            .collect()
    }
}

impl Stack {
    fn refuse(&mut self, findings: Vec<ValidationFinding>) {
        let reason = Some(format!(
            "Validation failed with {} error(s). Call DescribeEvents to retrieve the full list of issues with resource and \
             property details, resolve each error, then retry the operation.",
            findings.len()
        ));
        self.operation.findings = findings;
        let is_creation = self.status == Phase::CreateInProgress;
        let failed = if is_creation { Phase::CreateFailed } else { Phase::UpdateFailed };
        let (can_go_back, rests) = match &self.transition {
            Some(transition) => (transition.before.is_some(), transition.disable_rollback),
            None => (false, self.on_failure == OnFailure::DoNothing),
        };
        if rests {
            self.finish(failed, reason);
            self.mark_validation();
            return;
        }
        let (name, id) = (self.name().to_owned(), self.id().to_owned());
        self.record(name, id, "AWS::CloudFormation::Stack".to_owned(), failed, reason);
        self.mark_validation();
        let next = match (can_go_back, self.on_failure) {
            (true, _) => Phase::UpdateRollbackInProgress,
            (false, OnFailure::Delete) => Phase::DeleteInProgress,
            (false, _) => {
                self.drop_transition();
                Phase::RollbackInProgress
            }
        };
        self.advance(next, Some(DETECTED.to_owned()));
    }

    fn mark_validation(&mut self) {
        if let Some(event) = self.events.last_mut() {
            event.is_validation = true;
        }
    }

    /// The making of a change set is an operation too, and over at once.
    pub(super) fn note_change_set(&mut self, set: &ChangeSet, findings: Vec<ValidationFinding>) {
        let mut operation = Operation::new(CREATE_CHANGE_SET, set.client_token.clone());
        // A stack that is only reviewed exists because of its first change set.
        if self.status == Phase::ReviewInProgress && self.past_operations.is_empty() {
            operation.id.clone_from(&self.operation.id);
        }
        operation.started = set.created;
        operation.change_set_id = Some(set.id.clone());
        operation.findings = findings;
        operation.end(set.failure.is_some());
        self.past_operations.push(operation);
    }
}

fn wrong_properties(plan: &Plan<'_>) -> Vec<ValidationFinding> {
    let mut findings = Vec::new();
    for (logical_id, resource_type, properties) in plan.wanted() {
        for found in schema::findings(resource_type, &properties) {
            let reason = found.to_string();
            findings.push(ValidationFinding::new(Check::Property, logical_id, resource_type, reason, &found.path));
        }
    }
    findings
}
