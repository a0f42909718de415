//! Drives sagas: appends what follows from what happened, and does what is to be done.
//!
//! Whoever appended an entry does its effect, right after and once. A call that is found pending later has lost its worker:
//! it is not made, but said to be recovered, which leads to a read. An append that finds its place taken has been overtaken;
//! the journal is read again and everything decided anew.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use como_domain::clock::Clock;
use como_domain::doorbell::{Doorbell, Ring};
use como_domain::identifier::MemberId;
use como_domain::journal::{Journal, Position};
use como_domain::journals::{Appended, Cursor, Journals, JournalsError, Outstanding, Page, Pending as Row, SagaKind};
use como_domain::lease::{Held, Lease};
use como_domain::saga::effect::Effect;
use como_domain::saga::event::{Event, Past};
use como_domain::saga::intent::Intent;
use como_domain::saga::policy::{Policy, later};
use como_domain::saga::state::Pending;
use como_domain::saga::step::step;
use como_domain::saga::view::{Status, view};
use como_domain::saga_id::SagaId;
use como_domain::sagas::{News, Sagas, SagasError};
use jiff::Timestamp;
use tokio::sync::{Semaphore, broadcast};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use tracing::warn;

use crate::report;
use crate::sagas::calls::Partners;
use crate::sagas::reading::Reading;
use crate::sagas::turns::Turns;

/// An append is overtaken by a handful of others at most; a hundred clients that repeat one request settle in two rounds.
const MOST_ROUNDS: u32 = 50;
/// After a take-over the other region's entries arrive within seconds; a client repeats a request for hours at most.
const PAST_MATTERS_FOR: Duration = Duration::from_secs(3 * 24 * 3_600);
/// Another task may have changed a journal; this one hears of its own changes at once.
const LOOK_AGAIN_EVERY: Duration = Duration::from_secs(1);
const HEARD_AT_ONCE: usize = 1_024;
/// Of the sagas of a member that has signed in, so many of the newest are told.
const MOST_TOLD: u16 = 50;

/// What the driver works with.
#[derive(Clone)]
pub struct DriverPorts {
    pub journals: Arc<dyn Journals>,
    pub doorbell: Arc<dyn Doorbell>,
    pub lease: Arc<dyn Lease>,
    pub clock: Arc<dyn Clock>,
    pub partners: Partners,
}

pub struct Driver {
    pub(super) ports: DriverPorts,
    pub(super) policy: Policy,
    /// Calls to partners at one time.
    pub(super) at_once: Semaphore,
    pub(super) turns: Turns,
    pub(super) tracker: TaskTracker,
    changes: broadcast::Sender<SagaId>,
}

/// What saying something came to.
pub(super) enum Said {
    /// It is on record, with what is to be done now by whoever said it.
    Appended { reading: Reading, effect: Option<Effect> },
    /// It said nothing new.
    Nothing { reading: Reading },
}

/// When somebody has to come back for a saga.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Never,
    At(Timestamp),
}

impl Driver {
    /// `at_once`: how many calls may be under way at one time.
    #[must_use]
    pub fn new(ports: DriverPorts, policy: Policy, at_once: usize) -> Arc<Self> {
        let (changes, _) = broadcast::channel(HEARD_AT_ONCE);
        Arc::new(Self {
            ports,
            policy,
            at_once: Semaphore::new(at_once),
            turns: Turns::default(),
            tracker: TaskTracker::new(),
            changes,
        })
    }

    /// Returns when nothing is under way any more. Whoever has to end earlier leaves it to the next worker.
    pub async fn drained(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }

    /// Does what is due for a saga that somebody rang for or that stands in the outbox, until it waits for something.
    ///
    /// # Errors
    /// When the journal cannot be reached, or this region may not write.
    pub async fn drive(&self, saga: &SagaId, row: Option<&Outstanding>) -> Result<Next, SagasError> {
        let said = self.say(saga, |reading, held, now| self.due(reading, held, now)).await?;
        let reading = match said {
            Said::Nothing { reading } => reading,
            Said::Appended { reading, effect } => self.carry_on(saga, reading, effect).await,
        };
        if let Some(row) = row
            && reading.outstanding.as_ref() != Some(&row.position)
        {
            self.tidy(saga, &row.position).await;
        }
        Ok(self.next(&reading))
    }

