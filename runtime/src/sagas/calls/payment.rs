//! Stripe's side: a Checkout Session on which the member authorises, then capture, or the way back.

use std::time::Duration;

use como_domain::identifier::{CheckoutId, PaymentId};
use como_domain::money::Money;
use como_domain::partner::PartnerError;
use como_domain::payment::{
    Checkout, CheckoutRequest, CheckoutStatus, Opened, Payment, PaymentStatus, Refund, RefundRequest, RefundStatus,
};
use como_domain::saga::call::{Call, CallId, Step};
use como_domain::saga::effect::Effect;
use como_domain::saga::event::{Outcome, Past, Refusal};
use como_domain::saga::evidence as seen;
use como_domain::saga::evidence::{PaymentSeen, Seen};
use como_domain::saga::policy::{earlier, later};
use jiff::Timestamp;

use crate::sagas::calls::outcome::{failed, unsent};
use crate::sagas::calls::partners::{About, Partners, settled};

/// Stripe's clock and ours may differ by as much.
const AROUND: Duration = Duration::from_secs(120);
/// How long before our own acceptance another region may have opened a checkout for the same request.
const BEFORE_TAKE_OVER: Duration = Duration::from_secs(24 * 3_600);

impl Partners {
    pub(super) async fn authorise(&self, about: About<'_>, amount: Money, expires_at: Timestamp) -> Outcome {
        let made = async {
            let key = about.key()?;
            // The address on the card page is a convenience; without it the member types it.
            let contact = self.contacts.contact(&about.intent.member).await.ok().flatten();
            let request = CheckoutRequest {
                reference: key.to_string(),
                title: self.title(about.intent).await,
                unit_price: amount,
                quantity: 1,
                success_url: self.pages.success.clone(),
                cancel_url: self.pages.cancel.clone(),
                expires_at,
                email: contact.and_then(|contact| contact.email),
            };
            let checkout = self.payments.open_checkout(&key, &request).await.map_err(failed)?;
            Ok(done(shown(about.id.attempt, &checkout, None, &[])))
        };
        settled(made.await)
    }

    pub(super) async fn capture(&self, about: About<'_>, of: u16, intent: Option<&str>) -> Outcome {
        let made = async {
            let payment = self.payments.capture(&about.key()?, &payment_id(intent)?).await.map_err(failed)?;
            Ok(done(known(about, of, &payment, None)))
        };
        settled(made.await)
    }

    /// Which of the two ways a payment is let go of hangs on how far the member is, which only Stripe knows.
    pub(super) async fn release(
        &self,
        about: About<'_>,
        of: u16,
        session: Option<&str>,
        intent: Option<&str>,
    ) -> Outcome {
        let made = async {
            let key = about.key()?;
            let Some(session) = session else {
                let payment = self.payments.release(&key, &payment_id(intent)?).await.map_err(failed)?;
                return Ok(done(known(about, of, &payment, None)));
            };
            let id = CheckoutId::try_from(session).map_err(|_| Outcome::Refused(Refusal::Invalid))?;
            let checkout = self.payments.checkout(&id).await.map_err(unsent)?;
            let Some(checkout) = checkout.map(|read| read.value) else {
                return Err(Outcome::Refused(Refusal::Invalid));
            };
            match (&checkout.status, &checkout.payment) {
                (CheckoutStatus::Expired, None) => Ok(done(shown(of, &checkout, None, &[]))),
                (CheckoutStatus::Complete, Some(payment)) => {
                    let payment = self.payments.release(&key, payment).await.map_err(failed)?;
                    Ok(done(shown(of, &checkout, Some(&payment), &[])))
                }
                (CheckoutStatus::Expired, Some(payment)) => {
                    let payment = self.payments.payment(payment).await.map_err(unsent)?.map(|read| read.value);
                    Ok(done(shown(of, &checkout, payment.as_ref(), &[])))
                }
                _ => {
                    let closed = self.payments.expire_checkout(&key, &id).await.map_err(failed)?;
                    Ok(done(shown(of, &closed, None, &[])))
                }
            }
        };
        settled(made.await)
    }

    pub(super) async fn refund(&self, about: About<'_>, of: u16, intent: Option<&str>, amount: Money) -> Outcome {
        let made = async {
            let key = about.key()?;
            let payment = payment_id(intent)?;
            let request = RefundRequest { payment, amount, reference: key.to_string() };
            let refund = self.payments.refund(&key, &request).await.map_err(failed)?;
            Ok(done(PaymentSeen {
                attempt: of,
                status: seen::PaymentStatus::Captured,
                session: None,
                url: None,
                intent: intent.map(str::to_owned),
                expires_at: None,
                capture_before: None,
                refund: whole_refund(&[refund]),
            }))
        };
        settled(made.await)
    }

    /// Sessions that are known are read by their names. Where one may be missing, all of the time are looked through.
    pub(super) async fn read_payments(&self, about: About<'_>) -> Outcome {
        let read = async {
            let mut found = Vec::new();
            for (attempt, checkout) in self.checkouts(about).await? {
                let payment = match &checkout.payment {
                    Some(id) => self.payments.payment(id).await.map_err(unread)?.map(|read| read.value),
                    None => None,
                };
                let refunds = match &payment {
                    Some(payment) if payment.status == PaymentStatus::Captured => {
                        self.payments.refunds(&payment.id).await.map_err(unread)?.value
                    }
                    _ => Vec::new(),
                };
                found.push(shown(attempt, &checkout, payment.as_ref(), &refunds));
            }
            Ok(Outcome::Done(Seen::Payments(found)))
        };
        settled(read.await)
    }

