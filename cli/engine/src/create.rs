//! Brings one stack up, from whatever state it is in.

use crate::attempt::AttemptId;
use crate::changes::{self, Outputs};
use crate::code::Code;
use crate::delete::{delete, join_deletion};
use crate::error::CloudError;
use crate::event::About;
use crate::plan::{Action, Differences, Refusal, RefusalKind};
use crate::port::{CreateStack, Put};
use crate::report::{ErrorReport, RowReport, StackFailure, StackOutcome, StackReport};
use crate::run::{Run, Subject, milliseconds};
use crate::stack::{Condition, StackDescription, StackStatus};
use crate::survey::Surveyed;
use crate::watch::{Begin, Watched, describe, watch};
use como_core::diff::TemplateDiff;
use std::collections::BTreeMap;
use tokio::time::Instant;

/// Why a stack did not come up.
enum Halt {
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

/// Work on one stack.
struct Work<'w> {
    run: &'w Run<'w>,
    attempt: &'w AttemptId,
    subject: Subject<'w>,
    stack: &'w Surveyed<'w>,
    /// Outputs of the stacks that this one reads.
    upstream: BTreeMap<String, Outputs>,
}

/// Brings a stack up whose needs are met, and tells how it went.
pub(crate) async fn bring_up(
    run: &Run<'_>,
    attempt: &AttemptId,
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
        rows: Vec::new(),
        failure: None,
        refusal: None,
        blocked_by: None,
    };
    let work = Work { run, attempt, subject, stack, upstream };
    let result = match work.bring_up().await {
        Ok((outcome, description)) => {
            report.outputs = description.outputs;
            work.put_rows(&mut report.rows).await.map(|()| outcome)
        }
        Err(halt) => Err(halt),
    };
    report.duration_ms = milliseconds(started);
    let about = About { duration_ms: Some(report.duration_ms), ..subject.about() };
    match result {
        Ok(outcome) => {
            report.outcome = outcome;
            let code = if outcome == StackOutcome::Unchanged { Code::StackUnchanged } else { Code::StackCreated };
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
    async fn bring_up(&self) -> Result<(StackOutcome, StackDescription), Halt> {
        let action = self.stack.verdict.clone().map_err(Halt::Refused)?;
        if action.is_needed() {
            self.run.tell(Code::StackStarted, About { action: Some(action), ..self.subject.about() });
        }
        match (action, &self.stack.found) {
            (Action::Keep, Some(found)) => {
                self.check_parameters(found)?;
                return Ok((StackOutcome::Unchanged, found.clone()));
            }
            (Action::Join, Some(found)) => return self.join(&found.id).await,
            (Action::Recreate, Some(found)) => {
                let status = Some(found.status.as_str().to_owned());
                let reason = found.status_reason.clone();
                self.run.tell(Code::StackDiscarded, About { status, reason, ..self.subject.about() });
                let token = self.attempt.token("delete", self.subject.region, self.subject.name);
                gone(delete(self.run, self.subject, &found.id, &token).await?)?;
            }
            (Action::CreateAfterDeletion, Some(found)) => {
                self.run.tell(Code::StackJoined, self.subject.about());
                gone(join_deletion(self.run, self.subject, &found.id).await?)?;
            }
            _ => {}
        }
        self.create().await
    }

    fn parameters(&self) -> Result<BTreeMap<String, String>, Halt> {
        changes::parameters(self.stack.artifact, |name| self.upstream.get(name)).map_err(Halt::Refused)
    }

    /// The outputs that the stack reads may have become known only in this run.
    fn check_parameters(&self, found: &StackDescription) -> Result<(), Halt> {
        let parameters = changes::differing_parameters(found, &self.parameters()?);
        if parameters.is_empty() {
            return Ok(());
        }
        let differences = Differences { template: TemplateDiff::default(), parameters, tags: Vec::new() };
        Err(Halt::Refused(RefusalKind::Changed(differences)))
    }

    async fn create(&self) -> Result<(StackOutcome, StackDescription), Halt> {
        let Subject { region, name, .. } = self.subject;
        let artifact = self.stack.artifact;
        let request = CreateStack {
            name: artifact.name.clone(),
            template_body: self.stack.body.clone(),
            parameters: self.parameters()?,
            tags: artifact.tags.clone(),
            termination_protection: artifact.termination_protection,
            token: self.attempt.token("create", region, name),
        };
        let cloud = self.run.ports.cloud;
        match self.run.call(Some(self.subject), async || cloud.create_stack(region, &request).await).await {
            Ok(stack_id) => {
                let (_, description) = self.watch_creation(&stack_id).await?;
                Ok((StackOutcome::Created, description))
            }
            Err(CloudError::AlreadyExists(failure)) => match self.adopt(&request).await? {
                Some(ended) => Ok(ended),
                None => Err(CloudError::AlreadyExists(failure).into()),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// The stack exists although it did not a moment ago: an earlier reply was lost, or somebody else was faster.
    async fn adopt(&self, request: &CreateStack) -> Result<Option<(StackOutcome, StackDescription)>, Halt> {
        let Some(found) = describe(self.run, self.subject, self.subject.name).await? else { return Ok(None) };
        if !matches!(found.status.condition(), Condition::Usable | Condition::Creating) {
            return Ok(None);
        }
        let cloud = self.run.ports.cloud;
        let template =
            self.run.call(Some(self.subject), async || cloud.template(self.subject.region, &found.id).await).await?;
        changes::same(&found, &template, self.stack.artifact, &request.parameters).map_err(Halt::Refused)?;
        let (watched, description) = self.watch_creation(&found.id).await?;
        let ours = watched.token.as_deref() == Some(&request.token);
        Ok(Some((if ours { StackOutcome::Created } else { StackOutcome::Joined }, description)))
    }

    async fn join(&self, stack_id: &str) -> Result<(StackOutcome, StackDescription), Halt> {
        self.run.tell(Code::StackJoined, self.subject.about());
        let (_, description) = self.watch_creation(stack_id).await?;
        self.check_parameters(&description)?;
        Ok((StackOutcome::Joined, description))
    }

    async fn watch_creation(&self, stack_id: &str) -> Result<(Watched, StackDescription), Halt> {
        let mut watched = watch(self.run, self.subject, stack_id, Begin::Creation).await?;
        match watched.description.take() {
            Some(description) if watched.status.condition() == Condition::Usable => Ok((watched, description)),
            description => Err(Watched { description, ..watched }.into()),
        }
    }

    async fn put_rows(&self, reports: &mut Vec<RowReport>) -> Result<(), Halt> {
        for step in &self.stack.rows {
            for row in &step.rows {
                let configuration = self.run.ports.configuration;
                let put = async || configuration.put_if_absent(self.subject.region, &step.table, row).await;
                let put = self.run.call(Some(self.subject), put).await?;
                let code = match put {
                    Put::Written => Code::RowWritten,
                    Put::Present => Code::RowPresent,
                };
                let (table, key) = (step.table.clone(), row.key.clone());
                let about = About { table: Some(table.clone()), key: Some(key.clone()), ..self.subject.about() };
                self.run.tell(code, about);
                reports.push(RowReport { table, key, put });
            }
        }
        Ok(())
    }
}

/// A deletion must have come to its end before the name is free.
fn gone(watched: Watched) -> Result<(), Halt> {
    if watched.status == StackStatus::DeleteComplete { Ok(()) } else { Err(watched.into()) }
}
