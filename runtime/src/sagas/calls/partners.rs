//! Whom calls are made to.

use std::sync::Arc;

use como_domain::clock::Clock;
use como_domain::effect::CallKey;
use como_domain::identifier::{ExperienceId, MemberNumber};
use como_domain::identity::ProfileTokens;
use como_domain::mail::Mailer;
use como_domain::manual_actions::ManualActions;
use como_domain::partner::{Catalogue, MemberDirectory};
use como_domain::payment::Payments;
use como_domain::points::{Items, MemberContacts, PointAccounts};
use como_domain::reservation::Reservations;
use como_domain::saga::call::{Call, CallId, Leg};
use como_domain::saga::event::{Outcome, Refusal};
use como_domain::saga::evidence::Seen;
use como_domain::saga::intent::{Intent, Subject};
use como_domain::saga_id::SagaId;

use crate::report;
use crate::sagas::calls::outcome::{not_sent, unsent};
use crate::sagas::reading::Reading;

#[derive(Clone)]
pub struct Partners {
    pub payments: Arc<dyn Payments>,
    pub points: Arc<dyn PointAccounts>,
    pub items: Arc<dyn Items>,
    pub reservations: Arc<dyn Reservations>,
    pub directory: Arc<dyn MemberDirectory>,
    pub contacts: Arc<dyn MemberContacts>,
    pub catalogue: Arc<dyn Catalogue>,
    pub profile_tokens: Arc<dyn ProfileTokens>,
    pub mailer: Arc<dyn Mailer>,
    pub actions: Arc<dyn ManualActions>,
    pub clock: Arc<dyn Clock>,
    pub pages: CardPages,
}

/// Where a member's browser goes on after the card page.
#[derive(Debug, Clone)]
pub struct CardPages {
    pub success: String,
    pub cancel: String,
}

/// What a call is made with: by name, so that the files of the legs read alike.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) saga: &'a SagaId,
    pub(super) reading: &'a Reading,
    pub(super) intent: &'a Intent,
    pub(super) id: CallId,
}

impl Partners {
    /// Makes `call`, once.
    pub(crate) async fn make(&self, saga: &SagaId, reading: &Reading, intent: &Intent, call: &Call) -> Outcome {
        let about = About { saga, reading, intent, id: call.id() };
        match call {
            Call::Authorise { amount, expires_at, .. } => self.authorise(about, *amount, *expires_at).await,
            Call::Capture { of, intent, .. } => self.capture(about, *of, intent.as_deref()).await,
            Call::Release { of, session, intent, .. } => {
                self.release(about, *of, session.as_deref(), intent.as_deref()).await
            }
            Call::Refund { of, intent, amount, .. } => self.refund(about, *of, intent.as_deref(), *amount).await,
            Call::Deduct { amount, .. } => self.deduct(about, *amount).await,
            Call::ReversePoints { of, amount, .. } => self.reverse(about, *of, *amount).await,
            Call::Reserve { .. } => match &intent.subject {
                Subject::Booking { venue, date, time, party_size, .. } => {
                    self.reserve_table(about, venue, *date, *time, *party_size).await
                }
                Subject::Redemption { item, quantity } => self.redeem(about, item, quantity.get()).await,
            },
            Call::CancelReservation { of, reference, .. } => match &intent.subject {
                Subject::Booking { .. } => self.cancel_table(*of, reference.as_deref()).await,
                Subject::Redemption { .. } => self.cancel_redemption(about, *of, reference.as_deref()).await,
            },
            Call::Notify { notice, .. } => self.notify(about, *notice).await,
            Call::RecordActions { actions, .. } => {
                let now = self.clock.now();
                match self.actions.record(saga, actions, &reading.listed, now).await {
                    Ok(()) => Outcome::Done(Seen::Nothing),
                    Err(error) => {
                        report::own_failure(&error);
                        not_sent()
                    }
                }
            }
            Call::Read { leg, .. } => match (leg, &intent.subject) {
                (Leg::Payment, _) => self.read_payments(about).await,
                (Leg::Points, _) => self.read_points(about).await,
                (Leg::Reservation, Subject::Booking { venue, date, .. }) => self.read_tables(about, venue, *date).await,
                (Leg::Reservation, Subject::Redemption { .. }) => self.read_redemptions(about).await,
            },
        }
    }

    /// Under which points are kept and items redeemed.
    pub(super) async fn member_number(&self, about: About<'_>) -> Result<MemberNumber, Outcome> {
        let summary = self.directory.summary(&about.intent.member).await.map_err(unsent)?;
        let membership = summary.and_then(|summary| summary.value.membership);
        membership.and_then(|membership| membership.number).ok_or(Outcome::Refused(Refusal::Invalid))
    }

    /// What the member reads: the experience's name, or a general word when the catalogue cannot be asked.
    pub(super) async fn title(&self, intent: &Intent) -> String {
        match &intent.subject {
            Subject::Booking { experience, .. } => {
                self.experience_title(experience).await.unwrap_or_else(|| "COMO experience".to_owned())
            }
            Subject::Redemption { item, .. } => {
                let item = self.items.item(item).await.ok().flatten();
                item.map_or_else(|| "COMO item".to_owned(), |item| item.value.title)
            }
        }
    }

    async fn experience_title(&self, id: &ExperienceId) -> Option<String> {
        let experience = self.catalogue.experience(id).await.ok().flatten()?;
        Some(experience.value.overview.title)
    }
}

impl About<'_> {
    /// What the partner files this call under.
    pub(super) fn key(&self) -> Result<CallKey, Outcome> {
        self.key_of(self.id)
    }

    pub(super) fn key_of(&self, id: CallId) -> Result<CallKey, Outcome> {
        CallKey::try_from(id.partner_key(self.saga)).map_err(|_| Outcome::Refused(Refusal::Invalid))
    }

    /// What everything of the saga is filed under a part of.
    pub(super) fn reference(&self) -> Result<CallKey, Outcome> {
        CallKey::try_from(self.saga.as_str()).map_err(|_| Outcome::Refused(Refusal::Invalid))
    }
}

/// `?` inside, an outcome outside.
pub(super) fn settled(outcome: Result<Outcome, Outcome>) -> Outcome {
    outcome.unwrap_or_else(|outcome| outcome)
}
