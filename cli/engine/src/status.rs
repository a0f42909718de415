//! How the stacks of an assembly are.

use crate::changes::template_diff;
use crate::error::CloudError;
use crate::event::{Operation, SCHEMA};
use crate::port::{Ports, ServiceState};
use crate::run::{Run, Subject};
use crate::stack::{Condition, StackDescription, StackStatus};
use crate::survey::find;
use como_core::assembly::{Assembly, StackArtifact};
use como_core::diff::TemplateDiff;
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use thiserror::Error;

const READS_AT_ONCE: usize = 8;
const SERVICE: &str = "AWS::ECS::Service";

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StatusReport {
    pub schema: u32,
    /// When it was looked.
    pub at: Timestamp,
    /// In the assembly's order.
    pub stacks: Vec<StackState>,
}

impl StatusReport {
    /// Whether every stack is up and as the assembly says.
    #[must_use]
    pub fn is_current(&self) -> bool {
        let usable =
            |stack: &StackState| stack.status.as_ref().is_some_and(|status| status.condition() == Condition::Usable);
        self.stacks.iter().all(|stack| usable(stack) && stack.template == TemplateState::Unchanged)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StackState {
    pub name: String,
    pub region: String,
    /// `None` when it does not exist.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<StackStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// Of the last change, or of the creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<i64>,
    pub template: TemplateState,
    /// How many resources its template in the assembly has.
    pub resources: usize,
    pub termination_protection: bool,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ServiceState>,
}

/// The deployed template against the assembly's.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", content = "diff", rename_all = "snake_case")]
pub enum TemplateState {
    NotDeployed,
    Unchanged,
    Changed(TemplateDiff),
    NotComparable(String),
}

#[derive(Debug, Error)]
pub enum StatusError {
    #[error("could not find out what exists")]
    Survey(#[source] CloudError),
    #[error("could not look at {stack}")]
    Stack {
        stack: String,
        #[source]
        source: CloudError,
    },
}

impl StatusError {
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Survey(error) | Self::Stack { source: error, .. } => error.code(),
        }
    }

    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Survey(error) | Self::Stack { source: error, .. } => error.hint(),
        }
    }
}

/// Looks and changes nothing.
pub async fn status(ports: Ports<'_>, assembly: &Assembly) -> Result<StatusReport, StatusError> {
    let run = Run::new(ports, Operation::Status, assembly);
    let found = find(&run, assembly).await.map_err(StatusError::Survey)?;
    let (run, found) = (&run, &found);
    let stacks = stream::iter(&assembly.stacks)
        .map(|artifact| async move {
            let found = found.get(&(artifact.region.clone(), artifact.name.clone()));
            let name = &artifact.name;
            look(run, artifact, found).await.map_err(|source| StatusError::Stack { stack: name.clone(), source })
        })
        .buffered(READS_AT_ONCE)
        .try_collect()
        .await?;
    Ok(StatusReport { schema: SCHEMA, at: ports.clock.now(), stacks })
}

async fn look(
    run: &Run<'_>,
    artifact: &StackArtifact,
    found: Option<&StackDescription>,
) -> Result<StackState, CloudError> {
    let mut state = StackState {
        name: artifact.name.clone(),
        region: artifact.region.clone(),
        status: None,
        status_reason: None,
        created: None,
        age_seconds: None,
        template: TemplateState::NotDeployed,
        resources: artifact.template.resources.len(),
        termination_protection: false,
        outputs: BTreeMap::new(),
        services: Vec::new(),
    };
    let Some(found) = found else { return Ok(state) };
    let subject = Subject::from(artifact);
    let cloud = run.ports.cloud;
    state.status = Some(found.status.clone());
    state.status_reason.clone_from(&found.status_reason);
    state.created = found.created;
    state.age_seconds = found.updated.or(found.created).map(|at| run.ports.clock.now().duration_since(at).as_secs());
    state.termination_protection = found.termination_protection;
    state.outputs.clone_from(&found.outputs);
    if found.status == StackStatus::ReviewInProgress {
        // A name with change sets; CloudFormation has no template of it.
        return Ok(state);
    }
    let template = run.call(Some(subject), async || cloud.template(subject.region, &found.id).await).await?;
    state.template = match template_diff(&template, artifact) {
        Ok(diff) if diff.is_empty() => TemplateState::Unchanged,
        Ok(diff) => TemplateState::Changed(diff),
        Err(reason) => TemplateState::NotComparable(reason),
    };
    if artifact.template.resources.values().any(|resource| resource.resource_type == SERVICE) {
        state.services = services(run, subject, &found.id).await?;
    }
    Ok(state)
}

async fn services(run: &Run<'_>, subject: Subject<'_>, stack_id: &str) -> Result<Vec<ServiceState>, CloudError> {
    let ports = run.ports;
    let resources = run.call(Some(subject), async || ports.cloud.resources(subject.region, stack_id).await).await?;
    let is_service =
        |resource: &crate::stack::StackResource| resource.resource_type == SERVICE && !resource.status.is_deleted();
    let arns: Vec<String> =
        resources.into_iter().filter(is_service).filter_map(|service| service.physical_id).collect();
    if arns.is_empty() {
        return Ok(Vec::new());
    }
    run.call(Some(subject), async || ports.services.services(subject.region, &arns).await).await
}
