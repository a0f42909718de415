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
    /// What failed after the stack had turned back.
    pub(crate) not_rolled_back: Vec<ResourceFailure>,
    turned_back: bool,
}

/// Whether a resource was given up only because another one had failed. CloudFormation marks this by nothing but the text.
pub(crate) fn is_cancelled(event: &StackEvent) -> bool {
    event.status.phase() == Phase::Failed
        && event.reason.as_deref().is_some_and(|reason| {
            ["Resource creation cancelled", "Resource update cancelled", "Resource deletion cancelled"]
                .iter()
                .any(|mark| reason.starts_with(mark))
        })
}

impl Failures {
    pub(crate) fn learn(&mut self, subject: Subject<'_>, stack_id: &str, event: &StackEvent) {
        if event.is_of_stack(stack_id) {
            let status = event.status.as_str();
            let rolls_back = matches!(status, "ROLLBACK_IN_PROGRESS" | "UPDATE_ROLLBACK_IN_PROGRESS");
            let turned_back = rolls_back || matches!(status, "CREATE_FAILED" | "UPDATE_FAILED" | "DELETE_FAILED");
            self.turned_back |= rolls_back;
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
        let failures = if self.turned_back { &mut self.not_rolled_back } else { &mut self.causes };
        failures.push(ResourceFailure {
            logical_id: event.logical_id.clone(),
            path: subject.paths.get(&event.logical_id).cloned(),
            resource_type: event.resource_type.clone(),
            physical_id: event.physical_id.clone().filter(|id| !id.is_empty()),
            status: event.status.as_str().to_owned(),
            reason: event.reason.clone(),
        });
    }
}
