//! What an entry says to do, done by whoever appended it.

use std::time::Duration;

use como_domain::saga::call::{Call, Step};
use como_domain::saga::effect::Effect;
use como_domain::saga::event::{Event, Outcome};
use como_domain::saga::intent::Intent;
use como_domain::saga_id::SagaId;
use como_domain::sagas::SagasError;
use tracing::{info, warn};

use crate::report;
use crate::sagas::driver::{Driver, Said};
use crate::sagas::reading::Reading;

/// Less than [`Policy::recover_after`](como_domain::saga::policy::Policy::recover_after): when somebody recovers a call, it is
/// over.
const CALL_LIMIT: Duration = Duration::from_secs(60);
/// A call that has less left is not begun: it would be cut off, and nobody would know its outcome.
const SHORTEST: Duration = Duration::from_secs(12);
/// A call that was not begun for a reason of ours.
const TRY_AGAIN_AFTER_S: u32 = 5;
/// How often, and after which waits, the outcome of a call is tried to be written down before it is left to a read.
const WRITE_DOWN_AFTER: [Duration; 5] = [
    Duration::from_millis(100),
    Duration::from_millis(400),
    Duration::from_millis(1_600),
    Duration::from_secs(5),
    Duration::from_secs(10),
];

impl Driver {
    /// Does `effect`, says how it ended, and does what follows, until nothing is to be done at once.
    pub(super) async fn carry_on(&self, saga: &SagaId, mut reading: Reading, effect: Option<Effect>) -> Reading {
        let mut effect = effect;
        loop {
            let call = match effect {
                None => return reading,
                Some(Effect::WakeAt(_)) => {
                    self.ring(saga, &reading).await;
                    return reading;
                }
                Some(Effect::Call(call)) => call,
            };
            let outcome = self.perform(saga, &reading, &call).await;
            let finished = Event::Finished { call: call.id(), outcome };
            match self.write_down(saga, &finished).await {
                Some(Said::Appended { reading: after, effect: next }) => (reading, effect) = (after, next),
                Some(Said::Nothing { reading }) => return reading,
                None => return reading,
            }
        }
    }

    /// `None` when it could not be written down; the sweeper finds the call and has the partner read.
    async fn write_down(&self, saga: &SagaId, finished: &Event) -> Option<Said> {
        let mut waits = WRITE_DOWN_AFTER.into_iter();
        loop {
            let error = match self.say(saga, |_, _, _| Some(finished.clone())).await {
                Ok(said) => return Some(said),
                Err(error) => error,
            };
            let wait = match &error {
                SagasError::Store(_) => waits.next(),
                SagasError::NotServing | SagasError::Absent { .. } | SagasError::Cursor => None,
            };
            let Some(wait) = wait else {
                warn!(saga.id = %saga, "the outcome of a call of saga {saga} could not be written down");
                report::own_failure(&error);
                return None;
            };
            tokio::time::sleep(wait).await;
        }
    }

    async fn perform(&self, saga: &SagaId, reading: &Reading, call: &Call) -> Outcome {
        let id = call.id();
        let not_begun = Outcome::NotSent { retry_after_s: Some(TRY_AGAIN_AFTER_S) };
        let started = self.ports.clock.monotonic();
        let ends = started.saturating_add(CALL_LIMIT);
        let left = |ends: Duration| ends.saturating_sub(self.ports.clock.monotonic());
        let begin = async {
            let turn = match (id.id.step, reading.state.intent()) {
                (Step::Reserve, Some(intent)) => Some(self.turns.take(&intent.ordering_key()).await),
                _ => None,
            };
            (turn, self.at_once.acquire().await)
        };
        let Ok((_turn, Ok(_permit))) = tokio::time::timeout(left(ends), begin).await else { return not_begun };
        let Some(held) = self.ports.lease.held() else { return not_begun };
        // Whoever takes the lease over, takes it that nothing is under way any more.
        let left = left(ends.min(held.until));
        let Some(intent) = reading.state.intent().filter(|_| SHORTEST <= left) else { return not_begun };
        let made = tokio::time::timeout(left, self.ports.partners.make(saga, reading, intent, call)).await;
        let outcome = made.unwrap_or(Outcome::Unknown);
        self.log(saga, intent, call, &outcome, started);
        outcome
    }

    fn log(&self, saga: &SagaId, intent: &Intent, call: &Call, outcome: &Outcome, started: Duration) {
        let told = match outcome {
            Outcome::Done(_) => "done",
            Outcome::Refused(_) => "refused",
            Outcome::NotSent { .. } => "not sent",
            Outcome::Unknown => "unknown",
        };
        let id = call.id();
        info!(
            saga.id = %saga,
            saga.payment = match intent.payment {
                como_domain::saga::intent::Payment::Card(_) => "card",
                como_domain::saga::intent::Payment::Points(_) => "points",
            },
            saga.call = %id,
            saga.outcome = told,
            saga.duration_ms = self.ports.clock.monotonic().saturating_sub(started).as_millis(),
            "{id} of saga {saga}: {told}",
        );
    }
}
