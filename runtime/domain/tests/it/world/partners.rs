//! Three partners and their ledgers, which are the judges.

use como_domain::money::{Currency, Money, Points};
use como_domain::saga::call::{Call, Leg, Step, StepId};
use como_domain::saga::event::{Outcome, Refusal};
use como_domain::saga::evidence::{
    DeductionSeen, DeductionStatus, Evidence, PaymentSeen, PaymentStatus, RefundStatus, ReservationSeen,
    ReservationStatus, Seen,
};
use jiff::Timestamp;

pub(crate) const PRICE: Money = Money::from_minor(12_800, Currency::Sgd);
pub(crate) const POINTS: Points = Points::from_hundredths(50_000);

/// How long a card's hold lasts.
pub(crate) const HOLD_S: i64 = 9_000;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Partners {
    pub(crate) payments: Vec<Payment>,
    pub(crate) reservations: Vec<Reservation>,
    pub(crate) deductions: Vec<Deduction>,
    pub(crate) mails: u32,
    /// Webhooks on their way.
    pub(crate) webhooks: Vec<PaymentSeen>,
    pub(crate) down: Option<Leg>,
    /// Whether Memberson accepts the member's ProfileToken.
    pub(crate) token_expired: bool,
    pub(crate) terms: Terms,
}

/// What the partners offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Terms {
    pub(crate) reversal: bool,
    pub(crate) cancellation: bool,
    /// Whether Memberson notices that a receipt number was there before.
    pub(crate) unique_receipts: bool,
}

