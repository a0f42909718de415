//! The queue's worker. A ring is a hint: what is to be done, and whose turn it is, the journals say.

use std::sync::Arc;
use std::time::Duration;

use como_domain::doorbell::Answered;
use como_domain::journals::Outstanding;
use como_domain::saga_id::SagaId;
use como_domain::sagas::SagasError;
use jiff::Timestamp;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::report;
use crate::sagas::driver::{Driver, Next};

/// SQS's longest poll.
const POLL: Duration = Duration::from_secs(20);
const AT_ONCE: u8 = 10;
/// Longer than a saga usually goes on without waiting; if it takes longer, whoever gets the ring then finds a call under way.
const HIDDEN_FOR: Duration = Duration::from_secs(120);
/// What is due later than that is left to the sweeper: a ring that is handed out too often counts as one that nobody can handle.
const WORTH_HIDING: Duration = Duration::from_secs(15 * 60);
/// After so many times something is wrong with the ring, and the queue is about to put it aside.
const MANY_TIMES: u32 = 5;
const WITHOUT_LEASE: Duration = Duration::from_secs(2);
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// Older sagas under one ordering key that are looked at before the one that was rung for.
const MOST_BEFORE: u16 = 20;

/// Answers rings until told to stop; those at hand are finished.
pub async fn work_until(stop: CancellationToken, driver: Arc<Driver>) {
    while !stop.is_cancelled() {
        if driver.ports.lease.held().is_none() {
            pause(&stop, WITHOUT_LEASE).await;
            continue;
        }
        let answered = tokio::select! {
            () = stop.cancelled() => return,
            answered = driver.ports.doorbell.answer(AT_ONCE, POLL, HIDDEN_FOR) => answered,
        };
        match answered {
            Ok(rings) => {
                let mut working = JoinSet::new();
                for ring in rings {
                    let driver = Arc::clone(&driver);
                    working.spawn(async move { driver.answer(&ring).await });
                }
                working.join_all().await;
            }
            Err(error) => {
                report::own_failure(&error);
                pause(&stop, AFTER_FAILURE).await;
            }
        }
    }
}

pub(super) async fn pause(stop: &CancellationToken, wait: Duration) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(wait) => {}
    }
}

impl Driver {
    async fn answer(&self, ring: &Answered) {
        if MANY_TIMES < ring.times {
            // Left alone it goes to the dead-letter queue, which calls a person; the sweeper still drives the saga.
            warn!(ring.times = ring.times, "a ring was handed out {} times without an end", ring.times);
            return;
        }
        let Ok(saga) = SagaId::try_from(ring.body.clone()) else {
            warn!("a ring names no saga");
            return;
        };
        match self.drive_in_turn(&saga).await {
            Ok(next) => self.put_away(ring, next).await,
            // It comes again when it is not hidden any more.
            Err(SagasError::NotServing) => debug!(saga.id = %saga, "not serving; saga {saga} is left as it is"),
            Err(error) => report::own_failure(&error),
        }
    }

    /// Those first that were accepted earlier for the same slot or member.
    async fn drive_in_turn(&self, saga: &SagaId) -> Result<Next, SagasError> {
        let reading = self.reading(saga).await?;
        let (Some(intent), Some(accepted)) = (reading.state.intent(), &reading.accepted) else {
            return Ok(Next::Never);
        };
        let now = self.ports.clock.now();
        let before = self.ports.journals.outbox_of(&intent.ordering_key(), MOST_BEFORE).await;
        let before = before.map_err(super::driver::store)?;
        let is_first = |row: &&Outstanding| row.saga != *saga && row.since < accepted.at && row.due <= now;
        for row in before.iter().filter(is_first) {
            self.drive(&row.saga, Some(row)).await?;
        }
        self.drive(saga, None).await
    }

    async fn put_away(&self, ring: &Answered, next: Next) {
        let put_away = match next {
            Next::At(due) => match wait(self.ports.clock.now(), due) {
                Some(wait) => self.ports.doorbell.hide(&ring.handle, wait).await,
                None => self.ports.doorbell.quiet(&ring.handle).await,
            },
            Next::Never => self.ports.doorbell.quiet(&ring.handle).await,
        };
        if let Err(error) = put_away {
            report::own_failure(&error);
        }
    }
}

/// In whole seconds, as queues count, and not before the time; `None` when that is not worth it.
fn wait(now: Timestamp, due: Timestamp) -> Option<Duration> {
    let left = due.duration_since(now);
    let left = Duration::try_from(left).unwrap_or(Duration::ZERO);
    let whole = Duration::from_secs(left.as_secs() + 1);
    (whole <= WORTH_HIDING).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_is_hidden_until_its_time_and_not_for_hours() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(wait(at(0), at(2)), Some(Duration::from_secs(3)));
        assert_eq!(wait(at(2), at(0)), Some(Duration::from_secs(1)));
        assert_eq!(wait(at(0), at(899)), Some(Duration::from_secs(900)));
        assert_eq!(wait(at(0), at(900)), None);
    }
}
