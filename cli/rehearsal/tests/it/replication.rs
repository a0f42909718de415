//! Replication by itself: regions that write, links that are cut, and where it ends.

use como_rehearsal::replication::ledger::{Entry, Found, Ledger};
use como_rehearsal::replication::regions::spread;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const REGIONS: [&str; 3] = ["ap-southeast-1", "ap-southeast-2", "us-east-1"];
const LAG_US: u64 = 500;

#[derive(Debug, Clone)]
enum Event {
    Write {
        region: usize,
        item: u8,
        value: u8,
    },
    Delete {
        region: usize,
        item: u8,
    },
    Cut {
        from: usize,
        to: usize,
    },
    Heal {
        from: usize,
        to: usize,
    },
    Wait {
        microseconds: u64,
    },
    /// The supervisor is killed and started again.
    Restart,
}

fn event() -> impl Strategy<Value = Event> {
    let (region, item) = (0..REGIONS.len(), 0..4_u8);
    prop_oneof![
        5 => (region.clone(), item.clone(), any::<u8>())
            .prop_map(|(region, item, value)| Event::Write { region, item, value }),
        2 => (region.clone(), item).prop_map(|(region, item)| Event::Delete { region, item }),
        1 => (region.clone(), region.clone()).prop_map(|(from, to)| Event::Cut { from, to }),
        1 => (region.clone(), region).prop_map(|(from, to)| Event::Heal { from, to }),
        3 => (0..1000_u64).prop_map(|microseconds| Event::Wait { microseconds }),
        1 => Just(Event::Restart),
    ]
}

struct World {
    seed: u64,
    now_us: u64,
    /// How far each region's clock is ahead.
    ahead_us: [i64; 3],
    ledgers: Vec<Ledger>,
    items: Vec<BTreeMap<u8, u8>>,
    cut: BTreeSet<(usize, usize)>,
    arrivals: Vec<String>,
}

impl World {
    fn new(seed: u64, ahead_us: [i64; 3]) -> Self {
        let mut ledger = Ledger::default();
        ledger.fold(Entry::Started { table: "t".to_owned(), sequence: 0 });
        Self {
            seed,
            now_us: 1_000_000,
            ahead_us,
            ledgers: vec![ledger; REGIONS.len()],
            items: vec![BTreeMap::new(); REGIONS.len()],
            cut: BTreeSet::new(),
            arrivals: Vec::new(),
        }
    }

    fn happen(&mut self, event: &Event) {
        match event {
            Event::Write { region, item, value } => self.write(*region, *item, Some(*value)),
            Event::Delete { region, item } => self.write(*region, *item, None),
            Event::Cut { from, to } => {
                self.cut.insert((*from, *to));
            }
            Event::Heal { from, to } => {
                self.cut.remove(&(*from, *to));
            }
            Event::Wait { microseconds } => self.now_us += microseconds,
            Event::Restart => {
                for ledger in &mut self.ledgers {
                    let mut again = Ledger::default();
                    for entry in ledger.entries() {
                        again.fold(entry);
                    }
                    *ledger = again;
                }
            }
        }
        self.deliver();
    }

    fn write(&mut self, region: usize, item: u8, value: Option<u8>) {
        let changed = match value {
            Some(value) => self.items[region].insert(item, value) != Some(value),
            None => self.items[region].remove(&item).is_some(),
        };
        // A stream does not show a write that changes nothing.
        if !changed {
            return;
        }
        let others = REGIONS.iter().filter(|other| **other != REGIONS[region]).map(|other| (*other).to_owned());
        let found = Found {
            table: "t".to_owned(),
            key: json!({ "pk": { "N": item.to_string() } }),
            image: value.map(|value| json!({ "item": item, "value": value })),
            clock_us: self.now_us.saturating_add_signed(self.ahead_us[region]),
            sent_us: self.now_us,
            sequence: self.now_us,
            is_backfill: false,
        };
        let entry = self.ledgers[region].capture(found, REGIONS[region], others.collect());
        self.ledgers[region].fold(entry);
    }

