//! Longer runs with more faults, drawn by a seed.

use como_domain::journal::Journal;

use crate::world::machine::SHIPPING;
use crate::world::moves::Move;
use crate::world::partners::Terms;
use crate::world::run::{BY_CARD, Setting, WITH_POINTS, World, booking, redemption};
use crate::world::takeover::{Replicated, TakeOver, Takeovers};

/// Runs in the suite; outside of it, `COMO_RANDOM_RUNS=10000000` makes more of them.
const RUNS: u64 = 100_000;

/// SplitMix64: small, and the same everywhere. <https://prng.di.unimi.it/splitmix64.c>
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seed(pub(crate) u64);

impl Seed {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }
}

/// A saga of any kind that up to eight things go wrong with, until nothing is due.
fn run(mut seed: Seed) -> (World, Vec<Move>) {
    let terms = Terms { reversal: seed.chance(2), cancellation: !seed.chance(3), unique_receipts: false };
    let subject = if seed.chance(2) { booking } else { redemption };
    let payment = if seed.chance(2) { BY_CARD } else { WITH_POINTS };
    let faults = u8::try_from(seed.below(9)).unwrap();
    let mut world =
        World::new(SHIPPING, Setting { subject, payment, terms, faults, cancels: 2, takeovers: Takeovers::None });
    let mut trail = Vec::new();
    let calm = 5 + seed.below(40);
    loop {
        let due = world.due();
        // Later on only what is due happens, so that the run ends.
        let may_err = trail.len() < calm && seed.chance(2);
        let mut others = Vec::new();
        if may_err || due.is_empty() {
            world.may(&mut others);
            if 0 < world.faults && seed.chance(4) {
                others = vec![Move::TakeOver(takeover(&world, &mut seed))];
            }
        }
        let next = match (may_err && !others.is_empty(), due.is_empty()) {
            (true, _) => others.swap_remove(seed.below(others.len())),
            (false, false) => due[seed.below(due.len())].clone(),
            (false, true) if world.actions().is_empty() => return (world, trail),
            (false, true) => match others.iter().find(|next| matches!(next, Move::Settle(_) | Move::Redrive)) {
                Some(next) => next.clone(),
                None => return (world, trail),
            },
        };
        world.apply(&next);
        trail.push(next);
        let verdict = world.always().or_else(|| world.due().is_empty().then(|| world.at_rest()).flatten());
        if let Some(what) = verdict {
            panic!("{what} after {trail:#?}");
        }
        assert!(trail.len() < 400, "no end in sight: {trail:#?}");
    }
}

/// The lease goes to the other region, which has the first few entries or all but one.
fn takeover(world: &World, seed: &mut Seed) -> TakeOver {
    let entries = world.sides[world.active].entries.len();
    let executed = world.worker && seed.chance(2);
    let replicated = match seed.chance(3) {
        true => Replicated::AllBut(seed.below(entries)),
        false => Replicated::First(seed.below(entries + 1)),
    };
    TakeOver { executed, told: executed && seed.chance(2), replicated }
}

/// What such a run leaves behind, entries of both regions together.
pub(crate) fn journals(seed: Seed) -> Journal {
    let (world, _) = run(seed);
    let [one, other] = world.sides.each_ref().map(|side| side.journal());
    one.merge(&other).unwrap()
}

#[test]
fn a_hundred_thousand_runs_with_many_faults_keep_the_laws() {
    let runs = std::env::var("COMO_RANDOM_RUNS").ok().map_or(RUNS, |text| text.parse().unwrap());
    let mut longest = 0;
    let mut takeovers = 0;
    for number in 0..runs {
        let (_, trail) = run(Seed(number.wrapping_mul(0x2545_f491_4f6c_dd1d)));
        longest = longest.max(trail.len());
        takeovers += trail.iter().filter(|next| matches!(next, Move::TakeOver(_))).count();
    }
    // The runs are worth their time only if they are long and see the regions change.
    assert!(30 < longest, "the longest had {longest} moves");
    assert!(runs / 10 < u64::try_from(takeovers).unwrap(), "only {takeovers} takeovers");
}
