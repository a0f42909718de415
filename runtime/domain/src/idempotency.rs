//! One request, one effect, one reply: what is remembered under an `Idempotency-Key`.
//!
//! A record is reserved before anything happens and holds who may answer: a fencing token that counts up. While it is
//! reserved, a repetition is told so (409). When the holder has been silent for longer than the reservation lasts, the next
//! repetition takes over with a higher token, and what the earlier holder says then is no longer stored; it finds the same
//! saga in the journal and goes on with it, so that taking over repeats no effect. An answered record gives the same answer
//! to the same body for as long as it is kept. Another body under the same key is a mistake of the client (422) whatever the
//! record's state. Only replies that will not change are stored: a failure of ours gives the reservation up instead.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::saga_id::BodyHash;

/// Counts up with every holder of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FencingToken(u64);

/// What the table holds under one key. `R` is the stored reply; its shape belongs to the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdempotencyRecord<R> {
    body: BodyHash,
    token: FencingToken,
    progress: Progress<R>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Progress<R> {
    Reserved { until: Timestamp },
    GivenUp,
    Answered { reply: R },
}

/// What to do with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reservation<R> {
    /// Go on, once `record` has replaced exactly the record that was read (or its absence), by a conditional write.
    Proceed { record: IdempotencyRecord<R>, token: FencingToken },
    /// 409: somebody is at it. `retry_after` is when the reservation ends at the latest.
    InFlight { retry_after: Duration },
    /// The answer that was given before.
    Replay { reply: R },
    /// 422: the key was used for something else.
    OtherBody,
}

impl<R: Clone> IdempotencyRecord<R> {
    /// Decides on a request that asks at `at` and wants to hold the record for `hold`. `existing` is a strongly consistent
    /// read.
    pub fn reserve(existing: Option<&Self>, body: &BodyHash, at: Timestamp, hold: Duration) -> Reservation<R> {
        let Some(record) = existing else {
            return proceed(body, FencingToken(1), at, hold);
        };
        if record.body != *body {
            return Reservation::OtherBody;
        }
        match &record.progress {
            Progress::Answered { reply } => Reservation::Replay { reply: reply.clone() },
            Progress::Reserved { until } if at < *until => {
                let left = until.duration_since(at).unsigned_abs();
                Reservation::InFlight { retry_after: left }
            }
            Progress::Reserved { .. } | Progress::GivenUp => {
                proceed(body, FencingToken(record.token.0.saturating_add(1)), at, hold)
            }
        }
    }

    /// The record with its reply.
    ///
    /// # Errors
    /// When somebody else holds the record by now.
    pub fn answer(&self, token: FencingToken, reply: R) -> Result<Self, Fenced> {
        self.settle(token, Progress::Answered { reply })
    }

    /// The record of a request that failed for a reason of ours: its repetition may begin at once.
    ///
    /// # Errors
    /// When somebody else holds the record by now.
    pub fn give_up(&self, token: FencingToken) -> Result<Self, Fenced> {
        self.settle(token, Progress::GivenUp)
    }

    /// The condition of the write that replaces this record.
    #[must_use]
    pub const fn token(&self) -> FencingToken {
        self.token
    }

    fn settle(&self, token: FencingToken, progress: Progress<R>) -> Result<Self, Fenced> {
        let is_open = matches!(self.progress, Progress::Reserved { .. });
        if !is_open || self.token != token {
            return Err(Fenced);
        }
        Ok(Self { body: self.body.clone(), token, progress })
    }
}

impl FencingToken {
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("somebody else has taken over the request")]
pub struct Fenced;

fn proceed<R>(body: &BodyHash, token: FencingToken, at: Timestamp, hold: Duration) -> Reservation<R> {
    let until = crate::saga::policy::later(at, hold);
    let record = IdempotencyRecord { body: body.clone(), token, progress: Progress::Reserved { until } };
    Reservation::Proceed { record, token }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLD: Duration = Duration::from_secs(60);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn reserve(existing: Option<&IdempotencyRecord<u16>>, body: &str, second: i64) -> Reservation<u16> {
        IdempotencyRecord::reserve(existing, &BodyHash::of(body.as_bytes()), at(second), HOLD)
    }

    fn proceeded(reservation: Reservation<u16>) -> (IdempotencyRecord<u16>, FencingToken) {
        match reservation {
            Reservation::Proceed { record, token } => (record, token),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_first_proceeds_and_the_second_waits() {
        let (record, token) = proceeded(reserve(None, "a", 0));
        assert_eq!(token.get(), 1);
        assert_eq!(reserve(Some(&record), "a", 59), Reservation::InFlight { retry_after: Duration::from_secs(1) });
        assert_eq!(reserve(Some(&record), "a", 0), Reservation::InFlight { retry_after: HOLD });
    }

    #[test]
    fn the_same_body_gets_the_same_reply_and_another_body_none() {
        let (record, token) = proceeded(reserve(None, "a", 0));
        assert_eq!(reserve(Some(&record), "b", 0), Reservation::OtherBody);
        let answered = record.answer(token, 202).unwrap();
        assert_eq!(reserve(Some(&answered), "a", 1_000_000), Reservation::Replay { reply: 202 });
        assert_eq!(reserve(Some(&answered), "b", 1_000_000), Reservation::OtherBody);
        assert_eq!(answered.answer(token, 500), Err(Fenced), "a reply does not change");
        assert_eq!(answered.give_up(token), Err(Fenced));
    }

    #[test]
    fn a_silent_holder_is_fenced_off() {
        let (first, old) = proceeded(reserve(None, "a", 0));
        let (second, new) = proceeded(reserve(Some(&first), "a", 60));
        assert_eq!((old.get(), new.get(), second.token()), (1, 2, new));
        assert_eq!(second.answer(old, 202), Err(Fenced));
        assert_eq!(second.give_up(old), Err(Fenced));
        assert_eq!(reserve(Some(&second), "a", 119), Reservation::InFlight { retry_after: Duration::from_secs(1) });
        assert!(second.answer(new, 202).is_ok());
    }

    #[test]
    fn what_was_given_up_may_begin_again_at_once() {
        let (record, token) = proceeded(reserve(None, "a", 0));
        let given_up = record.give_up(token).unwrap();
        assert_eq!(reserve(Some(&given_up), "b", 1), Reservation::OtherBody);
        let (_, next) = proceeded(reserve(Some(&given_up), "a", 1));
        assert_eq!(next.get(), 2);
    }
}
