//! What is known of a saga: the fold of its journal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::saga::action::ManualAction;
use crate::saga::call::{Call, Leg, Notice, Step, StepId};
use crate::saga::event::Refusal;
use crate::saga::evidence::{
    DeductionSeen, DeductionStatus, Evidence, PaymentSeen, PaymentStatus, RefundStatus, ReservationSeen,
    ReservationStatus,
};
use crate::saga::intent::{Intent, Payment};
use crate::saga::progress::{Phase, Progress};

/// A saga fulfils until something on record says that it cannot, and then gives back. As long as no call that gives back was
/// made it may turn round again: a deduction whose answer was missing when time ran out, and which a read then shows, completes
/// the booking. Afterwards only one thing turns it: the partner refuses the cancellation that the member wanted, so the booking
/// stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    #[default]
    Fulfil,
    GiveBack(Reason),
}

/// Why a saga gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    CancelledByMember,
    /// The slot or the item is not to be had.
    Unavailable,
    /// Somebody at the partner cancelled.
    ReservationLost,
    /// Nobody paid, or the card was refused.
    NotPaid,
    InsufficientPoints,
    /// Points cannot be taken for another reason.
    PointsRefused,
    /// The member did not sign in again in time.
    SignInMissed,
    /// Time was up.
    DeadlinePassed,
    /// Two regions accepted two requests under one key while they did not see each other.
    TwoRequests,
}

/// The fold of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    pub(super) epoch: u64,
    /// The latest time that an entry states.
    pub(super) now: Timestamp,
    pub(super) intent: Option<Arc<Intent>>,
    pub(super) two_requests: bool,
    pub(super) cancel_requested: bool,
    pub(super) redriven_at: Option<Timestamp>,
    pub(super) goal: Goal,
    pub(super) giving_back_since: Option<Timestamp>,
    /// Whether a call that gives back was made under the present goal.
    pub(super) undo_begun: bool,
    pub(super) in_flight: Option<InFlight>,
    pub(super) wake_at: Option<Timestamp>,
    pub(super) progress: BTreeMap<StepId, Progress>,
    pub(super) sides: BTreeMap<Leg, Side>,
    pub(super) evidence: Evidence,
    pub(super) settled: BTreeSet<StepId>,
    pub(super) recorded: Vec<ManualAction>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InFlight {
    pub call: Call,
    pub since: Timestamp,
}

/// What we know about our knowledge of a partner's side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Side {
    /// The epoch in which it was read in whole, or began with nothing on it.
    pub(super) verified_in: u64,
    /// When a call or a read last showed it.
    pub(super) seen_at: Option<Timestamp>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            epoch: 0,
            now: Timestamp::MIN,
            intent: None,
            two_requests: false,
            cancel_requested: false,
            redriven_at: None,
            goal: Goal::Fulfil,
            giving_back_since: None,
            undo_begun: false,
            in_flight: None,
            wake_at: None,
            progress: BTreeMap::new(),
            sides: BTreeMap::new(),
            evidence: Evidence::default(),
            settled: BTreeSet::new(),
            recorded: Vec::new(),
        }
    }
}

/// What somebody has to come back for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pending<'a> {
    /// A call is being made since then; when [`Policy::recover_after`](crate::saga::policy::Policy::recover_after) has passed,
    /// its worker is gone.
    Call {
        call: &'a Call,
        since: Timestamp,
    },
    Wake {
        at: Timestamp,
    },
}

impl State {
    /// `None` before the request was accepted.
    #[must_use]
    pub fn intent(&self) -> Option<&Intent> {
        self.intent.as_deref()
    }

    #[must_use]
    pub const fn goal(&self) -> Goal {
        self.goal
    }

    #[must_use]
    pub const fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// The newest epoch that an entry was written in.
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Whether `call` may be made right away by whoever has just appended the entry that planned it.
    #[must_use]
    pub fn pending(&self) -> Option<Pending<'_>> {
        match (&self.in_flight, self.wake_at) {
            (Some(in_flight), _) => Some(Pending::Call { call: &in_flight.call, since: in_flight.since }),
            (None, Some(at)) => Some(Pending::Wake { at }),
            (None, None) => None,
        }
    }

    /// The member has both: the reservation, and what it costs is paid.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.kept_reservation().is_some() && self.is_paid()
    }

    /// Whether the e-mail was sent.
    #[must_use]
    pub fn is_sent(&self, notice: Notice) -> bool {
        self.phase(notice.step()) == Some(Phase::Done)
    }

    pub(super) fn is_paid(&self) -> bool {
        match self.intent().map(|intent| intent.payment) {
            Some(Payment::Card(_)) => self.kept_payment().is_some_and(is_charge),
            Some(Payment::Points(_)) => self.kept_deduction().is_some(),
            None => false,
        }
    }

    pub(super) fn phase(&self, id: StepId) -> Option<Phase> {
        self.progress.get(&id).map(|progress| progress.phase)
    }

    pub(super) fn refusal(&self, id: StepId) -> Option<(Timestamp, Refusal)> {
        match self.phase(id) {
            Some(Phase::Refused { at, refusal }) => Some((at, refusal)),
            _ => None,
        }
    }

    /// Reservations that stand.
    pub(super) fn live_reservations(&self) -> impl Iterator<Item = &ReservationSeen> {
        self.evidence.reservations().filter(|seen| {
            seen.status == ReservationStatus::Booked
                && !self.settled.contains(&Step::CancelReservation.of(seen.attempt))
        })
    }

    /// Payments that can still cost the member something.
    pub(super) fn live_payments(&self) -> impl Iterator<Item = &PaymentSeen> {
        self.evidence.payments().filter(|seen| match seen.status {
            PaymentStatus::Open | PaymentStatus::Authorised => true,
            PaymentStatus::Expired | PaymentStatus::Cancelled => false,
            PaymentStatus::Captured => {
                seen.refund != Some(RefundStatus::Succeeded) && !self.settled.contains(&Step::Refund.of(seen.attempt))
            }
        })
    }

    /// Deductions that were not reversed.
    pub(super) fn live_deductions(&self) -> impl Iterator<Item = &DeductionSeen> {
        self.evidence.deductions().filter(|seen| {
            seen.status == DeductionStatus::Deducted && !self.settled.contains(&Step::ReversePoints.of(seen.attempt))
        })
    }

    /// The one of several that counts; there is more than one only after a mishap, and the others are given back.
    pub(super) fn kept_reservation(&self) -> Option<&ReservationSeen> {
        self.live_reservations().next()
    }

    pub(super) fn kept_deduction(&self) -> Option<&DeductionSeen> {
        self.live_deductions().next()
    }

    /// The furthest one, and the first of equals.
    pub(super) fn kept_payment(&self) -> Option<&PaymentSeen> {
        let candidates = self.live_payments().filter(|seen| seen.refund.is_none());
        candidates.min_by_key(|seen| (std::cmp::Reverse(seen.status), seen.attempt))
    }

    /// Whether the member has ever given or got anything, so that there is something to write about.
    pub(super) fn left_a_trace(&self) -> bool {
        self.evidence.reservations().next().is_some()
            || self.evidence.deductions().next().is_some()
            || self.evidence.payments().any(|seen| {
                matches!(seen.status, PaymentStatus::Authorised | PaymentStatus::Cancelled | PaymentStatus::Captured)
            })
    }
}

/// Money that was taken and that nobody has begun to give back.
pub(super) fn is_charge(seen: &PaymentSeen) -> bool {
    seen.status == PaymentStatus::Captured && seen.refund.is_none()
}
