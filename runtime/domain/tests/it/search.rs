//! Every run with up to two faults.

use std::collections::HashSet;

use como_domain::saga::view::view;

use crate::world::machine::{Machine, SHIPPING};
use crate::world::moves::Move;
use crate::world::partners::Terms;
use crate::world::run::{BY_CARD, Setting, WITH_POINTS, World, booking, redemption};

/// No run is longer.
const LONGEST: usize = 120;

#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) states: usize,
    pub(crate) at_rest: usize,
    pub(crate) longest: usize,
    pub(crate) endings: std::collections::BTreeMap<String, usize>,
    pub(crate) violation: Option<(String, Vec<Move>)>,
}

/// Looks at all that can come of `setting`, depth first, and stops at the first violation.
pub(crate) fn search(machine: Machine, setting: Setting) -> Findings {
    let mut findings = Findings::default();
    let mut seen: HashSet<u128> = HashSet::new();
    let mut trail: Vec<Move> = Vec::new();
    let start = World::new(machine, setting);
    seen.insert(start.fingerprint());
    let mut stack: Vec<(World, Vec<Move>)> = vec![moves_of(start, &mut findings, &trail)];
    while let Some((world, moves)) = stack.last_mut() {
        let Some(next) = moves.pop() else {
            stack.pop();
            trail.pop();
            continue;
        };
        let mut world = world.clone();
        world.apply(&next);
        if !seen.insert(world.fingerprint()) {
            continue;
        }
        trail.push(next);
        let expanded = moves_of(world, &mut findings, &trail);
        if findings.violation.is_some() || 150_000 < seen.len() {
            break;
        }
        stack.push(expanded);
    }
    findings.states = seen.len();
    findings
}

fn moves_of(world: World, findings: &mut Findings, trail: &[Move]) -> (World, Vec<Move>) {
    findings.longest = findings.longest.max(trail.len());
    let mut moves = world.due();
    let mut verdict = world.always();
    if moves.is_empty() {
        findings.at_rest += 1;
        verdict = verdict.or_else(|| world.at_rest());
        if let Some(view) = view(&world.policy, world.state()) {
            *findings.endings.entry(format!("{:?}", view.status)).or_default() += 1;
        }
    }
    if LONGEST < trail.len() {
        verdict = verdict.or_else(|| Some("I5: no end in sight".to_owned()));
    }
    if let Some(what) = verdict {
        findings.violation = Some((what, trail.to_vec()));
    }
    world.may(&mut moves);
    (world, moves)
}

fn check(setting: Setting, at_least: usize) {
    let started = std::time::Instant::now();
    let findings = search(SHIPPING, setting);
    eprintln!("{:?} {:?} {:?}", started.elapsed(), setting, findings);
    assert!(findings.violation.is_none(), "{:#?}", findings.violation);
    assert!(at_least <= findings.states, "only {} states", findings.states);
}

#[test]
fn zz() {
    for payment in [WITH_POINTS, BY_CARD] {
        for (faults, cancels) in [(1, 0), (1, 1), (2, 0), (2, 1)] {
            check(Setting { subject: booking, payment, terms: Terms::STANDARD, faults, cancels }, 1);
        }
    }
}
