//! Brings one stack up, from whatever state it is in.

use crate::attempt::AttemptId;
use crate::change_set::{ChangeSetStatus, ResourceChange};
use crate::changes::{self, Outputs};
use crate::code::Code;
use crate::delete::{delete, join_deletion};
use crate::deploy::DeployRequest;
use crate::error::CloudError;
use crate::event::About;
use crate::plan::{Action, Refusal, RefusalKind};
use crate::port::ChangeSetKind;
use crate::propose::{discard, propose};
use crate::report::{ErrorReport, StackFailure, StackOutcome, StackReport};
use crate::run::{Run, Subject, milliseconds};
use crate::stack::{Condition, StackDescription, StackStatus};
use crate::survey::Surveyed;
use crate::watch::{Begin, Watched, describe, watch};
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::Instant;

/// Why a stack did not come up.
pub(crate) enum Halt {
    Failed(Box<StackFailure>),
    Refused(RefusalKind),
}

impl From<CloudError> for Halt {
    fn from(error: CloudError) -> Self {
        let error = Some(ErrorReport::from(&error));
        Self::Failed(Box::new(StackFailure { error, ..StackFailure::default() }))
    }
}

impl From<Watched> for Halt {
    fn from(watched: Watched) -> Self {
        Self::Failed(Box::new(watched.failure()))
    }
}

/// A stack that is up.
pub(crate) struct Up {
    pub(crate) outcome: StackOutcome,
    pub(crate) description: StackDescription,
    pub(crate) changes: Vec<ResourceChange>,
}

/// Work on one stack.
pub(crate) struct Work<'w> {
    pub(crate) run: &'w Run<'w>,
    pub(crate) attempt: &'w AttemptId,
    /// Logical ids of resources with data that may be replaced or removed.
    pub(crate) allowed: &'w BTreeSet<String>,
    pub(crate) subject: Subject<'w>,
    pub(crate) stack: &'w Surveyed<'w>,
    /// Outputs of the stacks that this one reads.
    pub(crate) upstream: BTreeMap<String, Outputs>,
}

/// Brings a stack up whose needs are met, and tells how it went.
pub(crate) async fn bring_up(
    run: &Run<'_>,
    request: &DeployRequest<'_>,
    stack: &Surveyed<'_>,
    upstream: BTreeMap<String, Outputs>,
) -> StackReport {
    let started = Instant::now();
    let subject = Subject::from(stack.artifact);
    let mut report = StackReport {
        name: stack.artifact.name.clone(),
        region: stack.artifact.region.clone(),
        outcome: StackOutcome::Failed,
        duration_ms: 0,
        resources: stack.artifact.template.resources.len(),
        outputs: BTreeMap::new(),
        changes: Vec::new(),
        rows: Vec::new(),
        steps: Vec::new(),
        failure: None,
        refusal: None,
        blocked_by: None,
    };
    let DeployRequest { attempt, allow_replace: allowed, .. } = *request;
    let work = Work { run, attempt, allowed, subject, stack, upstream };
    let brought = match work.prepare(&mut report).await {
        Ok(()) => work.bring_up().await,
        Err(halt) => Err(halt),
    };
    let result = match brought {
        Ok(up) => {
            report.outputs = up.description.outputs;
            report.changes = up.changes;
            work.finish(&mut report).await.map(|()| up.outcome)
        }
        Err(halt) => Err(halt),
    };
    report.duration_ms = milliseconds(started);
    let about = About { duration_ms: Some(report.duration_ms), ..subject.about() };
    match result {
        Ok(outcome) => {
            report.outcome = outcome;
            let code = match outcome {
                StackOutcome::Unchanged => Code::StackUnchanged,
                StackOutcome::Updated => Code::StackUpdated,
                _ if stack.verdict == Ok(Action::JoinUpdate) => Code::StackUpdated,
                _ => Code::StackCreated,
            };
            run.tell(code, about);
        }
        Err(Halt::Failed(failure)) => {
            run.tell(Code::StackFailed, failed(about, &failure));
            report.failure = Some(*failure);
        }
        Err(Halt::Refused(kind)) => {
            let refusal = Refusal { stack: report.name.clone(), region: report.region.clone(), kind };
            run.tell(Code::Refused, About { refusal: Some(refusal.clone()), ..about });
            report.outcome = StackOutcome::Refused;
            report.refusal = Some(refusal);
        }
    }
    report
}

/// The event of a failure: the first cause speaks where the stack itself does not.
pub(crate) fn failed(about: About, failure: &StackFailure) -> About {
    let error = failure.error.as_ref();
    let of_error = error.map(|error| error.message.clone().unwrap_or_else(|| error.doing.clone()));
    let of_cause = failure.causes.first().and_then(|cause| cause.reason.clone());
    About {
        status: failure.status.clone(),
        reason: of_error.or(of_cause).or_else(|| failure.reason.clone()),
        causes: failure.causes.clone(),
        ..about
    }
}

