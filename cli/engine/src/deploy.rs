//! Brings every stack of an assembly up: several at once, each after those that it needs.

use crate::attempt::AttemptId;
use crate::changes::Outputs;
use crate::code::Code;
use crate::create::bring_up;
use crate::error::CloudError;
use crate::event::{About, Operation, SCHEMA};
use crate::host::{Answer, Consent, Question};
use crate::plan::{Plan, Refusal, RefusalKind};
use crate::port::Ports;
use crate::preview::{discard_all, preview};
use crate::propose::discard;
use crate::report::{DeployOutcome, DeployReport, StackOutcome, StackReport};
use crate::run::{Run, Subject};
use crate::schedule::{Node, work};
use crate::step::Step;
use crate::survey::{self, Surveyed};
use como_core::assembly::Assembly;
use como_core::graph::Cycle;
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// Stacks of one region that are worked on at once, when the caller has no wish.
pub const PER_REGION: usize = 4;

/// What to deploy and how.
#[derive(Debug, Clone, Copy)]
pub struct DeployRequest<'a> {
    pub assembly: &'a Assembly,
    pub attempt: &'a AttemptId,
    pub consent: Consent,
    /// Logical ids of resources with data that may be replaced or removed; consent alone never covers those.
    pub allow_replace: &'a BTreeSet<String>,
    pub steps: &'a [Step],
    /// Values of parameters that no output gives, by their names, in whichever stack they are.
    pub supplied: &'a BTreeMap<String, String>,
    /// At least one.
    pub per_region: usize,
}

/// Why a deployment could not even begin. What goes wrong later is in the report.
#[derive(Debug, Error)]
pub enum DeployError {
    #[error("could not find out what exists")]
    Survey(#[source] CloudError),
    #[error("could not find out what would change in {stack}")]
    Preview {
        stack: String,
        #[source]
        source: CloudError,
    },
    #[error("the template of {stack} cannot be written as JSON")]
    Template {
        stack: String,
        #[source]
        source: serde_json::Error,
    },
    #[error("{stack} needs {dependency}, which is not in the assembly")]
    UnknownDependency { stack: String, dependency: String },
    #[error("the assembly has two stacks named {stack}")]
    SameName { stack: String },
    #[error("the stacks wait for each other")]
    Cycle(#[source] Cycle),
}

impl DeployError {
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Survey(error) | Self::Preview { source: error, .. } => error.code(),
            Self::Template { .. } => "COMO_ASSEMBLY_TEMPLATE",
            Self::UnknownDependency { .. } => "COMO_ASSEMBLY_DEPENDENCY",
            Self::SameName { .. } => "COMO_ASSEMBLY_SAME_NAME",
            Self::Cycle(_) => "COMO_ASSEMBLY_CYCLE",
        }
    }

    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Survey(error) | Self::Preview { source: error, .. } => error.hint(),
            Self::Template { .. } | Self::UnknownDependency { .. } | Self::SameName { .. } | Self::Cycle(_) => {
                Some("mend the assembly: run `como synth` anew")
            }
        }
    }
}

/// Looks, asks, then creates what is missing and changes what differs. Dropping the future detaches: the cloud goes on, and the next call joins.
pub async fn deploy(ports: Ports<'_>, request: DeployRequest<'_>) -> Result<DeployReport, DeployError> {
    let run = Run::new(ports, Operation::Deploy, request.assembly);
    run.tell(Code::OperationStarted, About { attempt: Some(request.attempt.to_string()), ..About::default() });
    let mut surveyed = survey::survey(&run, &request).await?;
    // Where anything is refused already, nobody needs to know what would change elsewhere.
    if surveyed.iter().all(|stack| stack.verdict.is_ok()) {
        preview(&run, &request, &mut surveyed).await?;
    }
    let plan = match survey::plan(&surveyed) {
        Ok(plan) => plan,
        Err(refusals) => {
            discard_all(&run, &surveyed).await;
            return Ok(refuse(&run, &surveyed, &refusals));
        }
    };
    run.tell(Code::PlanReady, About { plan: Some(plan.clone()), ..About::default() });
    if !plan.is_needed() {
        run.tell(Code::NoChanges, About::default());
    } else if plan.changes() && !consented(&run, request.consent, &plan).await {
        discard_all(&run, &surveyed).await;
        run.tell(Code::Declined, About::default());
        return Ok(untouched(&run, &surveyed, DeployOutcome::Declined));
    }
    let reports = execute(&run, request, &surveyed).await;
    discard_unused(&run, &surveyed, &reports).await;
    let fine = |report: &StackReport| succeeded(report.outcome);
    let outcome = match (reports.iter().all(fine), plan.is_needed()) {
        (true, true) => DeployOutcome::Deployed,
        (true, false) => DeployOutcome::Unchanged,
        (false, _) => DeployOutcome::Failed,
    };
    Ok(DeployReport { schema: SCHEMA, outcome, duration_ms: run.finish(outcome.as_str()), stacks: reports })
}

async fn consented(run: &Run<'_>, consent: Consent, plan: &Plan) -> bool {
    match consent {
        Consent::Given => true,
        Consent::Ask => {
            let question = Question { operation: run.operation, plan };
            run.ports.host.confirm(&question).await == Answer::Yes
        }
    }
}

