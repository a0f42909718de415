//! Entries of every released version are read for ever: the fixtures under `tests/journals/` are folded and resumed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use como_domain::journal::{Entry, Journal};
use como_domain::saga::call::{Leg, Step};
use como_domain::saga::event::{Event, Refusal};
use como_domain::saga::view::view;
use serde::{Deserialize, Serialize};

use crate::world::machine::SHIPPING;
use crate::world::moves::{How, Move};
use crate::world::partners::Terms;
use crate::world::run::{BY_CARD, Setting, WITH_POINTS, World, booking, policy, redemption};
use crate::world::takeover::{Replicated, TakeOver, Takeovers};

#[derive(Serialize, Deserialize)]
struct Fixture {
    /// The status that the entries add up to.
    status: String,
    entries: Vec<Entry>,
}

const POINTS: Setting = Setting {
    subject: booking,
    payment: WITH_POINTS,
    terms: Terms::STANDARD,
    faults: 9,
    cancels: 1,
    takeovers: Takeovers::All,
};
const CARD: Setting = Setting { payment: BY_CARD, ..POINTS };

/// The name of a fixture and how its journal comes about.
type Script = (&'static str, fn() -> World);

const SCRIPTS: [Script; 12] = [
    ("points-confirmed", || at_rest(POINTS, &[])),
    ("points-deduction-lost", || after(POINTS, Step::Deduct, &[Move::Run(How::LostReply)])),
    ("points-deduction-in-flight", || after(POINTS, Step::Deduct, &[Move::Run(How::CrashAfter)])),
    ("points-needs-sign-in", || after(POINTS, Step::Deduct, &[Move::ExpireToken, Move::Run(How::Well)])),
    ("points-signed-in", || after(POINTS, Step::Deduct, &[Move::ExpireToken, Move::Run(How::Well), Move::SignIn])),
    ("points-by-hand", || {
        let terms = Terms { reversal: false, ..Terms::STANDARD };
        at_rest(Setting { terms, ..POINTS }, &[Move::Cancel])
    }),
    ("points-settled", || {
        let terms = Terms { reversal: false, ..Terms::STANDARD };
        at_rest(Setting { terms, ..POINTS }, &[Move::Cancel, Move::Settle(Step::ReversePoints.of(1))])
    }),
    ("points-redriven", || {
        let refused = Move::Run(How::Refused(Refusal::Declined));
        let mut world = after(POINTS, Step::Deduct, &[Move::Run(How::Refused(Refusal::InsufficientPoints)), refused]);
        world.settle_down();
        world.apply(&Move::Redrive);
        world
    }),
    ("points-two-regions", || {
        let takeover = TakeOver { executed: true, told: true, replicated: Replicated::First(1) };
        let mut world = after(POINTS, Step::Deduct, &[Move::TakeOver(takeover), Move::Heal]);
        world.settle_down();
        world
    }),
    ("card-awaiting-payment", || after(CARD, Step::Authorise, &[Move::Run(How::Well)])),
    ("card-capture-turned-away", || {
        let down = Move::Down(Leg::Payment);
        after(CARD, Step::Capture, &[down, Move::Run(How::Well)])
    }),
    ("redemption-refunded", || at_rest(Setting { subject: redemption, ..CARD }, &[Move::Cancel])),
];

/// Runs until `step` is about to be made, and then as told.
fn after(setting: Setting, step: Step, moves: &[Move]) -> World {
    let mut world = World::new(SHIPPING, setting);
    while !(world.worker && world.call().is_some_and(|call| call.id().id.step == step)) {
        world.apply(&Move::Pay);
        let next = world.due().into_iter().find(|next| !matches!(next, Move::Wake)).unwrap();
        world.apply(&next);
    }
    moves.iter().for_each(|next| world.apply(next));
    world
}

/// Runs until nothing is due, and again after each further move.
fn at_rest(setting: Setting, moves: &[Move]) -> World {
    let mut world = World::new(SHIPPING, setting);
    while !world.due().is_empty() {
        world.apply(&Move::Pay);
        let next = world.due().remove(0);
        world.apply(&next);
    }
    for next in moves {
        world.apply(next);
        world.settle_down();
    }
    world
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journals")
}

fn code(journal: &Journal) -> &'static str {
    view(&policy(), &journal.fold()).unwrap().status.code()
}

/// What was released is never written again; a new version's fixtures are added with `COMO_WRITE_FIXTURES=1`.
#[test]
fn every_fixture_says_what_it_said_when_it_was_released() {
    let mut seen = 0;
    for (name, script) in SCRIPTS {
        let path = folder().join(format!("v1-{name}.json"));
        if !path.exists() && std::env::var_os("COMO_WRITE_FIXTURES").is_some() {
            let world = script();
            let journal = world.sides[world.active].journal();
            let fixture = Fixture { status: code(&journal).to_owned(), entries: journal.entries().cloned().collect() };
            fs_err::write(&path, serde_json::to_string_pretty(&fixture).unwrap() + "\n").unwrap();
        }
    }
    for (path, fixture) in fixtures() {
        let mut journal = Journal::default();
        fixture.entries.iter().for_each(|entry| journal.insert(entry.clone()).unwrap());
        assert_eq!(code(&journal), fixture.status, "{}", path.display());
        seen += 1;
    }
    assert!(SCRIPTS.len() <= seen, "only {seen} fixtures");
}

/// The newest machine ends what an older one began, in another region, whether or not the call in flight had its effect.
#[test]
fn every_fixture_is_resumed_to_its_end() {
    for (path, fixture) in fixtures() {
        for executed in [false, true] {
            let mut world = World::resume(&fixture.entries, Terms::STANDARD);
            if executed && let Some(call) = world.call().cloned() {
                world.partners.execute(&call, world.now);
            }
            world.epoch += 1;
            world.active = 1;
            world.feed(Event::Woke);
            world.partners.pay(world.now);
            world.settle_down();
            assert_eq!(world.always().or_else(|| world.at_rest()), None, "{}, executed: {executed}", path.display());
        }
    }
}

#[test]
fn an_entry_reads_as_it_was_written_and_an_unknown_version_not_at_all() {
    for (path, fixture) in fixtures() {
        for entry in &fixture.entries {
            let text = serde_json::to_string(entry).unwrap();
            assert!(text.starts_with(r#"{"version":"1","position":"#), "{text}");
            assert_eq!(&serde_json::from_str::<Entry>(&text).unwrap(), entry, "{}", path.display());
            let newer = text.replace(r#""version":"1""#, r#""version":"2""#);
            assert!(serde_json::from_str::<Entry>(&newer).is_err(), "{newer}");
        }
    }
}

#[test]
fn the_fixtures_stand_for_all_ways() {
    let statuses: BTreeSet<String> = fixtures().into_iter().map(|(_, fixture)| fixture.status).collect();
    for wanted in ["confirmed", "awaiting_payment", "needs_sign_in", "queued", "given_back", "with_operator"] {
        assert!(statuses.contains(wanted), "{wanted} is not among {statuses:?}");
    }
}

fn fixtures() -> Vec<(PathBuf, Fixture)> {
    let mut paths: Vec<PathBuf> = fs_err::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let fixture = serde_json::from_str(&fs_err::read_to_string(&path).unwrap()).unwrap();
        (path, fixture)
    };
    paths.into_iter().map(read).collect()
}
