//! Which region may write: a majority of votes, each kept by a table in a region of its own.
//!
//! A region holds the lease while a majority of the votes names it under one epoch. How long, it counts on its own monotonic
//! clock from before it asked; so its time is up before anybody else's patience is. Whoever wants to take the lease over waits
//! until a majority of the votes has not been renewed for the lease's time and a margin, likewise by its own clock, and then
//! takes it under the next epoch. No two regions hold one epoch: whoever takes it has seen at least one vote of every majority
//! that there was. A region takes only what it is wanted to: while nobody has said otherwise, that is the first.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use thiserror::Error;

use crate::identity::Cause;
use crate::journal::Region;

/// What a task knows of its region's lease, without asking anybody.
pub trait Lease: Send + Sync {
    /// `None` while this region may change nothing.
    fn held(&self) -> Option<Held>;
}

/// The right to write until a moment of this task's own monotonic clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub region: Region,
    /// Counts up with every change of the holder.
    pub epoch: u64,
    /// By [`Clock::monotonic`](crate::clock::Clock::monotonic). No call may still be under way then.
    pub until: Duration,
    /// When the lease was taken from another region; that one's last entries may not be here yet.
    pub taken_over_at: Option<Timestamp>,
}

/// One table's vote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    pub holder: Region,
    pub epoch: u64,
    /// Counts up with every renewal, whichever task of the holder's made it.
    pub renewal: u64,
    pub taken_over_at: Option<Timestamp>,
}

/// What one table says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ballot {
    pub vote: Option<Vote>,
    /// Who is to hold the lease; the first of the regions while nobody has said so.
    pub wanted: Option<Region>,
}

/// One table. Reads are strongly consistent, writes are conditional.
#[async_trait]
pub trait BallotBox: Send + Sync {
    async fn read(&self) -> Result<Ballot, BallotError>;

    /// Counts the renewal of the vote up, if it still is this region's under this epoch.
    async fn renew(&self, region: &Region, epoch: u64) -> Result<bool, BallotError>;

    /// Puts `vote` in the place of exactly `replaced`.
    async fn take(&self, vote: &Vote, replaced: Option<&Vote>) -> Result<bool, BallotError>;

    async fn want(&self, region: &Region) -> Result<(), BallotError>;
}

#[derive(Debug, Error)]
#[error("cannot {operation} a vote of the lease")]
pub struct BallotError {
    pub operation: &'static str,
    #[source]
    pub source: Cause,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// How long a vote counts; longer than the longest call, or none could be made.
    pub lasts: Duration,
    /// What a taker waits beyond that: for clocks that run at different speeds, and for calls at partners that go on without
    /// their callers.
    pub margin: Duration,
}

impl Terms {
    #[must_use]
    pub const fn standard() -> Self {
        Self { lasts: Duration::from_secs(30), margin: Duration::from_secs(10) }
    }
}

/// What to do at the tables, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// Nothing: too few answer, another region holds it, or another one is wanted.
    Wait,
    Renew {
        epoch: u64,
        at: Vec<bool>,
        taken_over_at: Option<Timestamp>,
    },
    Take {
        vote: Vote,
        /// The vote that each is taken from, where it is taken.
        from: Vec<Option<Option<Vote>>>,
    },
}

/// A region's side, as one task sees it.
#[derive(Debug)]
pub struct Candidate {
    region: Region,
    home: Region,
    terms: Terms,
    /// Each table's vote and since when it has been that one.
    seen: Vec<Option<(Option<Vote>, Duration)>>,
}

impl Candidate {
    /// `votes`: the regions whose tables vote, the first being home.
    #[must_use]
    pub fn new(region: Region, votes: &[Region], terms: Terms) -> Self {
        let home = votes.first().cloned().unwrap_or_else(|| region.clone());
        Self { region, home, terms, seen: vec![None; votes.len()] }
    }

    #[must_use]
    pub const fn region(&self) -> &Region {
        &self.region
    }

    #[must_use]
    pub const fn majority(&self) -> usize {
        self.seen.len() / 2 + 1
    }

