//! Takes the stacks of an assembly down, those that others need last.

use crate::attempt::AttemptId;
use crate::code::Code;
use crate::create::failed;
use crate::delete::{delete, join_deletion};
use crate::error::CloudError;
use crate::event::{About, Operation, SCHEMA};
use crate::host::{Answer, Consent, Question};
use crate::plan::{Action, KeptResource, Plan, PlannedStack, Refusal, RefusalKind};
use crate::port::Ports;
use crate::report::{DestroyOutcome, DestroyReport, DestroyedOutcome, DestroyedStack, ErrorReport, StackFailure};
use crate::run::{Run, Subject, milliseconds};
use crate::schedule::{Node, work};
use crate::stack::{Condition, StackDescription, StackStatus};
use crate::survey::{Found, find};
use crate::watch::Watched;
use como_core::assembly::{Assembly, StackArtifact};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use thiserror::Error;
use tokio::time::Instant;

const READS_AT_ONCE: usize = 8;
/// On every stack: the environment that it belongs to.
const ENVIRONMENT_TAG: &str = "como:environment";
/// On the stacks of a recovery environment: the one that it stands in for.
const STANDS_IN_FOR_TAG: &str = "como:stands-in-for";

/// What to take down and how.
#[derive(Debug, Clone, Copy)]
pub struct DestroyRequest<'a> {
    pub assembly: &'a Assembly,
    pub attempt: &'a AttemptId,
    /// Covers switching termination protection off.
    pub consent: Consent,
    /// At least one.
    pub per_region: usize,
    pub account_wide: AccountWide,
}

/// What becomes of stacks that other environments of the account use too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountWide {
    Keep,
    /// They go with the last environment.
    DeleteWithLast,
}

/// Why a demolition could not even begin.
#[derive(Debug, Error)]
pub enum DestroyError {
    #[error("could not find out what exists")]
    Survey(#[source] CloudError),
}

impl DestroyError {
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Survey(error) => error.code(),
        }
    }

    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Survey(error) => error.hint(),
        }
    }
}

/// Looks, asks, then deletes what exists. Dropping the future detaches: the cloud goes on, and the next call joins.
pub async fn destroy(ports: Ports<'_>, request: DestroyRequest<'_>) -> Result<DestroyReport, DestroyError> {
    let run = Run::new(ports, Operation::Destroy, request.assembly);
    run.tell(Code::OperationStarted, About { attempt: Some(request.attempt.to_string()), ..About::default() });
    let found = find(&run, request.assembly).await.map_err(DestroyError::Survey)?;
    let others: Vec<&StackDescription> = others(request.assembly, &found).collect();
    let whole = request.account_wide == AccountWide::DeleteWithLast && others.is_empty();
    let mine = |artifact: &&StackArtifact| whole || !artifact.shared;
    let mine: Vec<&StackArtifact> = request.assembly.stacks.iter().filter(mine).collect();
    let (plan, mut refusals) = plan(&run, &mine, &found).await.map_err(DestroyError::Survey)?;
    refusals.extend(still_needed(&mine, &others));
    run.tell(Code::PlanReady, About { plan: Some(plan.clone()), ..About::default() });
    if !refusals.is_empty() {
        return Ok(refuse(&run, &plan, refusals));
    }
    if !plan.is_needed() {
        run.tell(Code::NoChanges, About::default());
        return Ok(untouched(&run, &plan, DestroyOutcome::Absent));
    }
    if plan.changes() && request.consent == Consent::Ask {
        let question = Question { operation: Operation::Destroy, plan: &plan };
        if ports.host.confirm(&question).await == Answer::No {
            run.tell(Code::Declined, About::default());
            return Ok(untouched(&run, &plan, DestroyOutcome::Declined));
        }
    }
    let stacks = execute(&run, request, &plan, &found).await;
    let fine = |stack: &DestroyedStack| succeeded(stack.outcome);
    let outcome = if stacks.iter().all(fine) { DestroyOutcome::Destroyed } else { DestroyOutcome::Failed };
    Ok(DestroyReport { schema: SCHEMA, outcome, duration_ms: run.finish(outcome.as_str()), stacks })
}

/// Stacks of other environments, by the tag that como gives each stack.
fn others<'f>(assembly: &Assembly, found: &'f Found) -> impl Iterator<Item = &'f StackDescription> {
    let own = |name: &str| assembly.stacks.iter().any(|artifact| artifact.name == name);
    found
        .iter()
        .filter(move |((_, name), stack)| {
            let is_comos = stack.tags.contains_key(ENVIRONMENT_TAG);
            is_comos && !own(name) && stack.status.condition() != Condition::Gone
        })
        .map(|(_, stack)| stack)
}