async fn execute(run: &Run<'_>, request: DeployRequest<'_>, surveyed: &[Surveyed<'_>]) -> Vec<StackReport> {
    let by_name: BTreeMap<&str, &Surveyed<'_>> =
        surveyed.iter().map(|stack| (stack.artifact.name.as_str(), stack)).collect();
    let nodes: Vec<Node> = surveyed.iter().map(node).collect();
    let mut results = work(
        &nodes,
        request.per_region.max(1),
        |node, done: &BTreeMap<String, Option<StackReport>>| {
            let stack = by_name.get(node.name.as_str()).copied();
            let mut upstream = upstream(node, done);
            upstream.extend(stack.iter().flat_map(|stack| stack.deployed.clone()));
            async move {
                match stack {
                    Some(stack) => Some(bring_up(run, &request, stack, upstream).await),
                    None => None,
                }
            }
        },
        |report| report.as_ref().is_some_and(|report| succeeded(report.outcome)),
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
    let report = |stack: &Surveyed<'_>| match results.remove(&stack.artifact.name) {
        Some(Ok(Some(report))) => report,
        Some(Err(culprit)) => StackReport { blocked_by: Some(culprit), ..not_started(stack) },
        _ => not_started(stack),
    };
    surveyed.iter().map(report).collect()
}

/// Deletes the change sets of stacks that were not started because of others.
async fn discard_unused(run: &Run<'_>, surveyed: &[Surveyed<'_>], reports: &[StackReport]) {
    for (stack, report) in surveyed.iter().zip(reports) {
        if let (Some(preview), StackOutcome::NotStarted) = (&stack.preview, report.outcome) {
            discard(run, Subject::from(stack.artifact), &preview.request.name).await;
        }
    }
}

fn node(stack: &Surveyed<'_>) -> Node {
    let artifact = stack.artifact;
    let mut after = artifact.dependencies.clone();
    after.extend(artifact.bindings.values().map(|binding| binding.stack.clone()));
    after.extend(stack.steps.iter().flat_map(|step| step.task.needs()).filter(|name| *name != artifact.name));
    // What others have deployed is up.
    after.retain(|need| !stack.deployed.contains_key(need));
    after.sort_unstable();
    after.dedup();
    Node { name: artifact.name.clone(), region: artifact.region.clone(), after }
}

fn upstream(node: &Node, done: &BTreeMap<String, Option<StackReport>>) -> BTreeMap<String, Outputs> {
    let outputs = |name: &String| Some((name.clone(), done.get(name)?.as_ref()?.outputs.clone()));
    node.after.iter().filter_map(outputs).collect()
}

const fn succeeded(outcome: StackOutcome) -> bool {
    match outcome {
        StackOutcome::Created | StackOutcome::Updated | StackOutcome::Unchanged | StackOutcome::Joined => true,
        StackOutcome::Failed | StackOutcome::NotStarted | StackOutcome::Refused => false,
    }
}

fn not_started(stack: &Surveyed<'_>) -> StackReport {
    StackReport {
        name: stack.artifact.name.clone(),
        region: stack.artifact.region.clone(),
        outcome: StackOutcome::NotStarted,
        duration_ms: 0,
        resources: stack.artifact.template.resources.len(),
        outputs: BTreeMap::new(),
        changes: Vec::new(),
        rows: Vec::new(),
        steps: Vec::new(),
        failure: None,
        refusal: None,
        blocked_by: None,
    }
}

fn untouched(run: &Run<'_>, surveyed: &[Surveyed<'_>], outcome: DeployOutcome) -> DeployReport {
    let stacks = surveyed.iter().map(|stack| {
        let report = not_started(stack);
        match &stack.verdict {
            Ok(action) if !action.is_needed() => StackReport { outcome: StackOutcome::Unchanged, ..report },
            Ok(_) => report,
            Err(kind) => {
                let refusal = Refusal { stack: report.name.clone(), region: report.region.clone(), kind: kind.clone() };
                StackReport { outcome: StackOutcome::Refused, refusal: Some(refusal), ..report }
            }
        }
    });
    DeployReport { schema: SCHEMA, outcome, stacks: stacks.collect(), duration_ms: run.finish(outcome.as_str()) }
}

/// Nothing is begun when anything would be refused. A stack that needs an operator weighs most, then one that is busy.
fn refuse(run: &Run<'_>, surveyed: &[Surveyed<'_>], refusals: &[Refusal]) -> DeployReport {
    for refusal in refusals {
        let about = About {
            region: Some(refusal.region.clone()),
            stack: Some(refusal.stack.clone()),
            refusal: Some(refusal.clone()),
            ..About::default()
        };
        run.tell(Code::Refused, about);
    }
    let any = |is: fn(&RefusalKind) -> bool| refusals.iter().any(|refusal| is(&refusal.kind));
    let outcome = if any(|kind| matches!(kind, RefusalKind::Stuck { .. })) {
        DeployOutcome::Stuck
    } else if any(|kind| matches!(kind, RefusalKind::Busy { .. })) {
        DeployOutcome::Busy
    } else {
        DeployOutcome::Refused
    };
    untouched(run, surveyed, outcome)
}
