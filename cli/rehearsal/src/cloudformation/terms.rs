//! What the caller of a stack's last operation asked for besides the stack itself.

use super::stack::Stack;
use super::wire::{Form, QueryError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::time::Duration;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Terms {
    /// `TimeoutInMinutes` of the creation; only simulated waiting counts, and not what the software takes.
    pub timeout_minutes: Option<u32>,
    /// The creation took longer.
    pub timed_out: bool,
    /// A rollback deletes what is new, `DeletionPolicy: Retain` or not.
    pub retain_except_on_create: bool,
    /// The deletion passes over what refuses to go.
    pub is_forced: bool,
}

impl Terms {
    pub(super) fn of_creation(form: &Form) -> Result<Self, QueryError> {
        let timeout_minutes = match form.get("TimeoutInMinutes") {
            None => None,
            Some(text) => Some(text.parse().ok().filter(|minutes| 0 < *minutes).ok_or_else(|| {
                QueryError::validation(format!(
                    "1 validation error detected: Value '{text}' at 'timeoutInMinutes' failed to satisfy constraint: \
                     Member must have value greater than or equal to 1"
                ))
            })?),
        };
        Ok(Self { timeout_minutes, ..Self::of_change(form) })
    }

    pub(super) fn of_change(form: &Form) -> Self {
        let retain_except_on_create = form.flag("RetainExceptOnCreate") == Some(true);
        Self { retain_except_on_create, ..Self::default() }
    }

    pub(super) fn of_deletion(form: &Form) -> Result<Self, QueryError> {
        let is_forced = match form.get("DeletionMode") {
            None | Some("STANDARD") => false,
            Some("FORCE_DELETE_STACK") => true,
            Some(other) => {
                return Err(QueryError::validation(format!(
                    "1 validation error detected: Value '{other}' at 'deletionMode' failed to satisfy constraint: Member \
                     must satisfy enum value set: [STANDARD, FORCE_DELETE_STACK]"
                )));
            }
        };
        Ok(Self { is_forced, ..Self::default() })
    }
}

impl Stack {
    /// How long the creation may still take, simulated, once the turn of a resource has come that needs these; None
    /// without an end.
    pub(super) fn patience(&self, needed: &BTreeSet<String>) -> Option<Duration> {
        let limit = f64::from(self.terms.timeout_minutes?) * 60.0;
        Some(Duration::from_secs_f64((limit - self.operation.waited_before(needed)).max(0.0)))
    }
}