    fn deliver(&mut self) {
        for from in 0..REGIONS.len() {
            for to in (0..REGIONS.len()).filter(|to| *to != from) {
                if self.cut.contains(&(from, to)) {
                    continue;
                }
                let mut due: Vec<_> = self.ledgers[from]
                    .waiting(REGIONS[to])
                    .map(|(number, write)| {
                        let thing = format!("{from} {to} {number}");
                        (write.sent_us + LAG_US + spread(self.seed, &thing, LAG_US), number, write.clone())
                    })
                    .filter(|(at, _, _)| *at <= self.now_us)
                    .collect();
                due.sort_by_key(|(at, number, _)| (*at, *number));
                for (_, number, write) in due {
                    if self.ledgers[to].wins(&write) {
                        let (table, key, version) = (write.table.clone(), write.key.clone(), write.version.clone());
                        self.ledgers[to].fold(Entry::Applying { table: table.clone(), key, version });
                        self.apply(to, &write.key, write.image.as_ref());
                        self.ledgers[to].fold(Entry::Applied { table, sequence: self.now_us });
                    }
                    self.arrivals.push(format!("{from} {to} {number} {}", self.now_us));
                    self.ledgers[from].fold(Entry::Sent { number, to: REGIONS[to].to_owned() });
                }
            }
        }
    }

    fn apply(&mut self, region: usize, key: &Value, image: Option<&Value>) {
        let item: u8 = key["pk"]["N"].as_str().unwrap().parse().unwrap();
        match image {
            Some(image) => {
                let value = u8::try_from(image["value"].as_u64().unwrap()).unwrap();
                self.items[region].insert(item, value);
            }
            None => {
                self.items[region].remove(&item);
            }
        }
    }

    fn heal_and_settle(&mut self) {
        self.cut.clear();
        self.now_us += 3 * LAG_US;
        self.deliver();
        assert!(self.ledgers.iter().all(|ledger| ledger.targets().is_empty()));
    }
}

fn play(seed: u64, ahead_us: [i64; 3], events: &[Event]) -> World {
    let mut world = World::new(seed, ahead_us);
    for event in events {
        world.happen(event);
    }
    world.heal_and_settle();
    world
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn after_a_heal_all_regions_hold_the_same_items(
        seed: u64,
        ahead_us in [-2000..2000_i64, -2000..2000_i64, -2000..2000_i64],
        events in proptest::collection::vec(event(), 0..60),
    ) {
        let world = play(seed, ahead_us, &events);
        prop_assert_eq!(&world.items[0], &world.items[1]);
        prop_assert_eq!(&world.items[0], &world.items[2]);
    }

    #[test]
    fn the_same_seed_gives_the_same_arrivals(
        seed: u64,
        events in proptest::collection::vec(event(), 0..60),
    ) {
        prop_assert_eq!(play(seed, [0; 3], &events).arrivals, play(seed, [0; 3], &events).arrivals);
    }
}

#[test]
fn the_later_writer_wins_however_late_it_arrives() {
    let mut world = World::new(1, [0; 3]);
    world.happen(&Event::Cut { from: 0, to: 1 });
    world.happen(&Event::Write { region: 1, item: 1, value: 1 });
    world.happen(&Event::Wait { microseconds: 10 });
    world.happen(&Event::Write { region: 0, item: 1, value: 2 });
    world.happen(&Event::Wait { microseconds: 5000 });
    assert_eq!((world.items[0][&1], world.items[1][&1], world.items[2][&1]), (2, 1, 2));
    world.heal_and_settle();
    assert_eq!((world.items[0][&1], world.items[1][&1], world.items[2][&1]), (2, 2, 2));
}

#[test]
fn a_delete_is_not_undone_by_an_older_write() {
    let mut world = World::new(1, [0; 3]);
    world.happen(&Event::Cut { from: 0, to: 1 });
    world.happen(&Event::Write { region: 0, item: 1, value: 1 });
    world.happen(&Event::Wait { microseconds: 2000 });
    world.happen(&Event::Delete { region: 2, item: 1 });
    world.happen(&Event::Wait { microseconds: 2000 });
    world.happen(&Event::Restart);
    world.heal_and_settle();
    assert!(world.items.iter().all(BTreeMap::is_empty));
}
