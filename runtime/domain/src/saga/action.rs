//! What no partner offers a way back from, and a person has to settle.

use serde::{Deserialize, Serialize};

use crate::saga::call::{Step, StepId};
use crate::saga::intent::Payment;
use crate::saga_id::SagaId;

/// While it is open, the ledgers differ by its amount: points or money that the member is owed, or a reservation of that worth
/// that the member has and nobody has paid for. Where it asks to verify, they differ by the amount or by nothing, and the
/// person who looks finds out which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ManualAction {
    /// The step that a person does in the machine's place; what [`Event::Settled`](crate::saga::event::Event::Settled) names.
    pub step: StepId,
    pub amount: Payment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ManualActionKind {
    CancelReservation,
    RefundCharge,
    CreditPoints,
    /// Find out what the partner holds, then let the saga try again.
    Verify,
}

impl ManualActionKind {
    /// As the table of manual actions and the API show it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::CancelReservation => "cancel-reservation",
            Self::RefundCharge => "refund-charge",
            Self::CreditPoints => "credit-points",
            Self::Verify => "verify",
        }
    }
}

impl ManualAction {
    #[must_use]
    pub const fn kind(&self) -> ManualActionKind {
        match self.step.step {
            Step::CancelReservation => ManualActionKind::CancelReservation,
            Step::Refund => ManualActionKind::RefundCharge,
            Step::ReversePoints => ManualActionKind::CreditPoints,
            _ => ManualActionKind::Verify,
        }
    }

    /// `<saga id>:<step>`: one failure opens one action.
    #[must_use]
    pub fn id(&self, saga: &SagaId) -> String {
        match self.step.of {
            0 => format!("{saga}:{}", self.step.step.name()),
            of => format!("{saga}:{}-{of}", self.step.step.name()),
        }
    }
}
