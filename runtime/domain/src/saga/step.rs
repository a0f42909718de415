//! The machine: what happened, and what follows.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::journal::{Entry, Position};
use crate::saga::action::ManualAction;
use crate::saga::call::{Call, Leg, Notice, Step, StepId};
use crate::saga::effect::Effect;
use crate::saga::event::{Event, Refusal};
use crate::saga::goal::{deadline, goal, sign_in_until};
use crate::saga::intent::Intent;
use crate::saga::policy::{Policy, later};
use crate::saga::progress::{Phase, Progress};
use crate::saga::state::{Goal, State};

/// A step of the machine. `entry` is to be appended; only then, and only by whoever appended it, is `entry.effect` done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    pub state: State,
    pub entry: Entry,
}

/// `event` happens to a saga at `at`, and becomes the journal's entry at `position`; `None` when it says nothing new, so that
/// there is nothing to append: a webhook that comes again, a bell that rings too early.
///
/// The new state is what folding the entry onto the old one gives. While a call is in flight nothing else is begun: its outcome
/// brings the next effect.
#[must_use]
pub fn step(policy: &Policy, state: &State, position: Position, at: Timestamp, event: Event) -> Option<Transition> {
    let mut next = state.clone();
    next.happened(position.epoch, at, &event);
    // A region that the request itself has not reached yet knows too little to say anything.
    next.intent()?;
    let (goal, effect) = decide(policy, &next);
    next.decided(at, goal, effect.as_ref());
    let now = std::mem::replace(&mut next.now, state.now);
    if next == *state {
        return None;
    }
    next.now = now;
    Some(Transition { entry: Entry { position, at, event, goal, effect }, state: next })
}

/// What is to be done in a state: nothing while a call is in flight, and nothing when all is done.
fn decide(policy: &Policy, state: &State) -> (Goal, Option<Effect>) {
    let (Some(intent), None) = (state.intent(), &state.in_flight) else {
        return (state.goal, None);
    };
    let goal = goal(policy, state);
    let decision = Decision { policy, state, intent, goal };
    let wishes = match goal {
        Goal::Fulfil => decision.forward(),
        Goal::GiveBack(reason) => decision.back(reason),
    };
    (goal, decision.effect(wishes))
}

/// What the parts of a saga would do next. Calls come first, in the order wished for; then waits, the shortest of them.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    call: Option<Call>,
    wait: Option<Timestamp>,
    pub(super) stuck: Vec<ManualAction>,
    /// The e-mail that ends it all.
    pub(super) notice: Option<Notice>,
}

/// What one part can do.
#[derive(Debug)]
pub(super) enum Wish {
    Call(Call),
    Wait(Timestamp),
    /// Nothing more, without a person.
    Stuck,
}

impl Wishes {
    pub(super) fn add(&mut self, wish: Wish) {
        match wish {
            Wish::Call(call) => {
                self.call.get_or_insert(call);
            }
            Wish::Wait(until) => self.wait = Some(self.wait.map_or(until, |wait| wait.min(until))),
            Wish::Stuck => {}
        }
    }

    /// One action for each step, in the order of steps.
    fn stuck(self) -> Vec<ManualAction> {
        let by_step: BTreeMap<StepId, ManualAction> =
            self.stuck.into_iter().map(|action| (action.step, action)).collect();
        by_step.into_values().collect()
    }

    pub(super) const fn is_idle(&self) -> bool {
        self.call.is_none() && self.wait.is_none()
    }
}

pub(super) struct Decision<'a> {
    pub(super) policy: &'a Policy,
    pub(super) state: &'a State,
    pub(super) intent: &'a Intent,
    pub(super) goal: Goal,
}

