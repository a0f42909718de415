//! An entry becomes knowledge. What an entry says to do is recorded in it, so an old entry means under new code what it meant
//! when it was written.

use std::sync::Arc;

use jiff::Timestamp;

use crate::journal::Entry;
use crate::saga::call::{Call, CallId, Leg, Step, StepId};
use crate::saga::effect::Effect;
use crate::saga::event::{Event, Outcome, Past, Refusal};
use crate::saga::evidence::{DeductionStatus, PaymentStatus, ReservationStatus, Seen};
use crate::saga::intent::Intent;
use crate::saga::progress::{Phase, Progress};
use crate::saga::state::{Goal, InFlight, State};

impl State {
    /// The next entry in the journal's order.
    pub fn absorb(&mut self, entry: &Entry) {
        self.happened(entry.position.epoch, entry.at, &entry.event);
        self.decided(entry.at, entry.goal, entry.effect.as_ref());
    }

    pub(super) fn happened(&mut self, epoch: u64, at: Timestamp, event: &Event) {
        if self.epoch < epoch {
            // Whoever wrote before does not write any more, so nobody will say how its call ended.
            self.lose_call(at);
            self.epoch = epoch;
        }
        self.now = self.now.max(at);
        match event {
            Event::Accepted { intent, past } => self.accept(intent, *past),
            Event::Finished { call, outcome } => self.finish(*call, outcome, at),
            Event::Recovered => self.lose_call(at),
            Event::Woke => {}
            Event::Noticed(payment) => self.evidence.add_payment(payment),
            Event::CancelRequested => {
                self.cancel_requested = true;
                self.renew(at, |id, _| id.step == Step::CancelReservation);
            }
            Event::SignedIn => self.renew(at, |_, refusal| refusal == Refusal::SignInNeeded),
            Event::Settled(id) => {
                self.settled.insert(*id);
            }
            Event::Redriven => {
                self.redriven_at = self.redriven_at.max(Some(at));
                self.renew(at, |id, _| id.step.gives_back() || id.step.reads().is_some());
            }
        }
    }

    pub(super) fn decided(&mut self, at: Timestamp, goal: Goal, effect: Option<&Effect>) {
        match goal {
            Goal::Fulfil => {
                self.giving_back_since = None;
                self.undo_begun = false;
            }
            Goal::GiveBack(_) => {
                self.giving_back_since.get_or_insert(at);
            }
        }
        self.goal = goal;
        self.wake_at = None;
        match effect {
            None => {}
            Some(Effect::WakeAt(at)) => self.wake_at = Some(*at),
            Some(Effect::Call(call)) => {
                let CallId { id, attempt } = call.id();
                // An entry that says how an earlier call ended may be missing here.
                if self.in_flight.as_ref().is_some_and(|in_flight| in_flight.call.id() != call.id()) {
                    self.lose_call(at);
                }
                self.progress
                    .entry(id)
                    .and_modify(|progress| progress.plan(attempt, at))
                    .or_insert_with(|| Progress::begun(attempt, at));
                self.undo_begun |= id.step.gives_back() && goal != Goal::Fulfil;
                self.in_flight = Some(InFlight { call: call.clone(), since: at });
            }
        }
    }

    fn accept(&mut self, intent: &Intent, past: Past) {
        match &self.intent {
            Some(known) => self.two_requests |= known.body != intent.body,
            None => {
                self.intent = Some(Arc::new(intent.clone()));
                if past == Past::Whole {
                    for leg in [Leg::Payment, Leg::Points, Leg::Reservation] {
                        self.sides.entry(leg).or_default().verified_in = self.epoch;
                    }
                }
            }
        }
    }

    fn finish(&mut self, call: CallId, outcome: &Outcome, at: Timestamp) {
        // Evidence counts whoever brings it; the rest only of the call that we wait for.
        if let Outcome::Done(seen) = outcome {
            self.evidence.add(seen);
        }
        let Some(in_flight) = self.in_flight.take_if(|in_flight| in_flight.call.id() == call) else {
            return;
        };
        let call = in_flight.call;
        match outcome {
            Outcome::Done(seen) if shows(&call, seen) => self.succeed(call, at),
            Outcome::Done(_) | Outcome::Unknown | Outcome::Refused(Refusal::StateChanged) => self.lose(&call, at),
            Outcome::Refused(refusal) => self.set_phase(&call, Phase::Refused { at, refusal: *refusal }),
            Outcome::NotSent { retry_after_s } => {
                self.fail(&call, Phase::NotSent { at, retry_after_s: *retry_after_s });
            }
        }
    }

