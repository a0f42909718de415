//! The lease goes to the other region, which has some of the entries; later all entries come together.

use std::rc::Rc;
use std::sync::Arc;

use como_domain::journal::Entry;
use como_domain::saga::event::{Event, Past};
use como_domain::saga::intent::Intent;

use super::machine::SHIPPING;
use super::partners::Terms;
use super::run::{Setting, World, booking};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TakeOver {
    /// Whether the call that was in flight had its effect; its time limit lies within the lease, so it has none later.
    pub(crate) executed: bool,
    /// Whether the region that lost the lease still writes down how it ended.
    pub(crate) told: bool,
    pub(crate) replicated: Replicated,
}

/// What of the old region's entries the new one has. Replication is item by item, so one may be missing between others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replicated {
    First(usize),
    AllBut(usize),
}

/// How many ways of replicating are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takeovers {
    /// There is one region.
    None,
    /// Any number of them, each with the first few entries for every number of them, and gaps.
    All,
}

impl World {
    pub(crate) fn takeovers(&self) -> Vec<TakeOver> {
        let entries = self.sides[self.active].entries.len();
        if self.takeovers == Takeovers::None {
            return Vec::new();
        }
        let first = (0..=entries).map(Replicated::First);
        let gaps = (entries.saturating_sub(3)..entries.saturating_sub(1)).map(Replicated::AllBut);
        let replicated: Vec<Replicated> = first.chain(gaps).collect();
        let ends: &[(bool, bool)] =
            if self.worker { &[(false, false), (true, false), (true, true)] } else { &[(false, false)] };
        ends.iter()
            .flat_map(|&(executed, told)| {
                replicated.iter().map(move |&replicated| TakeOver { executed, told, replicated })
            })
            .collect()
    }

    pub(crate) fn take_over(&mut self, takeover: TakeOver) {
        self.faults -= 1;
        let (old, new) = (self.active, 1 - self.active);
        let replicated: Vec<_> = self.sides[old]
            .entries
            .iter()
            .enumerate()
            .filter(|(index, _)| match takeover.replicated {
                Replicated::First(count) => *index < count,
                Replicated::AllBut(missing) => *index != missing,
            })
            .map(|(_, entry)| Rc::clone(entry))
            .collect();
        if let Some(call) = self.call().cloned().filter(|_| self.worker && takeover.executed) {
            let outcome = self.partners.execute(&call, self.now);
            if takeover.told {
                self.feed_to(old, self.epoch, Event::Finished { call: call.id(), outcome });
            }
        }
        self.sides[new].take(replicated);
        self.active = new;
        self.epoch += 1;
        self.worker = false;
        self.diverged = self.sides[0].hash() != self.sides[1].hash();
        // What the new region finds pending in its table, it goes on with.
        if self.state().pending().is_some() {
            self.feed(Event::Woke);
        }
    }

    pub(crate) fn heal(&mut self) {
        let [one, other] = self.sides.each_ref().map(|side| side.journal());
        let merged = one.merge(&other).unwrap();
        assert_eq!(merged, other.merge(&one).unwrap(), "regions agree");
        let entries: Vec<_> = merged.entries().map(|entry| Rc::new(entry.clone())).collect();
        for side in &mut self.sides {
            side.entries.clear();
            side.take(entries.iter().cloned());
        }
        assert!(self.sides[0].state == self.sides[1].state);
        self.diverged = false;
        self.worker &= self.call().is_some();
        self.feed(Event::Woke);
    }

    /// The API answers from the record of the request where it can; this is what happens where it cannot.
    pub(crate) fn retry(&mut self) {
        let past = match self.state().intent() {
            Some(_) => {
                self.faults -= 1;
                Past::Whole
            }
            None => Past::MayBeMissing,
        };
        self.feed(self.accepted(past));
    }

    /// A world in which `entries` were written and the partners hold what they show.
    pub(crate) fn resume(entries: &[Entry], terms: Terms) -> Self {
        let accepted = entries.iter().find_map(|entry| match &entry.event {
            Event::Accepted { intent, .. } => Some(Intent::clone(intent)),
            _ => None,
        });
        let intent = accepted.unwrap();
        let (payment, takeovers) = (intent.payment, Takeovers::None);
        let setting = Setting { subject: booking, payment, terms, faults: 0, cancels: 0, takeovers };
        let mut world = Self::new(SHIPPING, setting);
        world.intent = Arc::new(intent);
        for side in &mut world.sides {
            side.entries.clear();
            side.take(entries.iter().cloned().map(Rc::new));
        }
        let state = Rc::clone(&world.sides[0].state);
        world.epoch = state.epoch();
        world.now = entries.iter().map(|entry| entry.at.as_second()).max().unwrap();
        world.partners.hold(state.evidence());
        for entry in entries {
            if let Event::Settled(step) = entry.event {
                world.partners.settle(step);
            }
        }
        world.worker = false;
        world
    }

    /// Runs on without further faults until nothing is due.
    pub(crate) fn settle_down(&mut self) {
        for _ in 0..500 {
            let Some(next) = self.due().into_iter().next() else {
                return;
            };
            self.apply(&next);
        }
        panic!("no end in sight: {:#?}", self.sides[self.active].entries);
    }
}