impl Terms {
    pub(crate) const STANDARD: Self = Self { reversal: true, cancellation: true, unique_receipts: false };
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Payment {
    pub(crate) attempt: u16,
    pub(crate) status: PaymentStatus,
    pub(crate) expires_at: i64,
    pub(crate) capture_before: i64,
    pub(crate) captures: u32,
    /// By idempotency key.
    pub(crate) refunds: Vec<(u16, RefundStatus)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Reservation {
    pub(crate) attempt: u16,
    pub(crate) cancelled: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Deduction {
    pub(crate) attempt: u16,
    pub(crate) reversals: u32,
}

/// The key of what a person paid back in another way, of which Stripe knows nothing.
pub(crate) const BY_HAND: u16 = u16::MAX;

impl Payment {
    /// Refunds that Stripe knows of and that may still fail.
    pub(crate) fn can_fail(&self) -> bool {
        self.stripe_refunds().any(|(_, status)| *status != RefundStatus::Failed)
    }

    fn stripe_refunds(&self) -> impl Iterator<Item = &(u16, RefundStatus)> {
        self.refunds.iter().filter(|(key, _)| *key != BY_HAND)
    }

    fn seen(&self) -> PaymentSeen {
        let authorised = PaymentStatus::Authorised <= self.status;
        PaymentSeen {
            attempt: self.attempt,
            status: self.status,
            session: Some(format!("cs_{}", self.attempt)),
            url: Some(format!("https://pay.example/{}", self.attempt)),
            intent: authorised.then(|| format!("pi_{}", self.attempt)),
            expires_at: Timestamp::from_second(self.expires_at).ok(),
            capture_before: authorised.then(|| Timestamp::from_second(self.capture_before).unwrap()),
            refund: self.stripe_refunds().map(|(_, status)| *status).max(),
        }
    }
}

impl Partners {
    pub(crate) const fn new(terms: Terms) -> Self {
        Self {
            payments: Vec::new(),
            reservations: Vec::new(),
            deductions: Vec::new(),
            mails: 0,
            webhooks: Vec::new(),
            down: None,
            token_expired: false,
            terms,
        }
    }

    /// Ledgers that hold what was seen of them.
    pub(crate) fn hold(&mut self, evidence: &Evidence) {
        self.payments = evidence
            .payments()
            .map(|seen| Payment {
                attempt: seen.attempt,
                status: seen.status,
                expires_at: seen.expires_at.map_or(i64::MAX, Timestamp::as_second),
                capture_before: seen.capture_before.map_or(i64::MAX, Timestamp::as_second),
                captures: u32::from(seen.status == PaymentStatus::Captured),
                refunds: seen.refund.map(|status| (1, status)).into_iter().collect(),
            })
            .collect();
        self.reservations = evidence
            .reservations()
            .map(|seen| Reservation { attempt: seen.attempt, cancelled: seen.status == ReservationStatus::Cancelled })
            .collect();
        self.deductions = evidence
            .deductions()
            .map(|seen| Deduction {
                attempt: seen.attempt,
                reversals: u32::from(seen.status == DeductionStatus::Reversed),
            })
            .collect();
    }

    /// A person does what a manual action asks for.
    pub(crate) fn settle(&mut self, step: StepId) {
        match step.step {
            Step::CancelReservation => {
                self.reservations.iter_mut().filter(|seen| seen.attempt == step.of).for_each(|seen| {
                    seen.cancelled = true;
                });
            }
            Step::ReversePoints => {
                self.deductions.iter_mut().filter(|seen| seen.attempt == step.of).for_each(|seen| {
                    seen.reversals += 1;
                });
            }
            Step::Refund => {
                for payment in self.payments.iter_mut().filter(|payment| payment.attempt == step.of) {
                    payment.refunds.push((BY_HAND, RefundStatus::Succeeded));
                }
            }
            _ => {}
        }
    }

    /// Does what `call` asks for and says what the reply shows.
    pub(crate) fn execute(&mut self, call: &Call, now: i64) -> Outcome {
        match call {
            Call::Authorise { attempt, expires_at, .. } => self.authorise(*attempt, expires_at.as_second()),
            Call::Reserve { attempt } => {
                self.reservations.push(Reservation { attempt: *attempt, cancelled: false });
                Outcome::Done(Seen::Reservations(vec![reservation(*attempt, ReservationStatus::Booked)]))
            }
            Call::Capture { of, .. } => self.on_payment(*of, |payment| match payment.status {
                PaymentStatus::Authorised => {
                    payment.status = PaymentStatus::Captured;
                    payment.captures += 1;
                    true
                }
                _ => false,
            }),
            Call::Release { of, session, intent, .. } => self.on_payment(*of, |payment| {
                // A session can be expired while it is open, an intent cancelled while it is not captured.
                match (payment.status, session.is_some(), intent.is_some()) {
                    (PaymentStatus::Open, true, _) => payment.status = PaymentStatus::Expired,
                    (PaymentStatus::Authorised, _, true) => payment.status = PaymentStatus::Cancelled,
                    _ => return false,
                }
                true
            }),
            Call::Refund { of, attempt, .. } => {
                let attempt = *attempt;
                self.on_payment(*of, |payment| {
                    if payment.status != PaymentStatus::Captured {
                        return false;
                    }
                    if payment.refunds.iter().all(|(key, _)| *key != attempt) {
                        payment.refunds.push((attempt, RefundStatus::Succeeded));
                    }
                    true
                })
            }
            Call::Deduct { attempt, .. } => self.deduct(*attempt),
            Call::CancelReservation { of, .. } => self.cancel(*of),
            Call::ReversePoints { of, .. } => self.reverse(*of),
            Call::Notify { .. } => {
                self.mails += 1;
                Outcome::Done(Seen::Nothing)
            }
            Call::RecordActions { .. } => Outcome::Done(Seen::Nothing),
            Call::Read { leg, .. } => {
                self.pass(now);
                Outcome::Done(self.read(*leg))
            }
        }
    }

    /// What happens by itself as time passes.
    pub(crate) fn pass(&mut self, now: i64) {
        for payment in &mut self.payments {
            let lapsed = match payment.status {
                PaymentStatus::Open if payment.expires_at <= now => PaymentStatus::Expired,
                PaymentStatus::Authorised if payment.capture_before <= now => PaymentStatus::Cancelled,
                _ => continue,
            };
            payment.status = lapsed;
            self.webhooks.push(payment.seen());
        }
    }

    /// The member pays on Stripe's page.
    pub(crate) fn pay(&mut self, now: i64) -> bool {
        let Some(payment) = self.payments.iter_mut().find(|payment| payment.status == PaymentStatus::Open) else {
            return false;
        };
        payment.status = PaymentStatus::Authorised;
        payment.capture_before = now + HOLD_S;
        let seen = payment.seen();
        self.webhooks.push(seen);
        true
    }

    /// The bank sends a refund back.
    pub(crate) fn fail_refund(&mut self) -> bool {
        let Some(payment) = self.payments.iter_mut().find(|payment| payment.can_fail()) else {
            return false;
        };
        let mut standing =
            payment.refunds.iter_mut().filter(|(key, status)| *key != BY_HAND && *status != RefundStatus::Failed);
        let Some((_, status)) = standing.next() else {
            return false;
        };
        *status = RefundStatus::Failed;
        let seen = payment.seen();
        self.webhooks.push(seen);
        true
    }

    pub(crate) fn read(&self, leg: Leg) -> Seen {
        match leg {
            Leg::Payment => Seen::Payments(self.payments.iter().map(Payment::seen).collect()),
            Leg::Reservation => Seen::Reservations(
                self.reservations
                    .iter()
                    .map(|seen| match seen.cancelled {
                        true => reservation(seen.attempt, ReservationStatus::Cancelled),
                        false => reservation(seen.attempt, ReservationStatus::Booked),
                    })
                    .collect(),
            ),
            Leg::Points => Seen::Deductions(
                self.deductions
                    .iter()
                    .map(|seen| match seen.reversals {
                        0 => deduction(seen.attempt, DeductionStatus::Deducted),
                        _ => deduction(seen.attempt, DeductionStatus::Reversed),
                    })
                    .collect(),
            ),
        }
    }

    fn authorise(&mut self, attempt: u16, expires_at: i64) -> Outcome {
        if let Some(payment) = self.payments.iter().find(|payment| payment.attempt == attempt) {
            // Stripe answers the same key as it did the first time.
            let first = Payment { status: PaymentStatus::Open, refunds: Vec::new(), ..payment.clone() };
            return Outcome::Done(Seen::Payments(vec![first.seen()]));
        }
        let payment = Payment {
            attempt,
            status: PaymentStatus::Open,
            expires_at,
            capture_before: i64::MAX,
            captures: 0,
            refunds: Vec::new(),
        };
        let seen = payment.seen();
        self.payments.push(payment);
        Outcome::Done(Seen::Payments(vec![seen]))
    }

    fn on_payment(&mut self, of: u16, change: impl FnOnce(&mut Payment) -> bool) -> Outcome {
        let Some(payment) = self.payments.iter_mut().find(|payment| payment.attempt == of) else {
            return Outcome::Refused(Refusal::Invalid);
        };
        if !change(payment) {
            return Outcome::Refused(Refusal::StateChanged);
        }
        let seen = payment.seen();
        if !self.webhooks.contains(&seen) {
            self.webhooks.push(seen.clone());
        }
        Outcome::Done(Seen::Payments(vec![seen]))
    }

    fn deduct(&mut self, attempt: u16) -> Outcome {
        if self.token_expired {
            return Outcome::Refused(Refusal::SignInNeeded);
        }
        let known = self.deductions.iter().any(|deduction| deduction.attempt == attempt);
        if !(known && self.terms.unique_receipts) {
            self.deductions.push(Deduction { attempt, reversals: 0 });
        }
        Outcome::Done(Seen::Deductions(vec![deduction(attempt, DeductionStatus::Deducted)]))
    }

    fn cancel(&mut self, of: u16) -> Outcome {
        if !self.terms.cancellation {
            return Outcome::Refused(Refusal::NotOffered);
        }
        let mut booked = self.reservations.iter_mut().filter(|seen| seen.attempt == of && !seen.cancelled);
        let Some(seen) = booked.next() else {
            return Outcome::Refused(Refusal::StateChanged);
        };
        seen.cancelled = true;
        Outcome::Done(Seen::Reservations(vec![reservation(of, ReservationStatus::Cancelled)]))
    }

    fn reverse(&mut self, of: u16) -> Outcome {
        if !self.terms.reversal {
            return Outcome::Refused(Refusal::NotOffered);
        }
        let Some(seen) = self.deductions.iter_mut().find(|seen| seen.attempt == of) else {
            return Outcome::Refused(Refusal::StateChanged);
        };
        seen.reversals += 1;
        Outcome::Done(Seen::Deductions(vec![deduction(of, DeductionStatus::Reversed)]))
    }
}

fn reservation(attempt: u16, status: ReservationStatus) -> ReservationSeen {
    ReservationSeen { attempt, status, reference: Some(format!("R{attempt}")) }
}

fn deduction(attempt: u16, status: DeductionStatus) -> DeductionSeen {
    DeductionSeen { attempt, amount: POINTS, status }
}