impl Decision<'_> {
    fn effect(&self, wishes: Wishes) -> Option<Effect> {
        if let Some(call) = wishes.call {
            return Some(Effect::Call(call));
        }
        let mut last = Wishes { wait: wishes.wait, ..Wishes::default() };
        let notice = wishes.notice;
        let stuck = wishes.stuck();
        if stuck != self.state.recorded {
            let actions = stuck.clone();
            last.add(self.try_again(Step::RecordActions.alone(), |attempt| Call::RecordActions { attempt, actions }));
        }
        if let Some(notice) = notice
            && stuck.is_empty()
            && !self.state.is_sent(notice)
            && self.failures(notice.step()) < self.policy.mail_attempts
        {
            last.add(self.try_again(notice.step(), |attempt| Call::Notify { attempt, notice }));
        }
        match (last.call, last.wait) {
            (Some(call), _) => Some(Effect::Call(call)),
            (None, Some(until)) => Some(Effect::WakeAt(until)),
            (None, None) => None,
        }
    }

    /// The next try of a step: now, or when it may be, or never without a person.
    pub(super) fn try_again(&self, id: StepId, call: impl FnOnce(u16) -> Call) -> Wish {
        let Some(progress) = self.state.progress.get(&id) else {
            return Wish::Call(call(self.fresh(id, 0)));
        };
        let next = self.fresh(id, progress.highest);
        let wait = |at: Timestamp, retry_after_s| later(at, self.policy.delay(progress.failures, retry_after_s));
        let (attempt, due) = match progress.phase {
            Phase::Done => (next, Timestamp::MIN),
            Phase::Absent { at } => (next, wait(at, None)),
            Phase::NotSent { at, retry_after_s } => (progress.attempt, wait(at, retry_after_s)),
            // The end of all waiting; signing in cuts it short.
            Phase::Refused { refusal: Refusal::SignInNeeded, .. } if self.give_up().is_some() => (next, Timestamp::MAX),
            // A step whose outcome is unknown is not tried before a read, and what is in flight is not decided on.
            Phase::Refused { .. } | Phase::Unknown { .. } | Phase::InFlight => return Wish::Stuck,
        };
        let is_ours = matches!(id.step, Step::Notify | Step::RecordActions);
        let due = if is_ours { Some(due) } else { self.within_limits(due) };
        match due {
            None => Wish::Stuck,
            Some(due) if self.state.now < due => Wish::Wait(due),
            Some(_) => Wish::Call(call(attempt)),
        }
    }

    /// Reads `leg` if nothing may be written to it before: a call's outcome is unknown, a call that may be repeated is old,
    /// or another region may have written to it.
    pub(super) fn read_first(&self, leg: Leg) -> Option<Wish> {
        let side = self.state.sides.get(&leg).copied().unwrap_or_default();
        let doubts: Vec<&Progress> = self
            .state
            .progress
            .iter()
            .filter(|(id, progress)| id.step.writes_to() == Some(leg) && self.is_doubtful(id.step, progress))
            .map(|(_, progress)| progress)
            .collect();
        if doubts.is_empty() && self.state.epoch <= side.verified_in {
            return None;
        }
        let lost_at = doubts.iter().filter_map(|progress| match progress.phase {
            Phase::Unknown { at } => Some(later(at, self.policy.settle)),
            _ => None,
        });
        Some(self.read_from(leg, lost_at.max().unwrap_or(Timestamp::MIN)))
    }

    /// Looks at `leg` again when `every` has passed since it was last seen.
    pub(super) fn poll(&self, leg: Leg, every: Duration) -> Wish {
        let seen_at = self.state.sides.get(&leg).and_then(|side| side.seen_at);
        self.read_from(leg, seen_at.map_or(Timestamp::MIN, |at| later(at, every)))
    }

    fn read_from(&self, leg: Leg, earliest: Timestamp) -> Wish {
        match self.within_limits(earliest) {
            Some(earliest) if self.state.now < earliest => Wish::Wait(earliest),
            _ => self.try_again(leg.read().alone(), |attempt| Call::Read { attempt, leg }),
        }
    }

    fn is_doubtful(&self, step: Step, progress: &Progress) -> bool {
        match progress.phase {
            Phase::Unknown { .. } => true,
            // Only of a call that may be made again its age matters.
            Phase::NotSent { .. } if step.gives_back() || self.goal == Goal::Fulfil => {
                later(progress.first_at, self.policy.read_again_after) <= self.state.now
            }
            _ => false,
        }
    }

    /// No wait outlasts the time at which something else is decided; `None` when that has come and nothing more is tried.
    fn within_limits(&self, due: Timestamp) -> Option<Timestamp> {
        match self.give_up() {
            Some(end) if end <= self.state.now => None,
            Some(end) => Some(due.min(end)),
            None if self.state.is_complete() => Some(due),
            None => Some(due.min(deadline(self.policy, self.state).max(self.state.now))),
        }
    }

    /// The latest time at which something else is decided.
    pub(super) fn latest(&self) -> Timestamp {
        let deadline = deadline(self.policy, self.state);
        sign_in_until(self.policy, self.state).map_or(deadline, |until| deadline.min(until))
    }

    /// When giving back is left to a person.
    pub(super) fn give_up(&self) -> Option<Timestamp> {
        match self.goal {
            Goal::Fulfil => None,
            Goal::GiveBack(_) => {
                let since = self.state.giving_back_since.unwrap_or(self.state.now);
                let since = self.state.redriven_at.map_or(since, |at| since.max(at));
                Some(later(since, self.policy.give_up_after))
            }
        }
    }

    /// A number that no try of the step has had, here or, as far as it has left a trace, elsewhere.
    fn fresh(&self, id: StepId, highest: u16) -> u16 {
        let traced = match id.step {
            Step::Authorise => self.state.evidence.highest_attempt(Leg::Payment),
            Step::Reserve => self.state.evidence.highest_attempt(Leg::Reservation),
            Step::Deduct => self.state.evidence.highest_attempt(Leg::Points),
            _ => 0,
        };
        highest.max(traced).saturating_add(1)
    }

    fn failures(&self, id: StepId) -> u16 {
        self.state.progress.get(&id).map_or(0, |progress| progress.failures)
    }
}
