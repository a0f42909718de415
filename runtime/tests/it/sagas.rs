//! Sagas in memory: the shipping step function, with partners that do well unless a script says otherwise.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use como_domain::idempotency::IdempotencyRecord;
use como_domain::identifier::MemberId;
use como_domain::journal::{Journal, Region};
use como_domain::journals::{Cursor, Page, SagaKind};
use como_domain::manual_actions::{ManualActions, ManualActionsError, OpenAction};
use como_domain::requests::{Reply, Requests, RequestsError};
use como_domain::saga::action::ManualAction;
use como_domain::saga::call::{Call, Step};
use como_domain::saga::effect::Effect;
use como_domain::saga::event::{Event, Outcome, Past};
use como_domain::saga::evidence::{
    DeductionSeen, DeductionStatus, PaymentSeen, PaymentStatus, RefundStatus, ReservationSeen, ReservationStatus, Seen,
};
use como_domain::saga::intent::{Intent, Subject};
use como_domain::saga::policy::Policy;
use como_domain::saga::step::step;
use como_domain::saga::view::view;
use como_domain::saga_id::SagaId;
use como_domain::sagas::{News, Sagas, SagasError};
use como_domain::webhook_events::{WebhookEvents, WebhookEventsError};
use jiff::Timestamp;

#[derive(Default)]
pub(crate) struct MemorySagas {
    journals: Mutex<BTreeMap<SagaId, Journal>>,
    accepted: Mutex<Vec<SagaId>>,
    /// How the next calls of a step end; without a line they end well.
    pub(crate) script: Mutex<BTreeMap<Step, VecDeque<Outcome>>>,
    /// Whose payment Stripe has.
    pub(crate) paid: Mutex<BTreeSet<SagaId>>,
    pub(crate) told: Mutex<Vec<News>>,
    pub(crate) waited: Mutex<Vec<Duration>>,
    pub(crate) is_elsewhere: AtomicBool,
}

impl MemorySagas {
    pub(crate) fn will(&self, step: Step, outcome: Outcome) {
        self.script.lock().unwrap().entry(step).or_default().push_back(outcome);
    }

    pub(crate) fn accepted(&self) -> usize {
        self.accepted.lock().unwrap().len()
    }

    fn say(&self, saga: &SagaId, event: Event) -> Journal {
        let mut journals = self.journals.lock().unwrap();
        let journal = journals.entry(saga.clone()).or_default();
        let region = Region::try_from("ap-southeast-1".to_owned()).unwrap();
        let mut next = Some(event);
        while let Some(event) = next.take() {
            let position = journal.next_position(1, &region);
            let Some(made) = step(&Policy::standard(), &journal.fold(), position, Timestamp::now(), event) else {
                break;
            };
            let effect = made.entry.effect.clone();
            journal.append(made.entry).unwrap();
            if let Some(Effect::Call(call)) = effect {
                let scripted = self.script.lock().unwrap().get_mut(&call.id().id.step).and_then(VecDeque::pop_front);
                let outcome = scripted.unwrap_or_else(|| well(&call));
                next = Some(Event::Finished { call: call.id(), outcome });
            }
        }
        journal.clone()
    }

    fn serving(&self) -> Result<(), SagasError> {
        if self.is_elsewhere.load(Ordering::SeqCst) { Err(SagasError::NotServing) } else { Ok(()) }
    }
}

fn payment(attempt: u16, status: PaymentStatus, refund: Option<RefundStatus>) -> PaymentSeen {
    PaymentSeen {
        attempt,
        status,
        session: Some("cs_1".to_owned()),
        url: Some("https://pay.example/cs_1".to_owned()),
        intent: Some("pi_1".to_owned()),
        expires_at: None,
        capture_before: None,
        refund,
    }
}

fn well(call: &Call) -> Outcome {
    let paid = |attempt, status, refund| Seen::Payments(vec![payment(attempt, status, refund)]);
    let reserved = |attempt, status| {
        Seen::Reservations(vec![ReservationSeen { attempt, status, reference: Some(format!("R{attempt}")) }])
    };
    let deducted = |attempt, amount, status| Seen::Deductions(vec![DeductionSeen { attempt, amount, status }]);
    Outcome::Done(match call {
        Call::Authorise { attempt, .. } => paid(*attempt, PaymentStatus::Open, None),
        Call::Capture { of, .. } => paid(*of, PaymentStatus::Captured, None),
        Call::Release { of, .. } => paid(*of, PaymentStatus::Cancelled, None),
        Call::Refund { of, .. } => paid(*of, PaymentStatus::Captured, Some(RefundStatus::Succeeded)),
        Call::Reserve { attempt } => reserved(*attempt, ReservationStatus::Booked),
        Call::CancelReservation { of, .. } => reserved(*of, ReservationStatus::Cancelled),
        Call::Deduct { attempt, amount } => deducted(*attempt, *amount, DeductionStatus::Deducted),
        Call::ReversePoints { of, amount, .. } => deducted(*of, *amount, DeductionStatus::Reversed),
        Call::Notify { .. } | Call::RecordActions { .. } | Call::Read { .. } => Seen::Nothing,
    })
}

