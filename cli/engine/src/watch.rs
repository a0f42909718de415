//! Follows one operation on one stack to its end.
//!
//! The events tell the story and its end; the description has the last word. After a failure one more look at the events,
//! because its reason may come after the status (a poll that stops at the status loses it).

use crate::cause::{Failures, is_cancelled};
use crate::code::Code;
use crate::error::CloudError;
use crate::event::About;
use crate::plan::KeptResource;
use crate::report::StackFailure;
use crate::run::{Run, Subject};
use crate::stack::{Condition, Phase, StackDescription, StackEvent, StackStatus};
use tokio::time::sleep;

/// Looks without anything new before the description is asked: the end may have been missed.
const QUIET_LOOKS: u32 = 4;
/// Looks in a row that may fail.
const FAILED_LOOKS: u32 = 12;
/// How often a stack that shows nothing of the operation yet may look as if all were over.
const EARLY_ENDS: u32 = 3;

/// The end of an operation.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) status: StackStatus,
    /// `None` when the stack is gone.
    pub(crate) description: Option<StackDescription>,
    pub(crate) failures: Failures,
    pub(crate) kept: Vec<KeptResource>,
}

impl Watched {
    pub(crate) fn failure(self) -> StackFailure {
        let reason = self.failures.stack_reason;
        let reason = reason.or_else(|| self.description.and_then(|description| description.status_reason));
        StackFailure {
            rolled_back: matches!(self.status, StackStatus::RollbackComplete | StackStatus::UpdateRollbackComplete),
            status: Some(self.status.as_str().to_owned()),
            reason,
            causes: self.failures.causes,
            cancelled: self.failures.cancelled,
            not_rolled_back: self.failures.not_rolled_back,
            error: None,
        }
    }
}

/// Which of the stack's events belong to the operation.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Begin<'b> {
    /// All of them: the stack began with it.
    Creation,
    /// From the one with this request's token on.
    Request(&'b str),
    /// From the last deletion on, whoever asked for it.
    Deletion,
    /// From the last change on, whoever asked for it.
    Update,
}

impl Begin<'_> {
    /// Where the operation begins among all events, if it can be seen already.
    fn find(self, stack_id: &str, events: &[StackEvent]) -> Option<usize> {
        match self {
            Self::Creation => Some(0),
            Self::Request(token) => {
                events.iter().position(|event| event.is_of_stack(stack_id) && event.token.as_deref() == Some(token))
            }
            Self::Deletion => last(stack_id, events, "DELETE_IN_PROGRESS"),
            Self::Update => last(stack_id, events, "UPDATE_IN_PROGRESS"),
        }
    }
}

fn last(stack_id: &str, events: &[StackEvent], status: &str) -> Option<usize> {
    events.iter().rposition(|event| event.is_of_stack(stack_id) && event.status.as_str() == status)
}

struct Watch<'w> {
    begin: Begin<'w>,
    run: &'w Run<'w>,
    subject: Subject<'w>,
    stack_id: &'w str,
    last: Option<String>,
    /// The stack's own last status.
    status: Option<StackStatus>,
    failures: Failures,
    kept: Vec<KeptResource>,
}