    async fn checkouts(&self, about: About<'_>) -> Result<Vec<(u16, Checkout)>, Outcome> {
        let evidence = about.reading.state.evidence();
        let known: Vec<(u16, &str)> =
            evidence.payments().filter_map(|seen| Some((seen.attempt, seen.session.as_deref()?))).collect();
        if !may_be_missing(about, &known) {
            let mut checkouts = Vec::new();
            for (attempt, session) in known {
                let id = CheckoutId::try_from(session).map_err(|_| Outcome::Unknown)?;
                let checkout = self.payments.checkout(&id).await.map_err(unread)?.ok_or(Outcome::Unknown)?;
                checkouts.push((attempt, checkout.value));
            }
            return Ok(checkouts);
        }
        let all = self.payments.checkouts_of(&about.reference()?, opened(about, self.clock.now())).await;
        let own = all.map_err(unread)?.value.into_iter().filter_map(|checkout| {
            let call = CallId::from_partner_key(checkout.reference.as_deref()?, about.saga)?;
            (call.id.step == Step::Authorise).then_some((call.attempt, checkout))
        });
        Ok(own.collect())
    }
}

/// A try that has left no trace, or another region that may have made one.
fn may_be_missing(about: About<'_>, known: &[(u16, &str)]) -> bool {
    let Some(accepted) = &about.reading.accepted else { return true };
    let mut tries = authorised(about);
    accepted.past == Past::MayBeMissing
        || accepted.epoch < about.reading.state.epoch()
        || known.is_empty()
        || tries.any(|attempt| !known.iter().any(|(other, _)| *other == attempt))
}

fn authorised(about: About<'_>) -> impl Iterator<Item = u16> {
    about.reading.journal.entries().filter_map(|entry| match &entry.effect {
        Some(Effect::Call(Call::Authorise { attempt, .. })) => Some(*attempt),
        _ => None,
    })
}

fn opened(about: About<'_>, now: Timestamp) -> Opened {
    let accepted = about.reading.accepted.as_ref();
    let since = accepted.map_or(now, |accepted| accepted.at);
    let is_whole =
        accepted.is_some_and(|accepted| accepted.past == Past::Whole && accepted.epoch == about.reading.state.epoch());
    let before = if is_whole { AROUND } else { BEFORE_TAKE_OVER };
    Opened { from: earlier(since, before), to: later(now, AROUND) }
}

fn payment_id(intent: Option<&str>) -> Result<PaymentId, Outcome> {
    // Without its name the payment has to be looked for.
    let intent = intent.ok_or(Outcome::Refused(Refusal::StateChanged))?;
    PaymentId::try_from(intent).map_err(|_| Outcome::Refused(Refusal::Invalid))
}

/// A read that did not come to its end shows nothing.
fn unread(error: PartnerError) -> Outcome {
    unsent(error)
}

fn done(seen: PaymentSeen) -> Outcome {
    Outcome::Done(Seen::Payments(vec![seen]))
}

/// A payment whose session is on record already.
fn known(about: About<'_>, of: u16, payment: &Payment, refund: Option<seen::RefundStatus>) -> PaymentSeen {
    let session = about.reading.state.evidence().payments().find(|seen| seen.attempt == of);
    PaymentSeen {
        attempt: of,
        status: status_of(&payment.status, false),
        session: session.and_then(|seen| seen.session.clone()),
        url: None,
        intent: Some(payment.id.to_string()),
        expires_at: None,
        capture_before: payment.capture_before,
        refund,
    }
}

fn shown(attempt: u16, checkout: &Checkout, payment: Option<&Payment>, refunds: &[Refund]) -> PaymentSeen {
    let is_expired = checkout.status == CheckoutStatus::Expired;
    let status = match payment {
        Some(payment) => status_of(&payment.status, is_expired),
        None if is_expired => seen::PaymentStatus::Expired,
        None => seen::PaymentStatus::Open,
    };
    PaymentSeen {
        attempt,
        status,
        session: Some(checkout.id.to_string()),
        url: checkout.page.clone(),
        intent: checkout.payment.as_ref().map(ToString::to_string),
        expires_at: checkout.expires_at,
        capture_before: payment.and_then(|payment| payment.capture_before),
        refund: whole_refund(refunds),
    }
}

/// Nobody has held anything on a card whose session has run out before it was confirmed, whatever became of its intent.
fn status_of(status: &PaymentStatus, is_expired: bool) -> seen::PaymentStatus {
    match status {
        PaymentStatus::Authorised => seen::PaymentStatus::Authorised,
        PaymentStatus::Captured => seen::PaymentStatus::Captured,
        PaymentStatus::Cancelled if !is_expired => seen::PaymentStatus::Cancelled,
        _ if is_expired => seen::PaymentStatus::Expired,
        _ => seen::PaymentStatus::Open,
    }
}

/// One that has succeeded is enough; a failed one counts when there is no other.
fn whole_refund(refunds: &[Refund]) -> Option<seen::RefundStatus> {
    let statuses = || refunds.iter().map(|refund| &refund.status);
    match () {
        () if refunds.is_empty() => None,
        () if statuses().any(|status| *status == RefundStatus::Succeeded) => Some(seen::RefundStatus::Succeeded),
        () if statuses().any(|status| matches!(status, RefundStatus::Pending | RefundStatus::Other(_))) => {
            Some(seen::RefundStatus::Pending)
        }
        () => Some(seen::RefundStatus::Failed),
    }
}
