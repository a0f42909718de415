//! Memberson's points: taken with the member's own token, given back where there is a way.

use como_domain::money::Points;
use como_domain::points::{PointsRequest, ReceiptKind};
use como_domain::saga::call::{CallId, Step};
use como_domain::saga::event::{Outcome, Refusal};
use como_domain::saga::evidence::{DeductionSeen, DeductionStatus, Seen};
use std::collections::BTreeMap;

use crate::report;
use crate::sagas::calls::outcome::{failed, not_sent, unsent};
use crate::sagas::calls::partners::{About, Partners, settled};

impl Partners {
    pub(super) async fn deduct(&self, about: About<'_>, amount: Points) -> Outcome {
        let made = async {
            let token = self.profile_tokens.get(&about.intent.member).await.map_err(|error| {
                report::own_failure(&error);
                not_sent()
            })?;
            let now = self.clock.now();
            // One that has run out would only be refused.
            let token = token.filter(|token| now < token.expires_at);
            let token = token.ok_or(Outcome::Refused(Refusal::SignInNeeded))?;
            let request = self.points_request(about, amount).await?;
            self.points.take_points(&about.key()?, &request, &token).await.map_err(failed)?;
            Ok(done(about.id.attempt, amount, DeductionStatus::Deducted))
        };
        settled(made.await)
    }

    pub(super) async fn reverse(&self, about: About<'_>, of: u16, amount: Points) -> Outcome {
        let made = async {
            let taken = about.key_of(CallId { id: Step::Deduct.alone(), attempt: of })?;
            let request = self.points_request(about, amount).await?;
            self.points.give_points_back(&about.key()?, &taken, &request).await.map_err(failed)?;
            Ok(done(of, amount, DeductionStatus::Reversed))
        };
        settled(made.await)
    }

    pub(super) async fn read_points(&self, about: About<'_>) -> Outcome {
        let read = async {
            let number = self.member_number(about).await?;
            let receipts = self.points.receipts_of(&about.reference()?, &number).await.map_err(unsent)?.value;
            let mut deductions: BTreeMap<u16, DeductionSeen> = BTreeMap::new();
            for receipt in receipts {
                let Some(call) = CallId::from_partner_key(&receipt.key, about.saga) else { continue };
                let (attempt, status, amount) = match (call.id.step, receipt.kind) {
                    (Step::Deduct, ReceiptKind::PointsTaken(amount)) => {
                        (call.attempt, DeductionStatus::Deducted, amount)
                    }
                    (Step::ReversePoints, ReceiptKind::PointsGivenBack(amount)) => {
                        (call.id.of, DeductionStatus::Reversed, amount)
                    }
                    _ => continue,
                };
                deductions
                    .entry(attempt)
                    .and_modify(|seen| {
                        // Two receipts of one deduction are twice the points.
                        if status == DeductionStatus::Deducted && seen.status == status {
                            seen.amount = seen.amount.checked_add(amount).unwrap_or(seen.amount);
                        }
                        seen.status = seen.status.max(status);
                    })
                    .or_insert(DeductionSeen { attempt, amount, status });
            }
            Ok(Outcome::Done(Seen::Deductions(deductions.into_values().collect())))
        };
        settled(read.await)
    }

    async fn points_request(&self, about: About<'_>, points: Points) -> Result<PointsRequest, Outcome> {
        let member_number = self.member_number(about).await?;
        Ok(PointsRequest { member_number, points, description: self.title(about.intent).await })
    }
}

fn done(attempt: u16, amount: Points, status: DeductionStatus) -> Outcome {
    Outcome::Done(Seen::Deductions(vec![DeductionSeen { attempt, amount, status }]))
}
