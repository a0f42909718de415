//! Looks at what exists and decides, before anything is changed, what will happen to each stack.

use crate::attempt;
use crate::changes::{self, Outputs};
use crate::deploy::{DeployError, DeployRequest};
use crate::error::CloudError;
use crate::finish::unfinished;
use crate::plan::{Action, Plan, PlannedRow, PlannedStack, PlannedStep, Refusal, RefusalKind};
use crate::preview::{self, Preview};
use crate::run::{Run, Subject};
use crate::stack::{Condition, StackDescription, StackStatus};
use crate::step::{Step, Task};
use como_core::assembly::{Assembly, StackArtifact};
use como_core::diff::TemplateDiff;
use como_core::graph::{self, Dependencies};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeMap;

/// CloudFormation's limit for a template in the request itself.
const BODY_LIMIT: usize = 51_200;
/// Calls at once that are not polls.
const READS_AT_ONCE: usize = 8;

/// A stack of the assembly and what is to be done with it.
#[derive(Debug)]
pub(crate) struct Surveyed<'a> {
    pub(crate) artifact: &'a StackArtifact,
    pub(crate) body: String,
    pub(crate) found: Option<StackDescription>,
    pub(crate) verdict: Result<Action, RefusalKind>,
    /// In what a stack that is to be changed differs, as far as templates tell.
    pub(crate) foreseen: Option<TemplateDiff>,
    /// The change set that was made for the plan.
    pub(crate) preview: Option<Preview>,
    /// What is to be done beside CloudFormation.
    pub(crate) steps: Vec<Step>,
    /// Values of parameters that no output gives.
    pub(crate) supplied: BTreeMap<String, String>,
    /// What the stacks of other assemblies give away that this one reads.
    pub(crate) deployed: BTreeMap<String, Outputs>,
}

/// The stacks that exist, by region and name.
pub(crate) type Found = BTreeMap<(String, String), StackDescription>;

pub(crate) async fn find(run: &Run<'_>, assembly: &Assembly) -> Result<Found, CloudError> {
    let mut regions: Vec<&str> = assembly.stacks.iter().map(|stack| stack.region.as_str()).collect();
    regions.extend(assembly.deployed.iter().map(|stack| stack.region.as_str()));
    regions.sort_unstable();
    regions.dedup();
    let stacks = stream::iter(regions)
        .map(|region| async move {
            let stacks = run.call(None, async || run.ports.cloud.stacks(region).await).await?;
            Ok::<_, CloudError>(stacks.into_iter().map(|stack| ((region.to_owned(), stack.name.clone()), stack)))
        })
        .buffered(READS_AT_ONCE)
        .try_collect::<Vec<_>>()
        .await?;
    Ok(stacks.into_iter().flatten().collect())
}

/// Every stack with its verdict, in the assembly's order.
pub(crate) async fn survey<'a>(run: &Run<'_>, request: &DeployRequest<'a>) -> Result<Vec<Surveyed<'a>>, DeployError> {
    let assembly = request.assembly;
    check_graph(assembly)?;
    let found = find(run, assembly).await.map_err(DeployError::Survey)?;
    stream::iter(&assembly.stacks)
        .map(|artifact| examine(run, request, artifact, &found))
        .buffered(READS_AT_ONCE)
        .try_collect()
        .await
}

async fn examine<'a>(
    run: &Run<'_>,
    request: &DeployRequest<'_>,
    artifact: &'a StackArtifact,
    all: &Found,
) -> Result<Surveyed<'a>, DeployError> {
    let name = &artifact.name;
    let unwritable = |source| DeployError::Template { stack: name.clone(), source };
    let body = artifact.template.to_body().map_err(unwritable)?;
    let found = look_up(all, artifact);
    let deployed = deployed_outputs(request.assembly, artifact, all);
    let verdict = match check_artifact(request, artifact, &deployed, &body) {
        Ok(()) => judge(run, request, artifact, found, all, &deployed).await.map_err(DeployError::Survey)?,
        Err(refusal) => refusal.into(),
    };
    let Judged { verdict, foreseen, mut supplied } = verdict;
    supplied.extend(request.supplied.clone());
    let mut steps: Vec<Step> = request.steps.iter().filter(|step| step.stack == *name).cloned().collect();
    match verdict {
        Ok(Action::Keep | Action::Update) => {
            steps = unfinished(run, Subject::from(artifact), all, steps).await.map_err(DeployError::Survey)?;
        }
        Ok(_) => {}
        Err(_) => steps.clear(),
    }
    Ok(Surveyed { artifact, body, found: found.cloned(), verdict, foreseen, preview: None, steps, supplied, deployed })
}

fn look_up<'f>(all: &'f Found, artifact: &StackArtifact) -> Option<&'f StackDescription> {
    all.get(&(artifact.region.clone(), artifact.name.clone()))
}