    /// `ballots`: what each table answered, if it did, at `now` of the monotonic clock.
    pub fn plan(&mut self, ballots: &[Option<Ballot>], now: Duration, at: Timestamp) -> Plan {
        for (seen, ballot) in self.seen.iter_mut().zip(ballots) {
            if let Some(Ballot { vote, .. }) = ballot
                && seen.as_ref().is_none_or(|(known, _)| known != vote)
            {
                *seen = Some((vote.clone(), now));
            }
        }
        if ballots.iter().flatten().count() < self.majority() || self.wanted(ballots) != self.region {
            return Plan::Wait;
        }
        let vote = |index: usize| ballots.get(index).and_then(Option::as_ref).and_then(|ballot| ballot.vote.as_ref());
        let own = |index: usize, epoch: u64| {
            vote(index).is_some_and(|vote| vote.holder == self.region && vote.epoch == epoch)
        };
        let highest = (0..ballots.len()).filter_map(vote).map(|vote| vote.epoch).max().unwrap_or(0);
        let all_own: Vec<bool> = (0..ballots.len()).map(|index| own(index, highest)).collect();
        // A table that another one has won meanwhile, or that was empty, comes back by taking it under a new epoch only when
        // without it there is no majority: a new epoch ends every call's waiting.
        if self.majority() <= all_own.iter().filter(|own| **own).count() {
            let taken_over_at = (0..ballots.len()).filter(|index| own(*index, highest)).filter_map(vote).next();
            let taken_over_at = taken_over_at.and_then(|vote| vote.taken_over_at);
            return Plan::Renew { epoch: highest, at: all_own, taken_over_at };
        }
        self.take(ballots, highest, now, at)
    }

    /// What the answers of a plan's writes come to; `asked_at` is from before the first of them.
    #[must_use]
    pub fn held(&self, epoch: u64, taken_over_at: Option<Timestamp>, asked_at: Duration, won: usize) -> Option<Held> {
        let until = asked_at.saturating_add(self.terms.lasts);
        let region = self.region.clone();
        (self.majority() <= won).then_some(Held { region, epoch, until, taken_over_at })
    }

    fn take(&self, ballots: &[Option<Ballot>], highest: u64, now: Duration, at: Timestamp) -> Plan {
        let patience = self.terms.lasts.saturating_add(self.terms.margin);
        let from: Vec<Option<Option<Vote>>> = ballots
            .iter()
            .zip(&self.seen)
            .map(|(ballot, seen)| {
                let vote = ballot.as_ref()?.vote.clone();
                let since = seen.as_ref().map_or(now, |(_, since)| *since);
                let is_free = vote
                    .as_ref()
                    .is_none_or(|vote| vote.holder == self.region || patience <= now.saturating_sub(since));
                is_free.then_some(vote)
            })
            .collect();
        let free = from.iter().flatten().count();
        if free < self.majority() {
            return Plan::Wait;
        }
        let votes = || from.iter().flatten().flatten();
        let is_anothers = votes().any(|vote| vote.holder != self.region);
        let before = votes().filter_map(|vote| vote.taken_over_at).max();
        let taken_over_at = if is_anothers { Some(at) } else { before };
        let vote = Vote { holder: self.region.clone(), epoch: highest.saturating_add(1), renewal: 1, taken_over_at };
        Plan::Take { vote, from }
    }

