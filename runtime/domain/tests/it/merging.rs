//! Two regions' entries come together in one way, whatever the order, and as often as one likes.

use std::collections::BTreeSet;

use como_domain::journal::{AppendError, Entry, FencedOff, Journal, PlaceTaken, Position, Region};
use como_domain::saga::effect::Effect;
use como_domain::saga::event::Event;
use como_domain::saga::state::{Goal, State};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::random::{Seed, journals};

fn region(name: &str) -> Region {
    Region::try_from(name.to_owned()).unwrap()
}

fn entry(epoch: u64, name: &str, sequence: u32) -> Entry {
    let position = Position { epoch, region: region(name), sequence };
    Entry { position, at: Timestamp::UNIX_EPOCH, event: Event::Woke, goal: Goal::Fulfil, effect: None }
}

fn journal(entries: impl IntoIterator<Item = Entry>) -> Journal {
    let mut journal = Journal::default();
    entries.into_iter().for_each(|entry| journal.insert(entry).unwrap());
    journal
}

/// A journal that a run with faults left behind, split over three copies that overlap.
fn copies() -> impl Strategy<Value = [Journal; 3]> {
    (any::<u64>(), prop::collection::vec(1_u8..8, 1..80)).prop_map(|(seed, masks)| {
        let whole = journals(Seed(seed));
        let part = |bit: u8| {
            let entries = whole.entries().zip(masks.iter().cycle());
            journal(entries.filter(|(_, mask)| **mask & bit != 0).map(|(entry, _)| entry.clone()))
        };
        [part(1), part(2), part(4)]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn merging_is_commutative_associative_and_idempotent([a, b, c] in copies()) {
        let ab = a.merge(&b).unwrap();
        prop_assert_eq!(&ab, &b.merge(&a).unwrap());
        prop_assert_eq!(ab.merge(&c).unwrap(), a.merge(&b.merge(&c).unwrap()).unwrap());
        prop_assert_eq!(&ab.merge(&ab).unwrap(), &ab);
        prop_assert_eq!(&ab.merge(&a).unwrap(), &ab);
        prop_assert_eq!(ab.fold(), b.merge(&a).unwrap().fold());
    }

    #[test]
    fn a_fold_does_not_depend_on_the_order_of_arrival([a, b, c] in copies()) {
        let merged = a.merge(&b).unwrap().merge(&c).unwrap();
        let mut backwards = Journal::default();
        merged.entries().rev().for_each(|entry| backwards.insert(entry.clone()).unwrap());
        prop_assert_eq!(merged.fold(), backwards.fold());
    }

    #[test]
    fn positions_sort_as_their_texts_do(
        a in (any::<u64>(), "[a-z0-9-]{1,12}", any::<u32>()),
        b in (any::<u64>(), "[a-z0-9-]{1,12}", any::<u32>()),
    ) {
        let position = |(epoch, name, sequence): (u64, String, u32)| Position { epoch, region: region(&name), sequence };
        let (a, b) = (position(a), position(b));
        prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        prop_assert_eq!(a.to_string().parse::<Position>(), Ok(a));
    }
}

#[test]
fn a_passed_epoch_appends_nothing() {
    let mut journal = journal([entry(1, "one", 1), entry(2, "two", 1)]);
    let late = entry(1, "one", 2);
    let fenced = FencedOff { epoch: 1, newest: 2 };
    assert_eq!(journal.append(late.clone()), Err(AppendError::FencedOff(fenced)));
    assert_eq!(journal.append(entry(2, "one", 1)), Err(AppendError::FencedOff(FencedOff { epoch: 2, newest: 2 })));
    // What it had written before it knew is taken all the same, in the place that is its own.
    journal.insert(late).unwrap();
    let order: Vec<_> = journal.entries().map(|entry| (entry.position.epoch, entry.position.sequence)).collect();
    assert_eq!(order, [(1, 1), (1, 2), (2, 1)]);
    assert_eq!(journal.append(entry(2, "two", 2)), Ok(()));
    assert_eq!(journal.append(entry(3, "one", 1)), Ok(()));
}

#[test]
fn one_place_holds_one_entry() {
    let mut one = journal([entry(1, "one", 1)]);
    assert_eq!(one.append(entry(1, "one", 1)), Ok(()), "the same again");
    let other = Entry { effect: Some(Effect::WakeAt(Timestamp::MAX)), ..entry(1, "one", 1) };
    let taken = PlaceTaken { position: other.position.clone() };
    assert_eq!(one.append(other.clone()), Err(AppendError::Taken(taken.clone())));
    assert_eq!(one.merge(&journal([other])), Err(taken));
    assert_eq!(one, journal([entry(1, "one", 1)]));
}

#[test]
fn the_next_place_counts_on_within_epoch_and_region() {
    let journal = journal([entry(1, "one", 1), entry(1, "one", 2), entry(2, "two", 1)]);
    let next = |epoch, name: &str| journal.next_position(epoch, &region(name)).sequence;
    assert_eq!([next(1, "one"), next(2, "two"), next(2, "one"), next(3, "one"), next(1, "aaa")], [3, 2, 1, 1, 1]);
    assert!(!journal.is_empty());
    assert!(Journal::default().is_empty());
    assert_eq!(Journal::default().fold(), State::default());
}

#[test]
fn places_and_regions_are_read_strictly() {
    for text in ["", "1#one#1", "00000000000000000001#one", "00000000000000000001#ONE#0000000001"] {
        assert!(text.parse::<Position>().is_err(), "{text}");
    }
    let text = "00000000000000000001#one#0000000001";
    assert!(text.parse::<Position>().is_ok());
    assert!(format!("{text}#").parse::<Position>().is_err());
    let names = ["", "A", "a#b", &"a".repeat(33)];
    assert!(names.iter().all(|name| Region::try_from((*name).to_owned()).is_err()));
    assert_eq!(region(&"a".repeat(32)).as_str().len(), 32);
    let texts: BTreeSet<String> = [entry(1, "a", 1), entry(10, "a", 1)].map(|entry| entry.position.to_string()).into();
    assert_eq!(texts.len(), 2);
}
