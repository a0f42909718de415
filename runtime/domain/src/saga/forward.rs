//! Fulfilling. By card: authorise, reserve, capture, e-mail. With points: reserve, deduct, e-mail. The slot comes before the
//! points, since a reservation can be cancelled and points can, as far as is known, only be taken.

use crate::saga::call::{Call, Leg, Notice, Step};
use crate::saga::evidence::PaymentStatus;
use crate::saga::intent::Payment;
use crate::saga::policy::later;
use crate::saga::step::{Decision, Wish, Wishes};

impl Decision<'_> {
    pub(super) fn forward(&self) -> Wishes {
        let mut wishes = Wishes::default();
        if self.state.is_complete() {
            self.give_back_surplus(&mut wishes);
            wishes.notice = Some(Notice::Confirmed);
            return wishes;
        }
        for leg in self.intent.legs() {
            if let Some(wish) = self.read_first(leg) {
                wishes.add(self.or_until_deadline(wish));
                return wishes;
            }
        }
        self.give_back_surplus(&mut wishes);
        if wishes.is_idle() {
            let wish = match self.intent.payment {
                Payment::Card(_) => self.by_card(),
                Payment::Points(_) => self.with_points(),
            };
            wishes.add(self.or_until_deadline(wish));
        }
        wishes
    }

    fn by_card(&self) -> Wish {
        let Payment::Card(amount) = self.intent.payment else {
            return Wish::Stuck;
        };
        let Some(payment) = self.state.kept_payment() else {
            let expires_at = later(self.state.now, self.policy.session_lasts);
            return self.try_again(Step::Authorise.alone(), |attempt| Call::Authorise { attempt, amount, expires_at });
        };
        match payment.status {
            PaymentStatus::Open => self.poll(Leg::Payment, self.policy.poll),
            PaymentStatus::Authorised if self.state.kept_reservation().is_some() => {
                let (of, intent) = (payment.attempt, payment.intent.clone());
                self.try_again(Step::Capture.of(of), |attempt| Call::Capture { attempt, of, intent, amount })
            }
            PaymentStatus::Authorised | PaymentStatus::Captured => self.reserve(),
            PaymentStatus::Expired | PaymentStatus::Cancelled => Wish::Stuck,
        }
    }

    fn with_points(&self) -> Wish {
        let Payment::Points(amount) = self.intent.payment else {
            return Wish::Stuck;
        };
        match self.state.kept_reservation() {
            None => self.reserve(),
            Some(_) => self.try_again(Step::Deduct.alone(), |attempt| Call::Deduct { attempt, amount }),
        }
    }

    fn reserve(&self) -> Wish {
        self.try_again(Step::Reserve.alone(), |attempt| Call::Reserve { attempt })
    }

    /// Whoever cannot go on waits for the member, and at the longest until time is up.
    fn or_until_deadline(&self, wish: Wish) -> Wish {
        match wish {
            Wish::Stuck => Wish::Wait(self.latest()),
            wish => wish,
        }
    }
}