    /// What to say of a saga that nobody has anything new to say of.
    fn due(&self, reading: &Reading, held: &Held, now: Timestamp) -> Option<Event> {
        let pending = reading.state.pending()?;
        if reading.state.epoch() < held.epoch {
            // Another holder left it so, and does not work on it any more.
            return Some(Event::Woke);
        }
        match pending {
            Pending::Wake { at } => (at <= now).then_some(Event::Woke),
            Pending::Call { since, .. } => (later(since, self.policy.recover_after) <= now).then_some(Event::Recovered),
        }
    }

    fn next(&self, reading: &Reading) -> Next {
        match reading.state.pending() {
            None => Next::Never,
            Some(Pending::Wake { at }) => Next::At(at),
            Some(Pending::Call { since, .. }) => Next::At(later(since, self.policy.recover_after)),
        }
    }

    /// Appends what follows from what `event` finds to be said, as often as somebody else is faster.
    pub(super) async fn say(
        &self,
        saga: &SagaId,
        event: impl Fn(&Reading, &Held, Timestamp) -> Option<Event> + Send + Sync,
    ) -> Result<Said, SagasError> {
        for _ in 0..MOST_ROUNDS {
            let held = self.ports.lease.held().ok_or(SagasError::NotServing)?;
            let reading = self.reading(saga).await?;
            reading.journal.check(held.epoch, &held.region).map_err(|_| SagasError::NotServing)?;
            let now = self.ports.clock.now();
            let Some(event) = event(&reading, &held, now) else { return Ok(Said::Nothing { reading }) };
            let position = reading.journal.next_position(held.epoch, &held.region);
            let Some(transition) = step(&self.policy, &reading.state, position, now, event) else {
                return Ok(Said::Nothing { reading });
            };
            // The lease may have run out during the read.
            if held.until <= self.ports.clock.monotonic() {
                return Err(SagasError::NotServing);
            }
            let entry = transition.entry;
            let row = Row {
                ordering_key: transition.state.intent().map(Intent::ordering_key).unwrap_or_default(),
                accepted_at: reading.accepted.as_ref().map_or(entry.at, |accepted| accepted.at),
                supersedes: reading.superseded_by(&entry, &transition.state),
            };
            match self.ports.journals.append(saga, &entry, &row).await.map_err(store)? {
                Appended::PlaceTaken => {}
                Appended::Done => {
                    let _ = self.changes.send(saga.clone());
                    let effect = entry.effect.clone();
                    return Ok(Said::Appended { reading: reading.with(entry), effect });
                }
            }
        }
        Err(SagasError::Store("overtaken again and again".into()))
    }

    pub(super) async fn reading(&self, saga: &SagaId) -> Result<Reading, SagasError> {
        self.ports.journals.read(saga).await.map(Reading::of).map_err(store)
    }

    /// The effect of an entry that this task has appended, and of those that follow from it.
    fn spawn(self: &Arc<Self>, saga: &SagaId, reading: Reading, effect: Option<Effect>) {
        if effect.is_some() {
            let (driver, saga) = (Arc::clone(self), saga.clone());
            self.tracker.spawn(async move { driver.carry_on(&saga, reading, effect).await });
        }
    }

    /// Rings for what is to be done later: the queue's worker comes back for it, and the sweeper if the ring is lost.
    pub(super) async fn ring(&self, saga: &SagaId, reading: &Reading) {
        let Some(position) = &reading.outstanding else { return };
        let ring =
            Ring { group: saga.to_string(), deduplication: deduplication(saga, position), body: saga.to_string() };
        if let Err(error) = self.ports.doorbell.ring(&ring).await {
            warn!(saga.id = %saga, error.cause = %error.source, "{error}; the sweeper will find saga {saga}");
        }
    }

    async fn tidy(&self, saga: &SagaId, position: &Position) {
        if let Err(error) = self.ports.journals.leave_outbox(saga, position).await {
            report::own_failure(&error);
        }
    }
}