    fn succeed(&mut self, call: Call, at: Timestamp) {
        let step = call.id().id.step;
        self.set_phase(&call, Phase::Done);
        if let Some(progress) = self.progress.get_mut(&call.id().id) {
            progress.failures = 0;
        }
        if let Some(leg) = step.writes_to().or(step.reads()) {
            self.sides.entry(leg).or_default().seen_at = Some(at);
        }
        if let Some(leg) = step.reads() {
            self.conclude(leg, at);
        }
        if let Call::RecordActions { actions, .. } = call {
            self.recorded = actions;
        }
    }

    /// A read has shown all of `leg`: what it did not show did not happen.
    fn conclude(&mut self, leg: Leg, at: Timestamp) {
        self.sides.entry(leg).or_default().verified_in = self.epoch;
        let tries = self.progress.iter_mut().filter(|(id, _)| id.step.writes_to() == Some(leg));
        for (_, progress) in tries {
            if matches!(progress.phase, Phase::Unknown { .. } | Phase::NotSent { .. }) {
                progress.phase = Phase::Absent { at };
            }
        }
    }

    fn lose_call(&mut self, at: Timestamp) {
        if let Some(in_flight) = self.in_flight.take() {
            self.lose(&in_flight.call, at);
        }
    }

    /// The call may have had its effect. Where that does no harm, it is simply made again.
    fn lose(&mut self, call: &Call, at: Timestamp) {
        let phase = match call.id().id.step.writes_to() {
            Some(_) => Phase::Unknown { at },
            None => Phase::NotSent { at, retry_after_s: None },
        };
        self.fail(call, phase);
    }

    fn fail(&mut self, call: &Call, phase: Phase) {
        if let Some(progress) = self.progress.get_mut(&call.id().id) {
            progress.fail(phase);
        }
    }

    fn set_phase(&mut self, call: &Call, phase: Phase) {
        if let Some(progress) = self.progress.get_mut(&call.id().id) {
            progress.phase = phase;
        }
    }

    /// Refusals that no longer hold, and waits that somebody cuts short.
    fn renew(&mut self, at: Timestamp, applies: impl Fn(StepId, Refusal) -> bool) {
        for (id, progress) in &mut self.progress {
            if let Phase::Refused { refusal, .. } = progress.phase
                && applies(*id, refusal)
            {
                progress.renew(at);
            }
        }
    }
}

/// Whether a reply shows what the call was for. One that does not is as good as none, and the partner is read.
fn shows(call: &Call, seen: &Seen) -> bool {
    match (call, seen) {
        (Call::Notify { .. } | Call::RecordActions { .. }, _) => true,
        (Call::Read { leg, .. }, seen) => seen.leg() == Some(*leg),
        (Call::Authorise { attempt, .. }, Seen::Payments(all)) => all.iter().any(|seen| seen.attempt == *attempt),
        (Call::Capture { of, .. }, Seen::Payments(all)) => {
            all.iter().any(|seen| seen.attempt == *of && seen.status == PaymentStatus::Captured)
        }
        (Call::Release { of, .. }, Seen::Payments(all)) => all.iter().any(|seen| {
            seen.attempt == *of && matches!(seen.status, PaymentStatus::Expired | PaymentStatus::Cancelled)
        }),
        (Call::Refund { of, .. }, Seen::Payments(all)) => {
            all.iter().any(|seen| seen.attempt == *of && seen.refund.is_some())
        }
        (Call::Reserve { attempt }, Seen::Reservations(all)) => all.iter().any(|seen| seen.attempt == *attempt),
        (Call::CancelReservation { of, .. }, Seen::Reservations(all)) => {
            all.iter().any(|seen| seen.attempt == *of && seen.status == ReservationStatus::Cancelled)
        }
        (Call::Deduct { attempt, .. }, Seen::Deductions(all)) => all.iter().any(|seen| seen.attempt == *attempt),
        (Call::ReversePoints { of, .. }, Seen::Deductions(all)) => {
            all.iter().any(|seen| seen.attempt == *of && seen.status == DeductionStatus::Reversed)
        }
        _ => false,
    }
}
