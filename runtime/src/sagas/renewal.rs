//! Keeps the region's lease: reads the votes every few seconds, renews or takes them, and says what came of it.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use como_domain::clock::Clock;
use como_domain::journal::Region;
use como_domain::lease::{Ballot, BallotBox, BallotError, Candidate, Held, Lease, Plan, Terms};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::sagas::worker::pause;

/// Several times within a lease, so that one lost answer loses nothing.
const EVERY: Duration = Duration::from_secs(5);
/// A table that takes longer is not there for this round.
const PATIENCE: Duration = Duration::from_secs(3);

pub struct Votes {
    boxes: Vec<Arc<dyn BallotBox>>,
    clock: Arc<dyn Clock>,
    candidate: tokio::sync::Mutex<Candidate>,
    held: RwLock<Option<Held>>,
}

impl Votes {
    /// A table of each of `regions`, in their order; the first is home.
    #[must_use]
    pub fn new(
        region: Region,
        regions: &[Region],
        boxes: Vec<Arc<dyn BallotBox>>,
        clock: Arc<dyn Clock>,
        terms: Terms,
    ) -> Self {
        let candidate = tokio::sync::Mutex::new(Candidate::new(region, regions, terms));
        Self { boxes, clock, candidate, held: RwLock::new(None) }
    }

    /// Renews until told to stop. The lease is not given back then: other tasks of the region go on with it.
    pub async fn renew_until(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            self.round().await;
            pause(&stop, EVERY).await;
        }
    }

    /// One reading of the votes, and what follows.
    pub async fn round(&self) {
        let mut candidate = self.candidate.lock().await;
        let ballots: Vec<Option<Ballot>> = self.ask(|table| async move { table.read().await }).await;
        let asked_at = self.clock.monotonic();
        let plan = candidate.plan(&ballots, asked_at, self.clock.now());
        let region = candidate.region().clone();
        let (epoch, taken_over_at, won) = match plan {
            // What is held still is, until its time is up.
            Plan::Wait => return,
            Plan::Renew { epoch, at, taken_over_at } => {
                let renewed = self
                    .ask_some(&at, |table, _| {
                        let region = region.clone();
                        async move { table.renew(&region, epoch).await }
                    })
                    .await;
                (epoch, taken_over_at, renewed)
            }
            Plan::Take { vote, from } => {
                let at: Vec<bool> = from.iter().map(Option::is_some).collect();
                let (epoch, taken_over_at) = (vote.epoch, vote.taken_over_at);
                let taken = self
                    .ask_some(&at, |table, index| {
                        let (vote, replaced) = (vote.clone(), from.get(index).cloned().flatten().flatten());
                        async move { table.take(&vote, replaced.as_ref()).await }
                    })
                    .await;
                if candidate.majority() <= taken {
                    info!(lease.epoch = epoch, "this region holds the lease, under epoch {epoch}");
                }
                (epoch, taken_over_at, taken)
            }
        };
        if let Some(held) = candidate.held(epoch, taken_over_at, asked_at, won) {
            *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
        }
    }

    async fn ask<T, F>(&self, question: impl Fn(Arc<dyn BallotBox>) -> F) -> Vec<Option<T>>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, BallotError>> + Send + 'static,
    {
        let mut asking = JoinSet::new();
        for (index, table) in self.boxes.iter().enumerate() {
            let asked = question(Arc::clone(table));
            asking.spawn(async move { (index, tokio::time::timeout(PATIENCE, asked).await) });
        }
        let mut answers: Vec<Option<T>> = self.boxes.iter().map(|_| None).collect();
        for (index, answer) in asking.join_all().await {
            match answer {
                Ok(Ok(answer)) => {
                    if let Some(place) = answers.get_mut(index) {
                        *place = Some(answer);
                    }
                }
                Ok(Err(error)) => warn!(error.cause = %error.source, "{error}"),
                Err(_) => warn!("a vote of the lease did not answer in time"),
            }
        }
        answers
    }

    /// How many of those that are asked say yes.
    async fn ask_some<F>(&self, at: &[bool], question: impl Fn(Arc<dyn BallotBox>, usize) -> F) -> usize
    where
        F: Future<Output = Result<bool, BallotError>> + Send + 'static,
    {
        let mut asking = JoinSet::new();
        for (index, (table, is_asked)) in self.boxes.iter().zip(at).enumerate() {
            if *is_asked {
                asking.spawn(tokio::time::timeout(PATIENCE, question(Arc::clone(table), index)));
            }
        }
        let mut yes = 0;
        for answer in asking.join_all().await {
            match answer {
                Ok(Ok(is_yes)) => yes += usize::from(is_yes),
                Ok(Err(error)) => warn!(error.cause = %error.source, "{error}"),
                Err(_) => warn!("a vote of the lease did not answer in time"),
            }
        }
        yes
    }
}

impl Lease for Votes {
    fn held(&self) -> Option<Held> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        (self.clock.monotonic() < held.until).then_some(held)
    }
}
