//! The lease over three tables, and what a region does that has lost it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use como_domain::clock::Clock;
use como_domain::journal::Region;
use como_domain::lease::{Ballot, BallotBox, BallotError, Held, Lease, Terms, Vote};
use como_domain::saga::view::Status;
use como_domain::sagas::{Sagas, SagasError};
use como_runtime::sagas::{Votes, sweep_until};
use jiff::Timestamp;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::fakes::Broken;
use super::stores::{ENVIRONMENT, SINGAPORE, SYDNEY, Stores, TOKYO};
use super::world::{PRICE, World, intent, saga, until, with_points};

/// A region's own clock, moved by the test.
#[derive(Default)]
struct Watch {
    seconds: AtomicU64,
}

impl Watch {
    fn pass(&self, seconds: u64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for Watch {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.seconds.load(Ordering::SeqCst))
    }
}

/// A table that can be cut off from one region.
struct Line {
    table: Arc<dyn BallotBox>,
    is_cut: AtomicBool,
}

impl Line {
    fn open(&self) -> Result<(), BallotError> {
        match self.is_cut.load(Ordering::SeqCst) {
            true => Err(BallotError { operation: "reach", source: "the line is cut".into() }),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl BallotBox for Line {
    async fn read(&self) -> Result<Ballot, BallotError> {
        self.open()?;
        self.table.read().await
    }

    async fn renew(&self, region: &Region, epoch: u64) -> Result<bool, BallotError> {
        self.open()?;
        self.table.renew(region, epoch).await
    }

    async fn take(&self, vote: &Vote, replaced: Option<&Vote>) -> Result<bool, BallotError> {
        self.open()?;
        self.table.take(vote, replaced).await
    }

    async fn want(&self, region: &Region) -> Result<(), BallotError> {
        self.open()?;
        self.table.want(region).await
    }
}

struct Side {
    votes: Votes,
    clock: Arc<Watch>,
    lines: Vec<Arc<Line>>,
}

impl Side {
    async fn of(stores: &Stores, name: &str) -> Self {
        let regions = [SINGAPORE, SYDNEY, TOKYO].map(region);
        let (mut lines, mut boxes) = (Vec::new(), Vec::<Arc<dyn BallotBox>>::new());
        for region in &regions {
            let table = Arc::new(stores.clients(region.as_str()).await.lease_table(ENVIRONMENT));
            let line = Arc::new(Line { table, is_cut: AtomicBool::new(false) });
            boxes.push(line.clone());
            lines.push(line);
        }
        let clock = Arc::new(Watch::default());
        let votes = Votes::new(region(name), &regions, boxes, clock.clone(), Terms::standard());
        Self { votes, clock, lines }
    }

    fn cut(&self, which: &[usize], is_cut: bool) {
        which.iter().for_each(|line| self.lines[*line].is_cut.store(is_cut, Ordering::SeqCst));
    }

    fn epoch(&self) -> Option<u64> {
        self.votes.held().map(|held| held.epoch)
    }
}

fn region(name: &str) -> Region {
    Region::try_from(name.to_owned()).unwrap()
}

#[tokio::test]
async fn two_of_three_votes_are_enough_and_one_is_not() {
    let stores = Stores::open().await;
    let singapore = Side::of(&stores, SINGAPORE).await;
    assert_eq!(singapore.epoch(), None);
    singapore.cut(&[1, 2], true);
    singapore.votes.round().await;
    assert_eq!(singapore.epoch(), None);
    singapore.cut(&[1], false);
    singapore.votes.round().await;
    assert_eq!(singapore.epoch(), Some(1));
    // A second task of the region has the same lease at once.
    let colleague = Side::of(&stores, SINGAPORE).await;
    colleague.votes.round().await;
    assert_eq!(colleague.epoch(), Some(1));
    singapore.clock.pass(29);
    assert_eq!(singapore.epoch(), Some(1));
    singapore.clock.pass(1);
    assert_eq!(singapore.epoch(), None, "nobody has renewed");
    singapore.votes.round().await;
    assert_eq!(singapore.epoch(), Some(1));
    stores.close().await;
}

#[tokio::test]
async fn a_cut_off_region_stops_before_the_other_one_begins() {
    let stores = Stores::open().await;
    let (singapore, sydney) = (Side::of(&stores, SINGAPORE).await, Side::of(&stores, SYDNEY).await);
    singapore.votes.round().await;
    sydney.votes.round().await;
    assert_eq!((singapore.epoch(), sydney.epoch()), (Some(1), None));
    // Singapore reaches its own table only; somebody says that Sydney is wanted.
    singapore.cut(&[1, 2], true);
    sydney.cut(&[0], true);
    for line in &sydney.lines[1..] {
        line.want(&region(SYDNEY)).await.unwrap();
    }
    let mut were_both = false;
    let mut passed = 0;
    while sydney.epoch().is_none() {
        assert!(passed < 120, "Sydney never takes over");
        for side in [&singapore, &sydney] {
            side.votes.round().await;
            side.clock.pass(1);
        }
        passed += 1;
        were_both |= singapore.epoch().is_some() && sydney.epoch().is_some();
    }
    assert!(!were_both && singapore.epoch().is_none());
    assert!(40 <= passed, "{passed}");
    assert_eq!(sydney.epoch(), Some(2));
    assert!(sydney.votes.held().unwrap().taken_over_at.is_some());
    // The line is mended: Singapore sees that it is not wanted.
    singapore.cut(&[1, 2], false);
    singapore.clock.pass(100);
    singapore.votes.round().await;
    assert_eq!(singapore.epoch(), None);
    // And back, when it is.
    for line in &sydney.lines[1..] {
        line.want(&region(SINGAPORE)).await.unwrap();
    }
    sydney.votes.round().await;
    sydney.clock.pass(30);
    assert_eq!(sydney.epoch(), None);
    singapore.votes.round().await;
    singapore.clock.pass(40);
    singapore.votes.round().await;
    assert_eq!(singapore.epoch(), Some(3));
    stores.close().await;
}

/// Held until it is taken away.
struct Lost {
    clock: Arc<dyn Clock>,
    is_lost: AtomicBool,
}

impl Lease for Lost {
    fn held(&self) -> Option<Held> {
        let until = self.clock.monotonic() + Duration::from_secs(60);
        let held = Held { region: region(SINGAPORE), epoch: 1, until, taken_over_at: None };
        (!self.is_lost.load(Ordering::SeqCst)).then_some(held)
    }
}

/// The table is reserved, its answer is slow, and meanwhile the lease is gone: nothing more is written here, and the next
/// holder finds what was done.
#[tokio::test]
async fn who_loses_the_lease_in_mid_flight_writes_nothing_more() {
    let world = World::start().await;
    let member = world.mei().await;
    let before = world.points("M2000001");
    let lease = Arc::new(Lost { clock: Arc::clone(&world.clock), is_lost: AtomicBool::new(false) });
    let journals = world.journals(SINGAPORE).await;
    let driver = world.driver_with(Arc::clone(&journals), Arc::new(Broken), lease.clone()).await;
    assert!(
        world.sevenrooms.set_faults(
            json!({ "mode": "slow", "when": "after", "delay_ms": 300, "path_contains": "/book", "count": 1 })
        )
    );
    let id = saga(&member, "one");
    driver.accept(&id, intent(&member, with_points())).await.unwrap();
    while world.standing() == 0 {
        tokio::task::yield_now().await;
    }
    lease.is_lost.store(true, Ordering::SeqCst);
    driver.0.drained().await;
    assert_eq!(journals.read(&id).await.unwrap().entries().count(), 1);
    let refused = driver.accept(&saga(&member, "two"), intent(&member, with_points())).await;
    assert!(matches!(refused, Err(SagasError::NotServing)));
    // The same region again, under the next epoch, as after a wait.
    let next = world.driver_with(journals, Arc::new(Broken), world.lease(SINGAPORE, 2, None)).await;
    let stop = CancellationToken::new();
    let sweeping = tokio::spawn(sweep_until(stop.clone(), Arc::clone(&next.0), Duration::from_millis(20)));
    until(&next, &id, |status| *status == Status::Confirmed).await;
    assert_eq!((world.points("M2000001"), world.standing()), (before - PRICE * 100, 1));
    stop.cancel();
    sweeping.await.unwrap();
    world.stores.close().await;
}