#[async_trait]
impl Sagas for MemorySagas {
    async fn accept(&self, saga: &SagaId, intent: Intent) -> Result<Journal, SagasError> {
        self.serving()?;
        let known = self.read(saga).await?;
        if !known.is_empty() {
            return Ok(known);
        }
        self.accepted.lock().unwrap().push(saga.clone());
        Ok(self.say(saga, Event::Accepted { intent: Box::new(intent), past: Past::Whole }))
    }

    async fn tell(&self, saga: &SagaId, news: News) -> Result<Journal, SagasError> {
        self.serving()?;
        if self.read(saga).await?.is_empty() {
            return Err(SagasError::Absent { saga: saga.clone() });
        }
        self.told.lock().unwrap().push(news.clone());
        let event = match news {
            News::Payment(seen) => Event::Noticed(seen),
            News::LookAgain if self.paid.lock().unwrap().contains(saga) => {
                Event::Noticed(payment(1, PaymentStatus::Authorised, None))
            }
            News::LookAgain => return self.read(saga).await,
            News::CancelRequested => Event::CancelRequested,
            News::SignedIn => Event::SignedIn,
            News::Settled(step) => Event::Settled(step),
            News::Redriven => Event::Redriven,
        };
        Ok(self.say(saga, event))
    }

    async fn read(&self, saga: &SagaId) -> Result<Journal, SagasError> {
        Ok(self.journals.lock().unwrap().get(saga).cloned().unwrap_or_default())
    }

    async fn changed(&self, saga: &SagaId, _: usize, patience: Duration) -> Result<Journal, SagasError> {
        self.waited.lock().unwrap().push(patience);
        self.read(saga).await
    }

    async fn of_member(
        &self,
        member: &MemberId,
        kind: SagaKind,
        after: Option<&Cursor>,
        most: u16,
    ) -> Result<Page<SagaId>, SagasError> {
        let from: usize = match after {
            Some(cursor) => cursor.0.parse().map_err(|_| SagasError::Cursor)?,
            None => 0,
        };
        let mut theirs = Vec::new();
        for saga in self.accepted.lock().unwrap().iter().rev() {
            let journal = self.journals.lock().unwrap()[saga].clone();
            let state = journal.fold();
            let intent = state.intent().unwrap();
            let is_booking = matches!(intent.subject, Subject::Booking { .. });
            if intent.member == *member && is_booking == (kind == SagaKind::Booking) {
                theirs.push(saga.clone());
            }
        }
        let end = (from + usize::from(most)).min(theirs.len());
        let next = (end < theirs.len()).then(|| Cursor(end.to_string()));
        Ok(Page { items: theirs[from.min(end)..end].to_vec(), next })
    }

    async fn signed_in(&self, member: &MemberId) -> Result<(), SagasError> {
        for kind in [SagaKind::Booking, SagaKind::Redemption] {
            for saga in self.of_member(member, kind, None, 50).await?.items {
                self.tell(&saga, News::SignedIn).await?;
            }
        }
        Ok(())
    }
}

/// The list of manual actions, as the journals have it.
#[async_trait]
impl ManualActions for MemorySagas {
    async fn record(
        &self,
        _: &SagaId,
        _: &[ManualAction],
        _: &[ManualAction],
        _: Timestamp,
    ) -> Result<(), ManualActionsError> {
        Ok(())
    }

    async fn open(&self, after: Option<&Cursor>, _: u16) -> Result<Page<OpenAction>, ManualActionsError> {
        if after.is_some() {
            return Err(ManualActionsError::Cursor);
        }
        let mut items = Vec::new();
        for (saga, journal) in self.journals.lock().unwrap().iter() {
            let open = view(&Policy::standard(), &journal.fold()).map(|view| view.open_actions).unwrap_or_default();
            let opened_at = Timestamp::UNIX_EPOCH;
            items.extend(open.into_iter().map(|action| OpenAction { saga: saga.clone(), action, opened_at }));
        }
        Ok(Page { items, next: None })
    }
}

#[derive(Default)]
pub(crate) struct MemoryRequests {
    pub(crate) records: Mutex<BTreeMap<SagaId, IdempotencyRecord<Reply>>>,
}

#[async_trait]
impl Requests for MemoryRequests {
    async fn read(&self, request: &SagaId) -> Result<Option<IdempotencyRecord<Reply>>, RequestsError> {
        Ok(self.records.lock().unwrap().get(request).cloned())
    }

    async fn write(
        &self,
        request: &SagaId,
        record: &IdempotencyRecord<Reply>,
        replaced: Option<&IdempotencyRecord<Reply>>,
    ) -> Result<bool, RequestsError> {
        let mut records = self.records.lock().unwrap();
        let is_free = records.get(request) == replaced;
        if is_free {
            records.insert(request.clone(), record.clone());
        }
        Ok(is_free)
    }
}

#[derive(Default)]
pub(crate) struct MemoryEvents {
    pub(crate) taken: Mutex<BTreeSet<String>>,
}

#[async_trait]
impl WebhookEvents for MemoryEvents {
    async fn take(&self, event: &str) -> Result<bool, WebhookEventsError> {
        Ok(self.taken.lock().unwrap().insert(event.to_owned()))
    }

    async fn give_back(&self, event: &str) -> Result<(), WebhookEventsError> {
        self.taken.lock().unwrap().remove(event);
        Ok(())
    }
}
