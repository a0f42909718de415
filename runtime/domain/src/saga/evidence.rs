//! What partners have shown of a saga, by the number of the attempt that made it. Evidence only grows.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::money::Points;
use crate::saga::call::Leg;

/// What a reply, a read or a webhook shows. As the answer of a read it is everything that the partner holds for the saga.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    Payments(Vec<PaymentSeen>),
    Reservations(Vec<ReservationSeen>),
    Deductions(Vec<DeductionSeen>),
    /// Of calls that show nothing.
    Nothing,
}

impl Seen {
    #[must_use]
    pub const fn leg(&self) -> Option<Leg> {
        match self {
            Self::Payments(_) => Some(Leg::Payment),
            Self::Reservations(_) => Some(Leg::Reservation),
            Self::Deductions(_) => Some(Leg::Points),
            Self::Nothing => None,
        }
    }
}

/// A Checkout Session with its PaymentIntent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PaymentSeen {
    /// Of the [`Step::Authorise`](crate::saga::call::Step::Authorise) that made it, as its metadata says.
    pub attempt: u16,
    pub status: PaymentStatus,
    pub session: Option<String>,
    /// Where the member pays.
    pub url: Option<String>,
    pub intent: Option<String>,
    /// When the session closes if nobody has paid.
    pub expires_at: Option<Timestamp>,
    /// When the hold on the card lapses.
    pub capture_before: Option<Timestamp>,
    pub refund: Option<RefundStatus>,
}

/// A payment's way is open, authorised, captured; it ends early as expired (nobody paid) or cancelled (the hold was let go).
/// The order is that of evidence: what stands later wins over what stands earlier. A session that was said to have expired and
/// then turns out authorised is authorised, so that a payment which came late is let go and not forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    Open,
    Expired,
    Authorised,
    Cancelled,
    Captured,
}

/// A refund of the whole charge; one that succeeded may still fail, days later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    Pending,
    Succeeded,
    Failed,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ReservationSeen {
    /// Of the [`Step::Reserve`](crate::saga::call::Step::Reserve) that made it, as its external id says.
    pub attempt: u16,
    pub status: ReservationStatus,
    pub reference: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReservationStatus {
    Booked,
    Cancelled,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DeductionSeen {
    /// Of the [`Step::Deduct`](crate::saga::call::Step::Deduct) that made it, as its receipt number says.
    pub attempt: u16,
    pub amount: Points,
    pub status: DeductionStatus,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeductionStatus {
    Deducted,
    Reversed,
}

/// All that was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Evidence {
    payments: BTreeMap<u16, PaymentSeen>,
    reservations: BTreeMap<u16, ReservationSeen>,
    deductions: BTreeMap<u16, DeductionSeen>,
}

impl Evidence {
    pub fn add(&mut self, seen: &Seen) {
        match seen {
            Seen::Payments(payments) => payments.iter().for_each(|payment| self.add_payment(payment)),
            Seen::Reservations(reservations) => reservations.iter().for_each(|seen| self.add_reservation(seen)),
            Seen::Deductions(deductions) => deductions.iter().for_each(|seen| self.add_deduction(seen)),
            Seen::Nothing => {}
        }
    }

    pub fn add_payment(&mut self, seen: &PaymentSeen) {
        let Some(known) = self.payments.get_mut(&seen.attempt) else {
            self.payments.insert(seen.attempt, seen.clone());
            return;
        };
        known.status = known.status.max(seen.status);
        known.refund = known.refund.max(seen.refund);
        complete(&mut known.session, seen.session.as_ref());
        complete(&mut known.url, seen.url.as_ref());
        complete(&mut known.intent, seen.intent.as_ref());
        // The nearer end is the careful one.
        known.expires_at = earlier(known.expires_at, seen.expires_at);
        known.capture_before = earlier(known.capture_before, seen.capture_before);
    }

    fn add_reservation(&mut self, seen: &ReservationSeen) {
        let Some(known) = self.reservations.get_mut(&seen.attempt) else {
            self.reservations.insert(seen.attempt, seen.clone());
            return;
        };
        known.status = known.status.max(seen.status);
        complete(&mut known.reference, seen.reference.as_ref());
    }

    fn add_deduction(&mut self, seen: &DeductionSeen) {
        let Some(known) = self.deductions.get_mut(&seen.attempt) else {
            self.deductions.insert(seen.attempt, seen.clone());
            return;
        };
        known.status = known.status.max(seen.status);
        known.amount = known.amount.max(seen.amount);
    }

    pub fn payments(&self) -> impl Iterator<Item = &PaymentSeen> {
        self.payments.values()
    }

    pub fn reservations(&self) -> impl Iterator<Item = &ReservationSeen> {
        self.reservations.values()
    }

    pub fn deductions(&self) -> impl Iterator<Item = &DeductionSeen> {
        self.deductions.values()
    }

    /// The highest attempt of `leg` that has left a trace.
    pub(crate) fn highest_attempt(&self, leg: Leg) -> u16 {
        let last = match leg {
            Leg::Payment => self.payments.keys().next_back(),
            Leg::Reservation => self.reservations.keys().next_back(),
            Leg::Points => self.deductions.keys().next_back(),
        };
        last.copied().unwrap_or(0)
    }
}

fn earlier(known: Option<Timestamp>, seen: Option<Timestamp>) -> Option<Timestamp> {
    match (known, seen) {
        (Some(known), Some(seen)) => Some(known.min(seen)),
        (known, seen) => known.or(seen),
    }
}

/// The greater of two texts, so that the order of arrival does not matter; in truth a partner gives a thing one name.
fn complete(known: &mut Option<String>, seen: Option<&String>) {
    if known.as_ref() < seen {
        *known = seen.cloned();
    }
}