/// The outputs of the stacks of other assemblies that this one reads, as far as they are up.
fn deployed_outputs(assembly: &Assembly, artifact: &StackArtifact, all: &Found) -> BTreeMap<String, Outputs> {
    let read = |name: &str| artifact.bindings.values().any(|binding| binding.stack == name);
    let stacks = assembly.deployed.iter().filter(|stack| read(&stack.name));
    let outputs = stacks.filter_map(|stack| {
        let found = all.get(&(stack.region.clone(), stack.name.clone()))?;
        (found.status.condition() == Condition::Usable).then(|| (stack.name.clone(), found.outputs.clone()))
    });
    outputs.collect()
}

/// What cannot come right whatever exists.
fn check_artifact(
    request: &DeployRequest<'_>,
    artifact: &StackArtifact,
    deployed: &BTreeMap<String, Outputs>,
    body: &str,
) -> Result<(), RefusalKind> {
    let assembly = request.assembly;
    if BODY_LIMIT < body.len() {
        return Err(RefusalKind::TemplateTooLarge { bytes: body.len(), limit: BODY_LIMIT });
    }
    let read = |name: &str| artifact.bindings.values().any(|binding| binding.stack == name);
    if let Some(absent) =
        assembly.deployed.iter().find(|stack| read(&stack.name) && !deployed.contains_key(&stack.name))
    {
        return Err(RefusalKind::NotDeployed { from: absent.name.clone(), region: absent.region.clone() });
    }
    for (name, binding) in &artifact.bindings {
        let gives = match (assembly.stack(&binding.stack), deployed.get(&binding.stack)) {
            (Some(producer), _) => producer.template.outputs.contains_key(&binding.output),
            (None, Some(outputs)) => outputs.contains_key(&binding.output),
            (None, None) => false,
        };
        if !gives {
            return Err(RefusalKind::MissingOutput {
                parameter: name.clone(),
                from: binding.stack.clone(),
                output: binding.output.clone(),
            });
        }
    }
    for (name, parameter) in &artifact.template.parameters {
        let is_given = artifact.bindings.contains_key(name) || request.supplied.contains_key(name);
        if parameter.default.is_none() && !is_given {
            return Err(RefusalKind::MissingParameter { parameter: name.clone() });
        }
    }
    Ok(())
}

struct Judged {
    verdict: Result<Action, RefusalKind>,
    foreseen: Option<TemplateDiff>,
    /// Values that others have given to parameters of the stack.
    supplied: BTreeMap<String, String>,
}

impl From<Action> for Judged {
    fn from(action: Action) -> Self {
        Self { verdict: Ok(action), foreseen: None, supplied: BTreeMap::new() }
    }
}

impl From<RefusalKind> for Judged {
    fn from(refusal: RefusalKind) -> Self {
        Self { verdict: Err(refusal), foreseen: None, supplied: BTreeMap::new() }
    }
}

async fn judge(
    run: &Run<'_>,
    request: &DeployRequest<'_>,
    artifact: &StackArtifact,
    found: Option<&StackDescription>,
    all: &Found,
    deployed: &BTreeMap<String, Outputs>,
) -> Result<Judged, CloudError> {
    let subject = Subject::from(artifact);
    let Some(found) = found else { return Ok(Action::Create.into()) };
    let busy = || RefusalKind::Busy { status: found.status.clone() };
    let (as_is, changed) = match found.status.condition() {
        Condition::Gone | Condition::Reviewed => return Ok(Action::Create.into()),
        Condition::Deleting => return Ok(Action::CreateAfterDeletion.into()),
        Condition::Stuck => return stuck(run, subject, found).await.map(Judged::from),
        Condition::NeverWas => {
            let holds = holds(run, subject, &found.id).await?;
            let (status, reason) = (found.status.clone(), found.status_reason.clone());
            let stuck = RefusalKind::Stuck { status, reason, holds: holds.clone() };
            return Ok(if holds.is_empty() { Action::Recreate.into() } else { stuck.into() });
        }
        Condition::Busy => match running_change(run, subject, found).await? {
            true if found.status == StackStatus::UpdateRollbackInProgress => return Ok(Action::JoinUpdate.into()),
            true => (Ok(Action::JoinUpdate), Err(busy())),
            false => return Ok(busy().into()),
        },
        Condition::Usable => (Ok(Action::Keep), Ok(Action::Update)),
        Condition::HalfChanged => (Ok(Action::Update), Ok(Action::Update)),
        Condition::Creating => (Ok(Action::Join), Err(busy())),
    };
    let usable = |stack: &str| -> Option<&Outputs> {
        let Some(producer) = request.assembly.stack(stack) else { return deployed.get(stack) };
        let description = look_up(all, producer)?;
        (description.status.condition() == Condition::Usable).then_some(&description.outputs)
    };
    let parameters = changes::known_parameters(artifact, request.supplied, usable);
    let template = run.call(Some(subject), async || run.ports.cloud.template(subject.region, &found.id).await).await?;
    let foreseen = changes::difference(found, &template, artifact, &parameters);
    let verdict = if foreseen.is_none() { as_is } else { changed };
    let supplied = changes::set_by_others(found, &template, artifact, request.supplied);
    Ok(Judged { verdict, foreseen, supplied })
}

