//! What a member sees of a saga.

use jiff::Timestamp;

use crate::journal::Journal;
use crate::saga::action::ManualAction;
use crate::saga::call::{Leg, Step};
use crate::saga::evidence::{DeductionStatus, PaymentStatus, RefundStatus, ReservationStatus};
use crate::saga::goal::{cancellation_refused, sign_in_until};
use crate::saga::intent::Payment;
use crate::saga::policy::{Policy, later};
use crate::saga::progress::Phase;
use crate::saga::state::{Goal, Pending, Reason, State};

/// A request under way goes from in progress to confirmed, by way of whatever it waits for: the member at the card page, a
/// partner that is down, a sign-in. It ends confirmed, given back, or with an operator, and a confirmed one can be cancelled
/// into giving back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    InProgress,
    AwaitingPayment {
        url: Option<String>,
        until: Option<Timestamp>,
    },
    /// A partner is down or does not answer; tried again by itself.
    Queued {
        next_try_at: Option<Timestamp>,
    },
    NeedsSignIn {
        until: Timestamp,
    },
    Confirmed,
    GivingBack(Reason),
    /// All that was taken is back.
    GivenBack(Reason),
    /// All that can be done without a person is done; what is left is listed as manual actions.
    WithOperator(Reason),
}

impl Status {
    /// The stable code in API answers, logs and metrics.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::AwaitingPayment { .. } => "awaiting_payment",
            Self::Queued { .. } => "queued",
            Self::NeedsSignIn { .. } => "needs_sign_in",
            Self::Confirmed => "confirmed",
            Self::GivingBack(_) => "giving_back",
            Self::GivenBack(_) => "given_back",
            Self::WithOperator(_) => "with_operator",
        }
    }

    /// Whether it stays so unless somebody asks for something new.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Confirmed | Self::GivenBack(_) | Self::WithOperator(_))
    }
}

impl Reason {
    /// The stable code in API answers, logs and metrics.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::CancelledByMember => "cancelled_by_member",
            Self::Unavailable => "unavailable",
            Self::ReservationLost => "reservation_lost",
            Self::NotPaid => "not_paid",
            Self::InsufficientPoints => "insufficient_points",
            Self::PointsRefused => "points_refused",
            Self::SignInMissed => "sign_in_missed",
            Self::DeadlinePassed => "deadline_passed",
            Self::TwoRequests => "two_requests",
        }
    }
}

/// One thing that the member gets back, and how far that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compensation {
    pub of: Leg,
    /// The points or the money; of a reservation, what it costs.
    pub amount: Payment,
    pub progress: CompensationProgress,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompensationProgress {
    UnderWay,
    Done,
    /// A person sees to it.
    ByHand,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    pub status: Status,
    /// The member asked to cancel and the partner said no.
    pub cancellation_refused: bool,
    /// The partner's name for the reservation that stands.
    pub reservation: Option<String>,
    pub compensations: Vec<Compensation>,
    pub open_actions: Vec<ManualAction>,
}

/// A change of status and when it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Milestone {
    pub at: Timestamp,
    pub status: Status,
}

/// What there is to show; `None` before the request was accepted.
#[must_use]
pub fn view(policy: &Policy, state: &State) -> Option<View> {
    state.intent()?;
    Some(View {
        status: status(policy, state),
        cancellation_refused: cancellation_refused(state),
        reservation: state.kept_reservation().and_then(|seen| seen.reference.clone()),
        compensations: compensations(state),
        open_actions: state.recorded.clone(),
    })
}

/// The statuses that a saga went through.
#[must_use]
pub fn history(policy: &Policy, journal: &Journal) -> Vec<Milestone> {
    let mut state = State::default();
    let mut milestones: Vec<Milestone> = Vec::new();
    for entry in journal.entries() {
        state.absorb(entry);
        let Some(View { status, .. }) = view(policy, &state) else {
            continue;
        };
        if milestones.last().is_none_or(|last| last.status.code() != status.code()) {
            milestones.push(Milestone { at: entry.at, status });
        }
    }
    milestones
}

