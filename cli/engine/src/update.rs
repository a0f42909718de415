//! Changes one stack in place.

use crate::change_set::{ChangeSet, ChangeSetStatus, at_risk};
use crate::code::Code;
use crate::create::{Halt, Up, Work, not_accepted};
use crate::error::CloudError;
use crate::event::About;
use crate::plan::RefusalKind;
use crate::port::{ChangeSetKind, CreateChangeSet, ParameterValue};
use crate::preview::{self, settle};
use crate::propose::{discard, propose};
use crate::report::StackOutcome;
use crate::stack::{StackDescription, StackStatus};
use crate::watch::{Begin, Watched, watch};
use std::collections::BTreeMap;

impl Work<'_> {
    /// Executes the change set that the plan showed, or a new one where the parameters have turned out different.
    pub(crate) async fn update(&self, found: &StackDescription) -> Result<Up, Halt> {
        let parameters = self.parameters()?;
        let shown = self.stack.preview.as_ref();
        match shown.filter(|preview| preview.is_for(found, &parameters)) {
            Some(preview) => self.carry_out(found, &preview.request.name, &preview.set).await,
            None => {
                if let Some(outdated) = shown {
                    discard(self.run, self.subject, &outdated.request.name).await;
                }
                self.update_anew(found, &parameters).await
            }
        }
    }

    pub(crate) async fn update_anew(
        &self,
        found: &StackDescription,
        parameters: &BTreeMap<String, String>,
    ) -> Result<Up, Halt> {
        let request = self.request(ChangeSetKind::Update, "update", parameters);
        settle(self.run, self.subject, found).await?;
        let set = match propose(self.run, self.subject, &request).await {
            Ok(set) => set,
            Err(CloudError::Rejected(failure)) => return Err(not_accepted(failure.message.clone())),
            Err(error) => return Err(error.into()),
        };
        let refusal = match set.status {
            ChangeSetStatus::Ready => {
                let resources = at_risk(&set.changes, self.allowed);
                if resources.is_empty() {
                    let changes = set.changes.clone();
                    self.run.tell(Code::ChangesKnown, About { changes, ..self.subject.about() });
                    return self.carry_out(found, &request.name, &set).await;
                }
                Some(RefusalKind::DataLoss { resources })
            }
            ChangeSetStatus::Empty => None,
            _ => Some(RefusalKind::NotAccepted { reason: set.reason }),
        };
        discard(self.run, self.subject, &request.name).await;
        match refusal {
            Some(refusal) => Err(Halt::Refused(refusal)),
            None => Ok(Up { outcome: StackOutcome::Unchanged, description: found.clone(), changes: Vec::new() }),
        }
    }

    async fn carry_out(&self, found: &StackDescription, name: &str, set: &ChangeSet) -> Result<Up, Halt> {
        let token = self.execute("execute", name, found.termination_protection).await?;
        let description = self.watch_update(&found.id, Begin::Request(&token)).await?;
        Ok(Up { outcome: StackOutcome::Updated, description, changes: set.changes.clone() })
    }

    pub(crate) async fn watch_update(&self, stack_id: &str, begin: Begin<'_>) -> Result<StackDescription, Halt> {
        let mut watched = watch(self.run, self.subject, stack_id, begin).await?;
        match watched.description.take() {
            Some(description) if watched.status == StackStatus::UpdateComplete => Ok(description),
            description => Err(Watched { description, ..watched }.into()),
        }
    }

    /// The request of a change set with these values.
    pub(crate) fn request(
        &self,
        kind: ChangeSetKind,
        purpose: &str,
        parameters: &BTreeMap<String, String>,
    ) -> CreateChangeSet {
        let value = |(name, value): (&String, &String)| (name.clone(), ParameterValue::Value(value.clone()));
        preview::change_set(self.attempt, self.stack, kind, purpose, parameters.iter().map(value).collect())
    }

    /// Begins the execution of a change set; answers the token that its events carry. `purpose` tells this run's executions on
    /// one stack apart.
    pub(crate) async fn execute(&self, purpose: &str, name: &str, is_protected: bool) -> Result<String, Halt> {
        // Before, so that no end of this program leaves a stack that is up and unprotected.
        if self.stack.artifact.termination_protection && !is_protected {
            self.protect(true).await?;
        }
        let token = self.attempt.token(purpose, self.subject.region, self.subject.name);
        let cloud = self.run.ports.cloud;
        let execute = async || cloud.execute_change_set(self.subject.region, self.subject.name, name, &token).await;
        match self.run.call(Some(self.subject), execute).await {
            Ok(()) => Ok(token),
            // The change set is spent: by this request, if the reply to it was lost.
            Err(error @ (CloudError::Rejected(_) | CloudError::NotFound(_))) => match self.has_begun(&token).await? {
                true => Ok(token),
                false => Err(error.into()),
            },
            Err(error) => Err(error.into()),
        }
    }

    async fn has_begun(&self, token: &str) -> Result<bool, Halt> {
        let cloud = self.run.ports.cloud;
        let events = async || {
            self.run.turn(self.subject.region).await;
            cloud.events(self.subject.region, self.subject.name, None).await
        };
        let events = self.run.call(Some(self.subject), events).await?;
        Ok(events.iter().any(|event| event.token.as_deref() == Some(token)))
    }

    pub(crate) async fn protect(&self, enabled: bool) -> Result<(), Halt> {
        let cloud = self.run.ports.cloud;
        let set = async || cloud.set_termination_protection(self.subject.region, self.subject.name, enabled).await;
        Ok(self.run.call(Some(self.subject), set).await?)
    }
}