/// Whether the change that is running was begun by this program: its requests carry tokens that begin with its name.
async fn running_change(run: &Run<'_>, subject: Subject<'_>, found: &StackDescription) -> Result<bool, CloudError> {
    if !matches!(found.status, StackStatus::UpdateInProgress | StackStatus::UpdateRollbackInProgress) {
        return Ok(false);
    }
    let events = async || run.ports.cloud.events(subject.region, &found.id, None).await;
    let events = run.call(Some(subject), events).await?;
    let begun = events
        .iter()
        .rfind(|event| event.is_of_stack(&found.id) && event.status.as_str() == StackStatus::UpdateInProgress.as_str());
    Ok(begun.and_then(|event| event.token.as_deref()).is_some_and(attempt::is_ours))
}

async fn stuck(run: &Run<'_>, subject: Subject<'_>, found: &StackDescription) -> Result<RefusalKind, CloudError> {
    let mut holds = Vec::new();
    if found.status == StackStatus::UpdateRollbackFailed {
        let cloud = run.ports.cloud;
        let resources = run.call(Some(subject), async || cloud.resources(subject.region, &found.id).await).await?;
        let failed = resources.into_iter().filter(|resource| resource.status.as_str() == "UPDATE_FAILED");
        holds = failed.map(|resource| resource.logical_id).collect();
    }
    Ok(RefusalKind::Stuck { status: found.status.clone(), reason: found.status_reason.clone(), holds })
}

/// Logical ids of the resources that a failed first creation has left.
async fn holds(run: &Run<'_>, subject: Subject<'_>, stack_id: &str) -> Result<Vec<String>, CloudError> {
    let resources = run.call(Some(subject), async || run.ports.cloud.resources(subject.region, stack_id).await).await?;
    let held = resources.into_iter().filter(|resource| {
        let exists = resource.physical_id.as_deref().is_some_and(|id| !id.is_empty());
        exists && !resource.status.is_deleted()
    });
    Ok(held.map(|resource| resource.logical_id).collect())
}

fn check_graph(assembly: &Assembly) -> Result<(), DeployError> {
    let is_deployed = |name: &String| assembly.deployed.iter().any(|stack| stack.name == *name);
    let mut dependencies = Dependencies::new();
    for stack in &assembly.stacks {
        let needs = stack.dependencies.iter().chain(stack.bindings.values().map(|binding| &binding.stack));
        for dependency in needs.clone() {
            if assembly.stack(dependency).is_none() && !is_deployed(dependency) {
                let (stack, dependency) = (stack.name.clone(), dependency.clone());
                return Err(DeployError::UnknownDependency { stack, dependency });
            }
        }
        if dependencies.insert(stack.name.clone(), needs.filter(|need| !is_deployed(need)).cloned().collect()).is_some()
        {
            return Err(DeployError::SameName { stack: stack.name.clone() });
        }
    }
    match graph::find_cycle(&dependencies) {
        Some(cycle) => Err(DeployError::Cycle(cycle)),
        None => Ok(()),
    }
}

/// The plan, if no stack is refused; otherwise every refusal.
pub(crate) fn plan(surveyed: &[Surveyed<'_>]) -> Result<Plan, Vec<Refusal>> {
    let mut plan = Plan::default();
    let mut refusals = Vec::new();
    let may_change = preview::may_change(surveyed);
    for stack in surveyed {
        let artifact = stack.artifact;
        match &stack.verdict {
            Ok(action) => plan.stacks.push(PlannedStack {
                name: artifact.name.clone(),
                region: artifact.region.clone(),
                action: *action,
                resources: artifact.template.resources.len(),
                after: artifact.dependencies.clone(),
                protected: false,
                kept: Vec::new(),
                changes: stack.preview.iter().flat_map(|preview| preview.set.changes.clone()).collect(),
                foreseen: preview::foreseen(stack).cloned(),
                may_change: may_change.get(&artifact.name).cloned().unwrap_or_default(),
            }),
            Err(kind) => refusals.push(Refusal {
                stack: artifact.name.clone(),
                region: artifact.region.clone(),
                kind: kind.clone(),
            }),
        }
        for Step { stack, task } in &stack.steps {
            match task {
                Task::Rows { table, rows } => plan.rows.extend(rows.iter().map(|row| PlannedRow {
                    stack: stack.clone(),
                    table: table.clone(),
                    key: row.key.clone(),
                })),
                task => plan.steps.push(PlannedStep { stack: stack.clone(), what: task.describe() }),
            }
        }
    }
    if refusals.is_empty() { Ok(plan) } else { Err(refusals) }
}
