//! To fulfil or to give back.

use jiff::Timestamp;

use crate::saga::call::Step;
use crate::saga::event::Refusal;
use crate::saga::evidence::PaymentStatus;
use crate::saga::intent::Payment;
use crate::saga::policy::{Policy, earlier, later};
use crate::saga::state::{Goal, Reason, State};

/// What the saga is after, by everything on record.
pub(super) fn goal(policy: &Policy, state: &State) -> Goal {
    let begun = match state.goal {
        Goal::GiveBack(reason) if state.undo_begun => Some(reason),
        _ => None,
    };
    if let Some(reason) = begun
        && reason != Reason::CancelledByMember
    {
        return Goal::GiveBack(reason);
    }
    if state.two_requests {
        return Goal::GiveBack(Reason::TwoRequests);
    }
    if state.cancel_requested && !cancellation_refused(state) {
        return Goal::GiveBack(Reason::CancelledByMember);
    }
    if state.is_complete() {
        return Goal::Fulfil;
    }
    match obstacle(policy, state) {
        Some(reason) => Goal::GiveBack(reason),
        None => Goal::Fulfil,
    }
}

/// The partner does not take the reservation back, so it stands.
pub(super) fn cancellation_refused(state: &State) -> bool {
    state.cancel_requested
        && state.kept_reservation().is_some_and(|reservation| {
            let refusal = state.refusal(Step::CancelReservation.of(reservation.attempt));
            refusal.is_some_and(|(_, refusal)| refusal != Refusal::SignInNeeded)
        })
}

/// When the saga stops taking: at its deadline, or before the hold on the card lapses.
pub(super) fn deadline(policy: &Policy, state: &State) -> Timestamp {
    let stated = state.intent().map_or(Timestamp::MAX, |intent| intent.deadline);
    let hold_ends = state
        .kept_payment()
        .filter(|payment| payment.status == PaymentStatus::Authorised)
        .and_then(|payment| payment.capture_before);
    match hold_ends {
        Some(end) => stated.min(earlier(end, policy.capture_margin)),
        None => stated,
    }
}

/// Until when the member can sign in, while the saga waits for that.
pub(super) fn sign_in_until(policy: &Policy, state: &State) -> Option<Timestamp> {
    match state.refusal(Step::Deduct.alone()) {
        Some((at, Refusal::SignInNeeded)) => Some(later(at, policy.sign_in_within).min(deadline(policy, state))),
        _ => None,
    }
}

fn obstacle(policy: &Policy, state: &State) -> Option<Reason> {
    if state.kept_reservation().is_none() {
        if state.refusal(Step::Reserve.alone()).is_some() {
            return Some(Reason::Unavailable);
        }
        // One that was cancelled, while another one stands, was a surplus.
        if state.evidence.reservations().next().is_some() {
            return Some(Reason::ReservationLost);
        }
    }
    let payment = match state.intent()?.payment {
        _ if state.is_paid() => None,
        Payment::Card(_) => card_obstacle(state),
        Payment::Points(_) => points_obstacle(policy, state),
    };
    payment.or_else(|| (deadline(policy, state) <= state.now).then_some(Reason::DeadlinePassed))
}

fn card_obstacle(state: &State) -> Option<Reason> {
    let Some(payment) = state.kept_payment() else {
        let ended = state.evidence.payments().next().is_some();
        return (ended || state.refusal(Step::Authorise.alone()).is_some()).then_some(Reason::NotPaid);
    };
    state.refusal(Step::Capture.of(payment.attempt)).map(|_| Reason::NotPaid)
}

fn points_obstacle(policy: &Policy, state: &State) -> Option<Reason> {
    match state.refusal(Step::Deduct.alone()) {
        Some((_, Refusal::SignInNeeded)) => {
            let until = sign_in_until(policy, state)?;
            (until <= state.now).then_some(Reason::SignInMissed)
        }
        Some((_, Refusal::InsufficientPoints)) => Some(Reason::InsufficientPoints),
        Some(_) => Some(Reason::PointsRefused),
        // Points that were taken and came back will not be taken again.
        None => state.evidence.deductions().next().map(|_| Reason::PointsRefused),
    }
}