/// An environment that another one stands in for stays until the other has gone: the other reads its outputs.
fn still_needed(mine: &[&StackArtifact], others: &[&StackDescription]) -> Option<Refusal> {
    let artifact = mine.iter().find(|artifact| !artifact.shared)?;
    let environment = artifact.tags.get(ENVIRONMENT_TAG)?;
    let by = others.iter().find(|stack| stack.tags.get(STANDS_IN_FOR_TAG) == Some(environment))?;
    let by = by.tags.get(ENVIRONMENT_TAG)?.clone();
    let (stack, region) = (artifact.name.clone(), artifact.region.clone());
    Some(Refusal { stack, region, kind: RefusalKind::StillNeeded { by } })
}

async fn plan(run: &Run<'_>, mine: &[&StackArtifact], found: &Found) -> Result<(Plan, Vec<Refusal>), CloudError> {
    let stacks: Vec<PlannedStack> = stream::iter(mine.iter().rev())
        .map(|artifact| planned(run, mine, artifact, look_up(found, artifact)))
        .buffered(READS_AT_ONCE)
        .try_collect()
        .await?;
    let busy = mine.iter().filter_map(|artifact| {
        let status = &look_up(found, artifact)?.status;
        // CloudFormation deletes a stack that is being created, but none that is being changed.
        let busy = status.condition() == Condition::Busy;
        let (stack, region) = (artifact.name.clone(), artifact.region.clone());
        busy.then(|| Refusal { stack, region, kind: RefusalKind::Busy { status: status.clone() } })
    });
    Ok((Plan { stacks, ..Plan::default() }, busy.collect()))
}

fn look_up<'f>(found: &'f Found, artifact: &StackArtifact) -> Option<&'f StackDescription> {
    found.get(&(artifact.region.clone(), artifact.name.clone()))
}

async fn planned(
    run: &Run<'_>,
    mine: &[&StackArtifact],
    artifact: &StackArtifact,
    found: Option<&StackDescription>,
) -> Result<PlannedStack, CloudError> {
    let needs_it = |other: &&&StackArtifact| {
        other.dependencies.contains(&artifact.name)
            || other.bindings.values().any(|binding| binding.stack == artifact.name)
    };
    let mut stack = PlannedStack {
        name: artifact.name.clone(),
        region: artifact.region.clone(),
        action: Action::Gone,
        resources: 0,
        after: mine.iter().filter(needs_it).map(|other| other.name.clone()).collect(),
        protected: false,
        kept: Vec::new(),
        changes: Vec::new(),
        foreseen: None,
        may_change: Vec::new(),
    };
    let Some(found) = found else { return Ok(stack) };
    stack.action = match found.status.condition() {
        Condition::Gone => return Ok(stack),
        Condition::Deleting => Action::JoinDeletion,
        _ => Action::Delete,
    };
    stack.protected = found.termination_protection;
    if found.status == StackStatus::ReviewInProgress {
        return Ok(stack);
    }
    let subject = Subject::from(artifact);
    let cloud = run.ports.cloud;
    let template = run.call(Some(subject), async || cloud.template(subject.region, &found.id).await).await?;
    let resources = run.call(Some(subject), async || cloud.resources(subject.region, &found.id).await).await?;
    let policies = deletion_policies(&template);
    for resource in resources.into_iter().filter(|resource| !resource.status.is_deleted()) {
        stack.resources += 1;
        if policies.get(&resource.logical_id).is_some_and(|policy| policy.starts_with("Retain")) {
            stack.kept.push(KeptResource {
                stack: artifact.name.clone(),
                region: artifact.region.clone(),
                path: artifact.paths.get(&resource.logical_id).cloned(),
                logical_id: resource.logical_id,
                resource_type: resource.resource_type,
                physical_id: resource.physical_id,
            });
        }
    }
    Ok(stack)
}

/// What the deployed template says; of one that is not JSON nothing can be foretold.
fn deletion_policies(template: &str) -> BTreeMap<String, String> {
    let template: Json = serde_json::from_str(template).unwrap_or_default();
    let resources = template.get("Resources").and_then(Json::as_object);
    let policy =
        |(id, resource): (&String, &Json)| Some((id.clone(), resource.get("DeletionPolicy")?.as_str()?.to_owned()));
    resources.into_iter().flatten().filter_map(policy).collect()
}

async fn execute(run: &Run<'_>, request: DestroyRequest<'_>, plan: &Plan, found: &Found) -> Vec<DestroyedStack> {
    let node = |stack: &PlannedStack| Node {
        name: stack.name.clone(),
        region: stack.region.clone(),
        after: stack.after.clone(),
    };
    let nodes: Vec<Node> = plan.stacks.iter().map(node).collect();
    let mut results = work(
        &nodes,
        request.per_region.max(1),
        |node, _| {
            let planned = plan.stacks.iter().find(|stack| stack.name == node.name);
            let artifact = request.assembly.stack(&node.name);
            async move {
                let (planned, artifact) = (planned?, artifact?);
                Some(take_down(run, request.attempt, planned, artifact, look_up(found, artifact)).await)
            }
        },
        |stack: &Option<DestroyedStack>| stack.as_ref().is_some_and(|stack| succeeded(stack.outcome)),
        |node, culprit| {
            let about = About {
                region: Some(node.region.clone()),
                stack: Some(node.name.clone()),
                blocked_by: Some(culprit.to_owned()),
                ..About::default()
            };
            run.tell(Code::StackNotStarted, about);
        },
    )
    .await;
    let report = |planned: &PlannedStack| match results.remove(&planned.name) {
        Some(Ok(Some(stack))) => stack,
        Some(Err(culprit)) => {
            DestroyedStack { blocked_by: Some(culprit), ..report(planned, DestroyedOutcome::NotStarted) }
        }
        _ => report(planned, DestroyedOutcome::NotStarted),
    };
    plan.stacks.iter().map(report).collect()
}

