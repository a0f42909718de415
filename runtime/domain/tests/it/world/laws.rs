//! The invariants I1 to I8, judged by the partners' ledgers.

use como_domain::saga::action::{ManualAction, ManualActionKind};
use como_domain::saga::evidence::{PaymentStatus, RefundStatus};
use como_domain::saga::intent::Payment;
use como_domain::saga::view::{Status, view};

use super::partners;
use super::run::{BY_CARD, WITH_POINTS, World};

/// What is broken, in words; `None` when all is well.
pub(crate) type Verdict = Option<String>;

/// What the ledgers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ledgers {
    booked: usize,
    charged: usize,
    deducted: usize,
    held: usize,
}

impl World {
    pub(crate) fn actions(&self) -> Vec<ManualAction> {
        view(&self.policy, self.state()).map_or_else(Vec::new, |view| view.open_actions)
    }

    fn ledgers(&self) -> Ledgers {
        let partners = &self.partners;
        Ledgers {
            booked: partners.reservations.iter().filter(|seen| !seen.cancelled).count(),
            charged: partners.payments.iter().filter(|payment| is_charge(payment)).count(),
            deducted: partners.deductions.iter().filter(|seen| seen.reversals == 0).count(),
            held: partners
                .payments
                .iter()
                .filter(|payment| matches!(payment.status, PaymentStatus::Open | PaymentStatus::Authorised))
                .count(),
        }
    }

    /// What holds at every moment.
    pub(crate) fn always(&self) -> Verdict {
        let Ledgers { booked, deducted, .. } = self.ledgers();
        let captures: u32 = self.partners.payments.iter().map(|payment| payment.captures).sum();
        if 1 < captures {
            return broken("I1: charged twice");
        }
        if self.partners.payments.iter().any(|payment| 1 < standing_refunds(payment)) {
            return broken("I8: refunded more than was charged");
        }
        if 1 < deducted {
            return broken("I3: points taken twice");
        }
        if self.partners.deductions.iter().any(|seen| 1 < seen.reversals) {
            return broken("I3: points given back twice");
        }
        if 1 < booked {
            return broken("I2: booked twice");
        }
        None
    }

    /// What holds when nothing is due any more.
    pub(crate) fn at_rest(&self) -> Verdict {
        let Some(view) = view(&self.policy, self.state()) else {
            return broken("I5: an accepted request is gone");
        };
        let ledgers = self.ledgers();
        if view.open_actions.iter().any(|action| action.kind() == ManualActionKind::Verify) {
            // Nobody can know before a person has looked; the search goes on from there.
            return match view.status {
                Status::WithOperator(_) => None,
                other => broken(&format!("I5: {other:?}, though a person has to look")),
            };
        }
        let open = |kind| view.open_actions.iter().filter(|action| action.kind() == kind).count();
        if view.open_actions.iter().any(|action| action.amount != expected(action)) {
            return broken("a manual action has another amount than the ledgers' difference");
        }
        let booked = ledgers.booked.checked_sub(open(ManualActionKind::CancelReservation));
        let charged = ledgers.charged.checked_sub(open(ManualActionKind::RefundCharge));
        let deducted = ledgers.deducted.checked_sub(open(ManualActionKind::CreditPoints));
        let (Some(booked), Some(charged), Some(deducted)) = (booked, charged, deducted) else {
            return broken("a manual action asks for what is settled already");
        };
        let is_confirmed = view.status == Status::Confirmed;
        let paid = charged + deducted;
        match (is_confirmed, booked, paid) {
            (true, 1, 1) | (false, 0, 0) => {}
            (_, 0, 1..) => return broken(&format!("I2, I3: paid and not booked: {ledgers:?}, {:?}", view.status)),
            (_, 1.., 0) => return broken(&format!("I4: booked and not paid: {ledgers:?}, {:?}", view.status)),
            _ => return broken(&format!("I2: {ledgers:?} and {:?}", view.status)),
        }
        if ledgers.held != 0 {
            return broken(&format!("I2: money is still held: {:?}", view.status));
        }
        match view.status {
            Status::Confirmed | Status::GivenBack(_) if view.open_actions.is_empty() => None,
            Status::WithOperator(_) if !view.open_actions.is_empty() => None,
            other => broken(&format!("I5: at rest and {other:?}")),
        }
    }
}

fn expected(action: &ManualAction) -> Payment {
    match (action.kind(), action.amount) {
        (ManualActionKind::RefundCharge, _) | (_, Payment::Card(_)) => BY_CARD,
        _ => WITH_POINTS,
    }
}

fn standing_refunds(payment: &partners::Payment) -> usize {
    payment.refunds.iter().filter(|(_, status)| *status != RefundStatus::Failed).count()
}

fn is_charge(payment: &partners::Payment) -> bool {
    payment.status == PaymentStatus::Captured && standing_refunds(payment) == 0
}

fn broken(what: &str) -> Verdict {
    Some(what.to_owned())
}