#[async_trait]
impl Sagas for ArcDriver {
    async fn accept(&self, saga: &SagaId, intent: Intent) -> Result<Journal, SagasError> {
        let said = self.0.say(saga, |reading, held, now| {
            // A repetition; what it says otherwise than before is the business of whoever keeps the requests.
            if reading.state.intent().is_some() {
                return None;
            }
            let recent = held.taken_over_at.is_some_and(|at| now < later(at, PAST_MATTERS_FOR));
            let past = if recent { Past::MayBeMissing } else { Past::Whole };
            Some(Event::Accepted { intent: Box::new(intent.clone()), past })
        });
        Ok(self.go_on(saga, said.await?))
    }

    async fn tell(&self, saga: &SagaId, news: News) -> Result<Journal, SagasError> {
        let event = match news {
            News::LookAgain => self.0.look(saga).await?,
            News::Payment(seen) => vec![Event::Noticed(seen)],
            News::CancelRequested => vec![Event::CancelRequested],
            News::SignedIn => vec![Event::SignedIn],
            News::Settled(step) => vec![Event::Settled(step)],
            News::Redriven => vec![Event::Redriven],
        };
        let mut journal = None;
        for event in event {
            let said = self.0.say(saga, |_, _, _| Some(event.clone())).await?;
            journal = Some(self.go_on(saga, said));
        }
        let journal = match journal {
            Some(journal) => journal,
            None => self.read(saga).await?,
        };
        if journal.is_empty() { Err(SagasError::Absent { saga: saga.clone() }) } else { Ok(journal) }
    }

    async fn read(&self, saga: &SagaId) -> Result<Journal, SagasError> {
        self.0.ports.journals.read(saga).await.map_err(store)
    }

    async fn changed(&self, saga: &SagaId, entries: usize, patience: Duration) -> Result<Journal, SagasError> {
        let deadline = Instant::now() + patience;
        let mut changes = self.0.changes.subscribe();
        loop {
            let journal = self.read(saga).await?;
            let now = Instant::now();
            if entries < journal.entries().count() || deadline <= now {
                return Ok(journal);
            }
            let look_again = deadline.min(now + LOOK_AGAIN_EVERY);
            loop {
                tokio::select! {
                    () = tokio::time::sleep_until(look_again) => break,
                    change = changes.recv() => match change {
                        Ok(changed) if changed != *saga => {}
                        // So many changes that one may have been missed.
                        Ok(_) | Err(_) => break,
                    },
                }
            }
        }
    }

    async fn of_member(
        &self,
        member: &MemberId,
        kind: SagaKind,
        after: Option<&Cursor>,
        most: u16,
    ) -> Result<Page<SagaId>, SagasError> {
        self.0.ports.journals.of_member(member, kind, after, most).await.map_err(store)
    }

    async fn signed_in(&self, member: &MemberId) -> Result<(), SagasError> {
        for kind in [SagaKind::Booking, SagaKind::Redemption] {
            for saga in self.of_member(member, kind, None, MOST_TOLD).await?.items {
                let reading = self.0.reading(&saga).await?;
                let shown = view(&self.0.policy, &reading.state);
                if shown.is_some_and(|shown| matches!(shown.status, Status::NeedsSignIn { .. })) {
                    self.tell(&saga, News::SignedIn).await?;
                }
            }
        }
        Ok(())
    }
}

/// The driver as others see it. Effects outlive the call that set them off, so they hold the driver themselves.
#[derive(Clone)]
pub struct ArcDriver(pub Arc<Driver>);

impl ArcDriver {
    fn go_on(&self, saga: &SagaId, said: Said) -> Journal {
        match said {
            Said::Nothing { reading } => reading.journal,
            Said::Appended { reading, effect } => {
                let journal = reading.journal.clone();
                self.0.spawn(saga, reading, effect);
                journal
            }
        }
    }
}

/// SQS takes 128 letters, digits and signs.
fn deduplication(saga: &SagaId, position: &Position) -> String {
    format!("{saga}:{position}")
}

pub(super) fn store(error: JournalsError) -> SagasError {
    match error {
        JournalsError::Cursor => SagasError::Cursor,
        error @ (JournalsError::Store { .. } | JournalsError::Malformed { .. }) => SagasError::Store(error.into()),
    }
}