fn status(policy: &Policy, state: &State) -> Status {
    match state.goal {
        Goal::Fulfil if state.is_complete() => Status::Confirmed,
        Goal::Fulfil => under_way(policy, state),
        Goal::GiveBack(reason) if !state.recorded.is_empty() => Status::WithOperator(reason),
        Goal::GiveBack(reason) if is_returned(state) => Status::GivenBack(reason),
        Goal::GiveBack(reason) => Status::GivingBack(reason),
    }
}

fn under_way(policy: &Policy, state: &State) -> Status {
    if let Some(until) = sign_in_until(policy, state) {
        return Status::NeedsSignIn { until };
    }
    // Whatever went wrong on the way there: a member who has a page can pay.
    if let Some(payment) = state.kept_payment()
        && payment.status == PaymentStatus::Open
        && payment.url.is_some()
    {
        return Status::AwaitingPayment { url: payment.url.clone(), until: payment.expires_at };
    }
    if is_failing(state) {
        let next_try_at = match state.pending() {
            Some(Pending::Wake { at }) => Some(at),
            Some(Pending::Call { since, .. }) => Some(later(since, policy.recover_after)),
            None => None,
        };
        return Status::Queued { next_try_at };
    }
    match state.kept_payment() {
        Some(payment) if payment.status == PaymentStatus::Open => {
            Status::AwaitingPayment { url: payment.url.clone(), until: payment.expires_at }
        }
        _ => Status::InProgress,
    }
}

/// The last try of some step went wrong and none has gone right since.
fn is_failing(state: &State) -> bool {
    state.progress.iter().any(|(id, progress)| {
        id.step != Step::Notify
            && progress.failures != 0
            && !matches!(progress.phase, Phase::Done | Phase::Refused { .. })
    })
}

/// Nothing is left that the member could lose, and nothing is in doubt.
fn is_returned(state: &State) -> bool {
    let calls_us = match state.pending() {
        Some(Pending::Call { call, .. }) => call.id().id.step != Step::Notify,
        Some(Pending::Wake { .. }) => is_failing(state),
        None => false,
    };
    !calls_us
        && state.live_reservations().next().is_none()
        && state.live_payments().next().is_none()
        && state.live_deductions().next().is_none()
}

fn compensations(state: &State) -> Vec<Compensation> {
    let Some(intent) = state.intent() else {
        return Vec::new();
    };
    let progress = |is_done: bool, step: Step, of: u16| {
        let by_hand = state.recorded.iter().any(|action| action.step == step.of(of));
        match (is_done, by_hand) {
            (true, _) => CompensationProgress::Done,
            (false, true) => CompensationProgress::ByHand,
            (false, false) => CompensationProgress::UnderWay,
        }
    };
    let giving_back = state.goal != Goal::Fulfil;
    let mut all = Vec::new();
    for seen in state.evidence.payments() {
        let step = if seen.status == PaymentStatus::Captured { Step::Refund } else { Step::Release };
        let is_done = match seen.status {
            // Nothing was held, so nothing comes back.
            PaymentStatus::Open | PaymentStatus::Expired => continue,
            PaymentStatus::Authorised => false,
            PaymentStatus::Cancelled => true,
            PaymentStatus::Captured => {
                seen.refund == Some(RefundStatus::Succeeded) || state.settled.contains(&step.of(seen.attempt))
            }
        };
        if is_done || giving_back {
            let progress = progress(is_done, step, seen.attempt);
            all.push(Compensation { of: Leg::Payment, amount: intent.payment, progress });
        }
    }
    for seen in state.evidence.deductions() {
        let step = Step::ReversePoints;
        let is_done = seen.status == DeductionStatus::Reversed || state.settled.contains(&step.of(seen.attempt));
        if is_done || giving_back {
            let progress = progress(is_done, step, seen.attempt);
            all.push(Compensation { of: Leg::Points, amount: Payment::Points(seen.amount), progress });
        }
    }
    for seen in state.evidence.reservations() {
        let step = Step::CancelReservation;
        let is_done = seen.status == ReservationStatus::Cancelled || state.settled.contains(&step.of(seen.attempt));
        if is_done || giving_back {
            let progress = progress(is_done, step, seen.attempt);
            all.push(Compensation { of: Leg::Reservation, amount: intent.payment, progress });
        }
    }
    all
}