impl Work<'_> {
    async fn bring_up(&self) -> Result<Up, Halt> {
        let action = self.stack.verdict.clone().map_err(Halt::Refused)?;
        if action.is_needed() {
            self.run.tell(Code::StackStarted, About { action: Some(action), ..self.subject.about() });
        }
        match (action, &self.stack.found) {
            (Action::Keep, Some(found)) => return self.keep(found, StackOutcome::Unchanged).await,
            (Action::Update, Some(found)) => return self.update(found).await,
            (Action::Join, Some(found)) => {
                self.run.tell(Code::StackJoined, self.subject.about());
                let (_, description) = self.watch_creation(&found.id, Begin::Creation).await?;
                return self.keep(&description, StackOutcome::Joined).await;
            }
            (Action::JoinUpdate, Some(found)) => {
                self.run.tell(Code::StackJoined, self.subject.about());
                let description = self.watch_update(&found.id, Begin::Update).await?;
                return self.keep(&description, StackOutcome::Joined).await;
            }
            (Action::Recreate, Some(found)) => {
                let status = Some(found.status.as_str().to_owned());
                let reason = found.status_reason.clone();
                self.run.tell(Code::StackDiscarded, About { status, reason, ..self.subject.about() });
                if found.termination_protection {
                    self.protect(false).await?;
                }
                self.delete(&found.id).await?;
            }
            (Action::CreateAfterDeletion, Some(found)) => {
                self.run.tell(Code::StackJoined, self.subject.about());
                gone(join_deletion(self.run, self.subject, &found.id).await?)?;
            }
            _ => {}
        }
        self.create().await
    }

    pub(crate) fn parameters(&self) -> Result<BTreeMap<String, String>, Halt> {
        let outputs = |name: &str| self.upstream.get(name);
        changes::parameters(self.stack.artifact, &self.stack.supplied, outputs).map_err(Halt::Refused)
    }

    /// The outputs that the stack reads may have become known only in this run.
    async fn keep(&self, found: &StackDescription, outcome: StackOutcome) -> Result<Up, Halt> {
        if changes::differing_parameters(found, &self.parameters()?).is_empty() {
            return Ok(Up { outcome, description: found.clone(), changes: Vec::new() });
        }
        if outcome == StackOutcome::Unchanged {
            self.run.tell(Code::StackStarted, About { action: Some(Action::Update), ..self.subject.about() });
        }
        self.update(found).await
    }

    async fn create(&self) -> Result<Up, Halt> {
        let parameters = self.parameters()?;
        if let Some(taken) = self.take_over().await? {
            let up = self.update_anew(&taken, &parameters).await?;
            return Ok(Up { outcome: StackOutcome::Created, ..up });
        }
        let request = self.request(ChangeSetKind::Create, "create", &parameters);
        let set = match propose(self.run, self.subject, &request).await {
            Ok(set) => set,
            Err(error @ CloudError::Rejected(_)) => return self.adopt(&parameters, error.into()).await,
            Err(error) => return Err(error.into()),
        };
        let halt = match set.status {
            ChangeSetStatus::Ready => match self.execute("execute", &request.name, false).await {
                Ok(token) => {
                    let (_, description) = self.watch_creation(&set.stack_id, Begin::Request(&token)).await?;
                    return Ok(Up { outcome: StackOutcome::Created, description, changes: Vec::new() });
                }
                Err(halt) => halt,
            },
            ChangeSetStatus::Spent => not_accepted(set.reason),
            ChangeSetStatus::Making | ChangeSetStatus::Empty | ChangeSetStatus::Failed => {
                discard(self.run, self.subject, &request.name).await;
                if self.stack.found.is_none() {
                    // The name that the change set was made under: nothing is in it.
                    self.delete(&set.stack_id).await?;
                }
                return Err(not_accepted(set.reason));
            }
        };
        self.adopt(&parameters, halt).await
    }

    /// The stack exists although it did not a moment ago: somebody else was faster. Where it does not, `halt` stands.
    async fn adopt(&self, parameters: &BTreeMap<String, String>, halt: Halt) -> Result<Up, Halt> {
        let Some(found) = describe(self.run, self.subject, self.subject.name).await? else { return Err(halt) };
        if !matches!(found.status.condition(), Condition::Usable | Condition::Creating) {
            return Err(halt);
        }
        let cloud = self.run.ports.cloud;
        let template =
            self.run.call(Some(self.subject), async || cloud.template(self.subject.region, &found.id).await).await?;
        if changes::difference(&found, &template, self.stack.artifact, parameters).is_some() {
            return Err(Halt::Refused(RefusalKind::Busy { status: found.status }));
        }
        self.run.tell(Code::StackJoined, self.subject.about());
        let (_, description) = self.watch_creation(&found.id, Begin::Creation).await?;
        Ok(Up { outcome: StackOutcome::Joined, description, changes: Vec::new() })
    }

    async fn watch_creation(&self, stack_id: &str, begin: Begin<'_>) -> Result<(Watched, StackDescription), Halt> {
        let mut watched = watch(self.run, self.subject, stack_id, begin).await?;
        match watched.description.take() {
            Some(description) if watched.status.condition() == Condition::Usable => Ok((watched, description)),
            description => Err(Watched { description, ..watched }.into()),
        }
    }

    pub(crate) async fn delete(&self, stack_id: &str) -> Result<(), Halt> {
        let token = self.attempt.token("delete", self.subject.region, self.subject.name);
        gone(delete(self.run, self.subject, stack_id, &token).await?)
    }
}

/// A deletion must have come to its end before the name is free.
fn gone(watched: Watched) -> Result<(), Halt> {
    if watched.status == StackStatus::DeleteComplete { Ok(()) } else { Err(watched.into()) }
}

/// CloudFormation's word on a change set that it does not carry out.
pub(crate) fn not_accepted(reason: Option<String>) -> Halt {
    Halt::Refused(RefusalKind::NotAccepted { reason })
}