    /// What a majority of the answers says; home when there is none.
    fn wanted(&self, ballots: &[Option<Ballot>]) -> Region {
        let wishes: Vec<&Region> = ballots.iter().flatten().filter_map(|ballot| ballot.wanted.as_ref()).collect();
        let agreed =
            wishes.iter().find(|one| self.majority() <= wishes.iter().filter(|other| **other == **one).count());
        agreed.map_or_else(|| self.home.clone(), |region| (*region).clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn region(name: &str) -> Region {
        Region::try_from(name.to_owned()).unwrap()
    }

    fn regions() -> [Region; 3] {
        ["singapore", "sydney", "tokyo"].map(region)
    }

    fn candidate(name: &str) -> Candidate {
        Candidate::new(region(name), &regions(), Terms::standard())
    }

    fn vote(holder: &str, epoch: u64, renewal: u64) -> Option<Ballot> {
        let vote = Vote { holder: region(holder), epoch, renewal, taken_over_at: None };
        Some(Ballot { vote: Some(vote), wanted: None })
    }

    fn wanting(ballots: [Option<Ballot>; 3], wanted: &str) -> [Option<Ballot>; 3] {
        ballots.map(|ballot| ballot.map(|ballot| Ballot { wanted: Some(region(wanted)), ..ballot }))
    }

    fn takes(plan: &Plan) -> Option<(u64, usize, bool)> {
        match plan {
            Plan::Take { vote, from } => {
                Some((vote.epoch, from.iter().flatten().count(), vote.taken_over_at.is_some()))
            }
            Plan::Wait | Plan::Renew { .. } => None,
        }
    }

    #[test]
    fn the_first_takes_empty_tables_under_the_first_epoch() {
        let empty = || Some(Ballot::default());
        let now = Timestamp::UNIX_EPOCH;
        let plan = candidate("singapore").plan(&[empty(), empty(), empty()], SECOND, now);
        assert_eq!(takes(&plan), Some((1, 3, false)));
        assert_eq!(candidate("sydney").plan(&[empty(), empty(), empty()], SECOND, now), Plan::Wait);
        assert_eq!(candidate("singapore").plan(&[empty(), None, None], SECOND, now), Plan::Wait);
        assert_eq!(takes(&candidate("singapore").plan(&[empty(), empty(), None], SECOND, now)), Some((1, 2, false)));
    }

    #[test]
    fn a_holder_renews_and_counts_from_before_it_asked() {
        let mut holder = candidate("singapore");
        let ballots = [vote("singapore", 4, 7), vote("singapore", 4, 9), vote("sydney", 3, 1)];
        let plan = holder.plan(&ballots, SECOND, Timestamp::UNIX_EPOCH);
        assert_eq!(plan, Plan::Renew { epoch: 4, at: vec![true, true, false], taken_over_at: None });
        assert_eq!(holder.held(4, None, SECOND, 1), None);
        assert_eq!(holder.held(4, None, SECOND, 2).unwrap().until, 31 * SECOND);
    }

    #[test]
    fn a_taker_waits_for_the_lease_and_the_margin_of_a_majority() {
        let mut sydney = candidate("sydney");
        let held = |renewal| {
            wanting(
                [vote("singapore", 4, renewal), vote("singapore", 4, renewal), vote("singapore", 4, renewal)],
                "sydney",
            )
        };
        let at = Timestamp::UNIX_EPOCH;
        assert_eq!(sydney.plan(&held(1), SECOND, at), Plan::Wait);
        assert_eq!(sydney.plan(&held(1), 40 * SECOND, at), Plan::Wait);
        // A renewal begins the waiting anew.
        assert_eq!(sydney.plan(&held(2), 41 * SECOND, at), Plan::Wait);
        assert_eq!(sydney.plan(&held(2), 80 * SECOND, at), Plan::Wait);
        assert_eq!(takes(&sydney.plan(&held(2), 81 * SECOND, at)), Some((5, 3, true)));
        let [_, second, third] = held(2);
        assert_eq!(takes(&sydney.plan(&[None, second, third], 81 * SECOND, at)), Some((5, 2, true)));
    }

    #[test]
    fn who_is_not_wanted_lets_go() {
        let mut singapore = candidate("singapore");
        let ballots = [vote("singapore", 4, 1), vote("singapore", 4, 1), vote("singapore", 4, 1)];
        let at = Timestamp::UNIX_EPOCH;
        assert!(matches!(singapore.plan(&ballots, SECOND, at), Plan::Renew { .. }));
        assert_eq!(singapore.plan(&wanting(ballots.clone(), "sydney"), SECOND, at), Plan::Wait);
        // One table alone says nothing.
        let [first, second, third] = ballots;
        let [asked, ..] = wanting([first, None, None], "sydney");
        assert!(matches!(singapore.plan(&[asked, second, third], SECOND, at), Plan::Renew { .. }));
    }
}