async fn take_down(
    run: &Run<'_>,
    attempt: &AttemptId,
    planned: &PlannedStack,
    artifact: &StackArtifact,
    found: Option<&StackDescription>,
) -> DestroyedStack {
    let started = Instant::now();
    let subject = Subject::from(artifact);
    let mut result = report(planned, DestroyedOutcome::Absent);
    let Some(found) = found.filter(|_| planned.action.is_needed()) else {
        run.tell(Code::StackAbsent, subject.about());
        return result;
    };
    run.tell(Code::StackStarted, About { action: Some(planned.action), ..subject.about() });
    let ended = follow(run, attempt, planned, subject, found, &mut result.unprotected).await;
    result.duration_ms = milliseconds(started);
    let about = About { duration_ms: Some(result.duration_ms), ..subject.about() };
    let failure = match ended {
        Ok(mut watched) => {
            result.kept = std::mem::take(&mut watched.kept);
            if watched.status == StackStatus::DeleteComplete {
                run.tell(Code::StackDeleted, about);
                result.outcome = DestroyedOutcome::Deleted;
                return result;
            }
            watched.failure()
        }
        Err(error) => StackFailure { error: Some(ErrorReport::from(&error)), ..StackFailure::default() },
    };
    run.tell(Code::StackFailed, failed(about, &failure));
    DestroyedStack { outcome: DestroyedOutcome::Failed, failure: Some(failure), ..result }
}

async fn follow(
    run: &Run<'_>,
    attempt: &AttemptId,
    planned: &PlannedStack,
    subject: Subject<'_>,
    found: &StackDescription,
    unprotected: &mut bool,
) -> Result<Watched, CloudError> {
    if planned.action == Action::JoinDeletion {
        run.tell(Code::StackJoined, subject.about());
        return join_deletion(run, subject, &found.id).await;
    }
    if planned.protected {
        let cloud = run.ports.cloud;
        let disable = async || cloud.set_termination_protection(subject.region, subject.name, false).await;
        run.call(Some(subject), disable).await?;
        *unprotected = true;
        run.tell(Code::ProtectionDisabled, subject.about());
    }
    let token = attempt.token("delete", subject.region, subject.name);
    delete(run, subject, &found.id, &token).await
}

const fn succeeded(outcome: DestroyedOutcome) -> bool {
    match outcome {
        DestroyedOutcome::Deleted | DestroyedOutcome::Absent => true,
        DestroyedOutcome::Failed | DestroyedOutcome::NotStarted | DestroyedOutcome::Refused => false,
    }
}

const fn is_absent(planned: &PlannedStack) -> bool {
    matches!(planned.action, Action::Gone)
}

fn report(planned: &PlannedStack, outcome: DestroyedOutcome) -> DestroyedStack {
    DestroyedStack {
        name: planned.name.clone(),
        region: planned.region.clone(),
        outcome,
        duration_ms: 0,
        unprotected: false,
        kept: Vec::new(),
        failure: None,
        refusal: None,
        blocked_by: None,
    }
}

fn untouched(run: &Run<'_>, plan: &Plan, outcome: DestroyOutcome) -> DestroyReport {
    let outcome_of =
        |stack: &PlannedStack| if is_absent(stack) { DestroyedOutcome::Absent } else { DestroyedOutcome::NotStarted };
    let stacks = plan.stacks.iter().map(|stack| report(stack, outcome_of(stack))).collect();
    DestroyReport { schema: SCHEMA, outcome, duration_ms: run.finish(outcome.as_str()), stacks }
}

fn refuse(run: &Run<'_>, plan: &Plan, refusals: Vec<Refusal>) -> DestroyReport {
    for refusal in &refusals {
        let (region, stack) = (Some(refusal.region.clone()), Some(refusal.stack.clone()));
        run.tell(Code::Refused, About { region, stack, refusal: Some(refusal.clone()), ..About::default() });
    }
    let needed = refusals.iter().any(|refusal| matches!(refusal.kind, RefusalKind::StillNeeded { .. }));
    let outcome = if needed { DestroyOutcome::Refused } else { DestroyOutcome::Busy };
    let mut result = untouched(run, plan, outcome);
    for refusal in refusals {
        if let Some(stack) = result.stacks.iter_mut().find(|stack| stack.name == refusal.stack) {
            stack.outcome = DestroyedOutcome::Refused;
            stack.refusal = Some(refusal);
        }
    }
    result
}
