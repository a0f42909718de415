//! The search bites: machines that are broken on purpose are found out.

use como_domain::journal::Position;
use como_domain::saga::call::{Call, Step};
use como_domain::saga::effect::Effect;
use como_domain::saga::event::{Event, Outcome, Past, Refusal};
use como_domain::saga::evidence::PaymentStatus;
use como_domain::saga::policy::Policy;
use como_domain::saga::state::{Goal, State};
use como_domain::saga::step::{Transition, step};
use jiff::Timestamp;

use crate::search::search;
use crate::world::machine::Machine;
use crate::world::partners::Terms;
use crate::world::run::{BY_CARD, Setting, WITH_POINTS, booking};
use crate::world::takeover::Takeovers;

fn check(broken: Machine, setting: Setting, law: &str) {
    let findings = search(broken, setting);
    let Some((what, trail)) = findings.violation else {
        panic!("nothing found in {} states", findings.states);
    };
    assert!(what.starts_with(law), "{what} after {trail:#?}");
}

const POINTS: Setting = Setting {
    subject: booking,
    payment: WITH_POINTS,
    terms: Terms::STANDARD,
    faults: 1,
    cancels: 0,
    takeovers: Takeovers::All,
};
const CARD: Setting = Setting {
    subject: booking,
    payment: BY_CARD,
    terms: Terms::STANDARD,
    faults: 1,
    cancels: 0,
    takeovers: Takeovers::All,
};

/// The transition with another effect.
fn with_effect(state: &State, transition: Transition, effect: Option<Effect>) -> Transition {
    let mut entry = transition.entry;
    entry.effect = effect;
    let mut next = state.clone();
    next.absorb(&entry);
    Transition { entry, state: next }
}

fn call_of(transition: &Transition) -> Option<&Call> {
    transition.entry.effect.as_ref().and_then(Effect::as_call)
}

#[test]
fn compensation_that_is_dropped_is_found() {
    fn broken(policy: &Policy, state: &State, position: Position, at: Timestamp, event: Event) -> Option<Transition> {
        let transition = step(policy, state, position, at, event)?;
        match call_of(&transition) {
            Some(call) if call.id().id.step.gives_back() => Some(with_effect(state, transition, None)),
            _ => Some(transition),
        }
    }
    check(broken, POINTS, "I4");
    check(broken, Setting { faults: 0, cancels: 1, ..POINTS }, "I");
    check(broken, CARD, "I2");
}

#[test]
fn a_repetition_without_a_read_is_found() {
    fn broken(policy: &Policy, state: &State, position: Position, at: Timestamp, event: Event) -> Option<Transition> {
        let event = match event {
            Event::Finished { call, outcome: Outcome::Unknown } => {
                Event::Finished { call, outcome: Outcome::NotSent { retry_after_s: None } }
            }
            event => event,
        };
        step(policy, state, position, at, event)
    }
    check(broken, POINTS, "I");
}

#[test]
fn a_new_receipt_number_for_every_try_is_found() {
    fn broken(policy: &Policy, state: &State, position: Position, at: Timestamp, event: Event) -> Option<Transition> {
        let lost =
            matches!(&event, Event::Finished { call, outcome: Outcome::Unknown } if call.id.step == Step::Deduct);
        let event = match event {
            // A refusal, so that the next try has a new number, and one that the next wake-up overcomes.
            Event::Finished { call, .. } if lost => {
                Event::Finished { call, outcome: Outcome::Refused(Refusal::SignInNeeded) }
            }
            Event::Woke => Event::SignedIn,
            event => event,
        };
        step(policy, state, position, at, event)
    }
    // Memberson itself would notice an old number here; only a new one takes points again.
    let terms = Terms { unique_receipts: true, ..Terms::STANDARD };
    check(broken, Setting { terms, ..POINTS }, "I");
}

#[test]
fn a_webhook_that_counts_twice_is_found() {
    fn broken(policy: &Policy, state: &State, position: Position, at: Timestamp, event: Event) -> Option<Transition> {
        let authorised = matches!(&event, Event::Noticed(seen) if seen.status == PaymentStatus::Authorised);
        let attempt = u16::try_from(state.evidence().reservations().count()).unwrap() + 1;
        match step(policy, state, position.clone(), at, event.clone()) {
            Some(transition) if authorised => {
                Some(with_effect(state, transition, Some(Effect::Call(Call::Reserve { attempt }))))
            }
            None if authorised => {
                let effect = Some(Effect::Call(Call::Reserve { attempt }));
                let entry = como_domain::journal::Entry { position, at, event, goal: Goal::Fulfil, effect };
                let mut next = state.clone();
                next.absorb(&entry);
                Some(Transition { entry, state: next })
            }
            other => other,
        }
    }
    check(broken, CARD, "I");
}

#[test]
fn a_second_refund_is_found() {
    fn broken(policy: &Policy, state: &State, position: Position, at: Timestamp, event: Event) -> Option<Transition> {
        let refunded = match &event {
            Event::Finished { call, outcome: Outcome::Done(_) }
                if call.id.step == Step::Refund && call.attempt == 1 =>
            {
                Some(call.id.of)
            }
            _ => None,
        };
        let transition = step(policy, state, position, at, event)?;
        let Some(of) = refunded else {
            return Some(transition);
        };
        let amount = crate::world::partners::PRICE;
        let again = Effect::Call(Call::Refund { attempt: 2, of, intent: None, amount });
        Some(with_effect(state, transition, Some(again)))
    }
    check(broken, Setting { faults: 0, cancels: 1, ..CARD }, "I8");
}

#[test]
fn a_region_that_trusts_what_it_has_is_found() {
    fn broken(policy: &Policy, state: &State, position: Position, at: Timestamp, event: Event) -> Option<Transition> {
        let event = match event {
            Event::Accepted { intent, .. } => Event::Accepted { intent, past: Past::Whole },
            event => event,
        };
        step(policy, state, position, at, event)
    }
    check(broken, POINTS, "I");
    check(broken, CARD, "I");
}

#[test]
fn a_late_authorisation_that_is_forgotten_is_found() {
    fn broken(policy: &Policy, state: &State, position: Position, at: Timestamp, event: Event) -> Option<Transition> {
        let is_over = state.goal() != Goal::Fulfil;
        let event = match event {
            Event::Noticed(_) if is_over => Event::Woke,
            // The refusal to expire a session that was paid meanwhile is taken for success.
            Event::Finished { call, outcome: Outcome::Refused(Refusal::StateChanged) } => {
                let mut seen = state.evidence().payments().next()?.clone();
                seen.status = PaymentStatus::Expired;
                let seen = como_domain::saga::evidence::Seen::Payments(vec![seen]);
                Event::Finished { call, outcome: Outcome::Done(seen) }
            }
            event => event,
        };
        step(policy, state, position, at, event)
    }
    check(broken, Setting { faults: 0, cancels: 1, ..CARD }, "I2");
}
