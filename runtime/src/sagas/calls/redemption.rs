//! Memberson's items: setting them aside is their reservation.

use std::collections::BTreeMap;

use como_domain::identifier::{ItemId, RedemptionId};
use como_domain::points::{ReceiptKind, RedemptionRequest};
use como_domain::saga::call::{CallId, Step};
use como_domain::saga::event::{Outcome, Refusal};
use como_domain::saga::evidence::{PaymentStatus, ReservationSeen, ReservationStatus, Seen};
use jiff::tz::{TimeZone, offset};

use crate::sagas::calls::outcome::{failed, unsent};
use crate::sagas::calls::partners::{About, Partners, settled};
use crate::sagas::calls::reservation::done;

/// Of the shops where items are fetched: Singapore has no summer time.
const SHOPS_HOURS_AHEAD: i8 = 8;

impl Partners {
    pub(super) async fn redeem(&self, about: About<'_>, item: &ItemId, quantity: u8) -> Outcome {
        let made = async {
            let paid_by = about
                .reading
                .state
                .evidence()
                .payments()
                .find(|seen| matches!(seen.status, PaymentStatus::Authorised | PaymentStatus::Captured));
            let request = RedemptionRequest {
                member_number: self.member_number(about).await?,
                item: item.clone(),
                quantity: u32::from(quantity),
                date: TimeZone::fixed(offset(SHOPS_HOURS_AHEAD)).to_datetime(self.clock.now()).date(),
                payment: paid_by.and_then(|seen| seen.intent.clone()),
            };
            let redemption = self.items.redeem_item(&about.key()?, &request).await.map_err(failed)?;
            Ok(done(about.id.attempt, ReservationStatus::Booked, Some(redemption.id.to_string())))
        };
        settled(made.await)
    }

    pub(super) async fn cancel_redemption(&self, about: About<'_>, of: u16, reference: Option<&str>) -> Outcome {
        let made = async {
            // Without its name the redemption has to be looked for.
            let reference = reference.ok_or(Outcome::Refused(Refusal::StateChanged))?;
            let id = RedemptionId::try_from(reference).map_err(|_| Outcome::Refused(Refusal::Invalid))?;
            self.items.cancel_redemption(&about.key()?, &id).await.map_err(failed)?;
            Ok(done(of, ReservationStatus::Cancelled, Some(reference.to_owned())))
        };
        settled(made.await)
    }

    /// What was redeemed under a key, and whether there is a receipt of its cancellation, under whatever key.
    pub(super) async fn read_redemptions(&self, about: About<'_>) -> Outcome {
        let read = async {
            let number = self.member_number(about).await?;
            let receipts = self.points.receipts_of(&about.reference()?, &number).await.map_err(unsent)?.value;
            let cancelled: Vec<&RedemptionId> = receipts
                .iter()
                .filter_map(|receipt| match &receipt.kind {
                    ReceiptKind::ItemCancelled(id) => Some(id),
                    _ => None,
                })
                .collect();
            let mut found: BTreeMap<u16, ReservationSeen> = BTreeMap::new();
            for receipt in &receipts {
                let ReceiptKind::ItemRedeemed(id) = &receipt.kind else { continue };
                let call = CallId::from_partner_key(&receipt.key, about.saga);
                let Some(call) = call.filter(|call| call.id.step == Step::Reserve) else { continue };
                let status = match cancelled.contains(&id) {
                    true => ReservationStatus::Cancelled,
                    false => ReservationStatus::Booked,
                };
                let reference = Some(id.to_string());
                found.insert(call.attempt, ReservationSeen { attempt: call.attempt, status, reference });
            }
            Ok(Outcome::Done(Seen::Reservations(found.into_values().collect())))
        };
        settled(read.await)
    }
}