pub(crate) async fn watch(
    run: &Run<'_>,
    subject: Subject<'_>,
    stack_id: &str,
    begin: Begin<'_>,
) -> Result<Watched, CloudError> {
    let failures = Failures::default();
    let mut watch = Watch { begin, run, subject, stack_id, last: None, status: None, failures, kept: Vec::new() };
    let pace = run.ports.pace;
    let mut interval = pace.shortest_interval;
    let mut quiet = 0;
    let mut failed = 0;
    let mut early = 0;
    loop {
        match watch.look().await {
            Ok(0) => {
                quiet += 1;
                failed = 0;
                interval = pace.slower(interval);
            }
            Ok(_) => {
                quiet = 0;
                failed = 0;
                interval = pace.shortest_interval;
            }
            Err(error) if error.retryable() && failed < FAILED_LOOKS => {
                failed += 1;
                interval = pace.slower(interval);
                run.tell_retry(Some(subject), &error);
            }
            // The events of a stack come a moment after it, and go some time after it.
            Err(CloudError::NotFound(_)) => quiet = QUIET_LOOKS,
            Err(error) => return Err(error),
        }
        if watch.status == Some(StackStatus::DeleteComplete) {
            return Ok(watch.ended(StackStatus::DeleteComplete, None));
        }
        let ended = watch.status.as_ref().is_some_and(StackStatus::is_settled);
        if ended || QUIET_LOOKS <= quiet {
            quiet = 0;
            let description = describe(run, subject, stack_id).await?;
            let status = description.as_ref().map_or(StackStatus::DeleteComplete, |stack| stack.status.clone());
            let unseen = watch.status.is_none() && status.condition() == Condition::Usable;
            if unseen && early < EARLY_ENDS {
                // The end of an earlier operation: this one has not begun to show.
                early += 1;
            } else if status.is_settled() {
                if status.condition() != Condition::Usable || status == StackStatus::UpdateRollbackComplete {
                    // Lost or throttled, it must not hide the failure that is known.
                    let _seen = watch.look().await;
                }
                return Ok(watch.ended(status, description));
            }
        }
        sleep(interval).await;
    }
}

pub(crate) async fn describe(
    run: &Run<'_>,
    subject: Subject<'_>,
    stack: &str,
) -> Result<Option<StackDescription>, CloudError> {
    let region = subject.region;
    run.call(Some(subject), async || {
        run.turn(region).await;
        run.ports.cloud.stack(region, stack).await
    })
    .await
}

impl Watch<'_> {
    fn ended(self, status: StackStatus, description: Option<StackDescription>) -> Watched {
        Watched { status, description, failures: self.failures, kept: self.kept }
    }

    async fn look(&mut self) -> Result<usize, CloudError> {
        self.run.turn(self.subject.region).await;
        let events = self.run.ports.cloud.events(self.subject.region, self.stack_id, self.last.as_deref()).await?;
        let first = if self.last.is_none() { self.begin.find(self.stack_id, &events) } else { Some(0) };
        for event in events.iter().skip(first.unwrap_or(events.len())) {
            self.learn(event);
        }
        if let Some(event) = events.last() {
            self.last = Some(event.id.clone());
        }
        Ok(events.len())
    }

    fn learn(&mut self, event: &StackEvent) {
        self.failures.learn(self.subject, self.stack_id, event);
        let of_stack = event.is_of_stack(self.stack_id);
        let phase = event.status.phase();
        let code = match phase {
            _ if of_stack => Code::StackStatus,
            Phase::InProgress => Code::ResourceInProgress,
            Phase::Complete => Code::ResourceComplete,
            Phase::Failed if is_cancelled(event) => Code::ResourceCancelled,
            Phase::Failed => Code::ResourceFailed,
            Phase::Skipped => Code::ResourceKept,
        };
        if of_stack {
            self.status = Some(StackStatus::from(event.status.as_str()));
        }
        let path = self.subject.paths.get(&event.logical_id).cloned();
        let physical_id = event.physical_id.clone().filter(|id| !id.is_empty());
        if !of_stack && phase == Phase::Skipped {
            self.kept.push(KeptResource {
                stack: self.subject.name.to_owned(),
                region: self.subject.region.to_owned(),
                logical_id: event.logical_id.clone(),
                path: path.clone(),
                resource_type: event.resource_type.clone(),
                physical_id: physical_id.clone(),
            });
        }
        let about = About {
            logical_id: Some(event.logical_id.clone()),
            path,
            resource_type: Some(event.resource_type.clone()),
            physical_id,
            status: Some(event.status.as_str().to_owned()),
            reason: event.reason.clone(),
            at: event.at,
            ..self.subject.about()
        };
        self.run.tell(code, about);
    }
}
