//! Giving back: cancel the reservation, let go of the hold or refund the charge, reverse the deduction. What a partner refuses to
//! take back, or cannot be reached for in time, becomes a manual action.

use crate::saga::action::ManualAction;
use crate::saga::call::{Call, Leg, Notice, Step};
use crate::saga::evidence::{DeductionSeen, PaymentSeen, PaymentStatus, RefundStatus, ReservationSeen};
use crate::saga::intent::Payment;
use crate::saga::policy::later;
use crate::saga::state::Reason;
use crate::saga::step::{Decision, Wish, Wishes};

impl Decision<'_> {
    pub(super) fn back(&self, reason: Reason) -> Wishes {
        let mut wishes = Wishes::default();
        // What was taken is known before the reservation goes: if it turns out to be paid, the member has what was asked for.
        let payments_known = !self.has(Leg::Payment) || self.is_known(Leg::Payment, &mut wishes);
        let points_known = !self.has(Leg::Points) || self.is_known(Leg::Points, &mut wishes);
        if !wishes.is_idle() {
            return wishes;
        }
        if self.is_known(Leg::Reservation, &mut wishes) {
            for reservation in self.state.live_reservations() {
                self.cancel(reservation, &mut wishes);
            }
        }
        // A cancellation that the partner may refuse comes before the money: if it is refused, the booking stands.
        if reason == Reason::CancelledByMember && !wishes.is_idle() {
            return wishes;
        }
        if payments_known {
            for payment in self.state.live_payments() {
                self.release_or_refund(payment, &mut wishes);
            }
        }
        if points_known {
            for deduction in self.state.live_deductions() {
                self.reverse(deduction, &mut wishes);
            }
        }
        if self.state.left_a_trace() && wishes.is_idle() {
            wishes.notice = Some(Notice::GivenBack);
        }
        wishes
    }

    /// Of two reservations, payments or deductions one counts.
    pub(super) fn give_back_surplus(&self, wishes: &mut Wishes) {
        let kept = self.state.kept_payment().map(|payment| payment.attempt);
        let payments: Vec<_> = self.state.live_payments().filter(|payment| Some(payment.attempt) != kept).collect();
        if !payments.is_empty() && self.is_known(Leg::Payment, wishes) {
            payments.into_iter().for_each(|payment| self.release_or_refund(payment, wishes));
        }
        let reservations: Vec<_> = self.state.live_reservations().skip(1).collect();
        if !reservations.is_empty() && self.is_known(Leg::Reservation, wishes) {
            reservations.into_iter().for_each(|reservation| self.cancel(reservation, wishes));
        }
        let deductions: Vec<_> = self.state.live_deductions().skip(1).collect();
        if !deductions.is_empty() && self.is_known(Leg::Points, wishes) {
            deductions.into_iter().for_each(|deduction| self.reverse(deduction, wishes));
        }
    }

    fn has(&self, leg: Leg) -> bool {
        self.intent.legs().contains(&leg) || self.state.two_requests
    }

    /// Whether `leg` may be written to; if not, the read is wished for, or a person has to look.
    pub(super) fn is_known(&self, leg: Leg, wishes: &mut Wishes) -> bool {
        match self.read_first(leg) {
            None => return true,
            Some(Wish::Stuck) => {
                wishes.stuck.push(ManualAction { step: leg.read().alone(), amount: self.intent.payment })
            }
            Some(wish) => wishes.add(wish),
        }
        false
    }

    fn cancel(&self, seen: &ReservationSeen, wishes: &mut Wishes) {
        let id = Step::CancelReservation.of(seen.attempt);
        let (of, reference) = (seen.attempt, seen.reference.clone());
        match self.try_again(id, |attempt| Call::CancelReservation { attempt, of, reference }) {
            Wish::Stuck => wishes.stuck.push(ManualAction { step: id, amount: self.intent.payment }),
            wish => wishes.add(wish),
        }
    }

    fn reverse(&self, seen: &DeductionSeen, wishes: &mut Wishes) {
        let id = Step::ReversePoints.of(seen.attempt);
        let (of, amount) = (seen.attempt, seen.amount);
        match self.try_again(id, |attempt| Call::ReversePoints { attempt, of, amount }) {
            Wish::Stuck => wishes.stuck.push(ManualAction { step: id, amount: Payment::Points(amount) }),
            wish => wishes.add(wish),
        }
    }

    fn release_or_refund(&self, seen: &PaymentSeen, wishes: &mut Wishes) {
        let of = seen.attempt;
        let (release, refund) = (Step::Release.of(of), Step::Refund.of(of));
        let Payment::Card(amount) = self.intent.payment else {
            wishes.stuck.push(ManualAction { step: refund, amount: self.intent.payment });
            return;
        };
        let intent = seen.intent.clone();
        let (id, wish) = match (seen.status, seen.refund) {
            (PaymentStatus::Captured, None) => {
                (refund, self.try_again(refund, |attempt| Call::Refund { attempt, of, intent, amount }))
            }
            (PaymentStatus::Captured, Some(RefundStatus::Pending)) => {
                (Step::ReadPayment.alone(), self.poll(Leg::Payment, self.policy.poll))
            }
            // The bank sent it back; a second refund would go the same way.
            (PaymentStatus::Captured, Some(_)) => (refund, Wish::Stuck),
            _ => {
                let session = seen.session.clone();
                let wish = self.try_again(release, |attempt| Call::Release { attempt, of, session, intent });
                match wish {
                    // A hold lapses and a session expires without us.
                    Wish::Stuck => (Step::ReadPayment.alone(), self.await_lapse(seen)),
                    wish => (release, wish),
                }
            }
        };
        match wish {
            Wish::Stuck => wishes.stuck.push(ManualAction { step: id, amount: self.intent.payment }),
            wish => wishes.add(wish),
        }
    }

    fn await_lapse(&self, seen: &PaymentSeen) -> Wish {
        let end = match seen.status {
            PaymentStatus::Open => seen.expires_at,
            _ => seen.capture_before,
        };
        match end.map(|end| later(end, self.policy.settle)) {
            Some(end) if self.state.now < end => Wish::Wait(end),
            _ => self.poll(Leg::Payment, self.policy.poll),
        }
    }
}
