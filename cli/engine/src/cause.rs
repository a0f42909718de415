//! Which failure is the cause, and which only followed.

use crate::report::ResourceFailure;
use crate::run::Subject;
use crate::stack::{Phase, StackEvent};

/// The failures of one operation on one stack, in the order in which they happened.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    pub(crate) causes: Vec<ResourceFailure>,
    pub(crate) cancelled: usize,
    /// What CloudFormation said of the stack when it turned back.
    pub(crate) stack_reason: Option<String>,
}

/// Whether a resource was given up only because another one had failed. CloudFormation marks this by nothing but the text.
pub(crate) fn is_cancelled(event: &StackEvent) -> bool {
    event.status.phase() == Phase::Failed
        && event.reason.as_deref().is_some_and(|reason| {
            reason.starts_with("Resource creation cancelled") || reason.starts_with("Resource deletion cancelled")
        })
}

impl Failures {
    pub(crate) fn learn(&mut self, subject: Subject<'_>, stack_id: &str, event: &StackEvent) {
        if event.is_of_stack(stack_id) {
            let turned_back =
                matches!(event.status.as_str(), "ROLLBACK_IN_PROGRESS" | "CREATE_FAILED" | "DELETE_FAILED");
            if turned_back && self.stack_reason.is_none() {
                self.stack_reason.clone_from(&event.reason);
            }
            return;
        }
        if event.status.phase() != Phase::Failed {
            return;
        }
        if is_cancelled(event) {
            self.cancelled += 1;
            return;
        }
        self.causes.push(ResourceFailure {
            logical_id: event.logical_id.clone(),
            path: subject.paths.get(&event.logical_id).cloned(),
            resource_type: event.resource_type.clone(),
            physical_id: event.physical_id.clone().filter(|id| !id.is_empty()),
            status: event.status.as_str().to_owned(),
            reason: event.reason.clone(),
        });
    }
}
