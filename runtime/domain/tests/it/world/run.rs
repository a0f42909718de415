//! The world as it stands, and what happens in it.

use std::hash::{Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use como_domain::identifier::{ExperienceId, ItemId, MemberId, VenueId};
use como_domain::journal::Position;
use como_domain::saga::call::Call;
use como_domain::saga::event::{Event, Past};
use como_domain::saga::intent::{Intent, Payment, Subject};
use como_domain::saga::policy::Policy;
use como_domain::saga::state::{Pending, State};
use como_domain::saga_id::BodyHash;
use como_domain::venue::PartySize;
use jiff::Timestamp;
use jiff::civil::{date, time};

use super::machine::Machine;
use super::partners::{POINTS, PRICE, Partners, Terms};
use super::region::Side;
use super::takeover::Takeovers;

/// Few and long waits, so that time brings few states.
pub(crate) fn policy() -> Policy {
    Policy {
        first_delay: Duration::from_secs(600),
        longest_delay: Duration::from_secs(1_800),
        settle: Duration::from_secs(60),
        recover_after: Duration::from_secs(90),
        session_lasts: Duration::from_secs(1_800),
        poll: Duration::from_secs(2_100),
        capture_margin: Duration::from_secs(600),
        sign_in_within: Duration::from_secs(900),
        give_up_after: Duration::from_secs(3_600),
        read_again_after: Duration::from_secs(2_000),
        mail_attempts: 2,
    }
}

pub(crate) const DEADLINE_S: i64 = 4_500;

#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) machine: Machine,
    pub(crate) policy: Rc<Policy>,
    pub(crate) intent: Arc<Intent>,
    pub(crate) partners: Partners,
    pub(crate) sides: [Side; 2],
    pub(crate) active: usize,
    pub(crate) epoch: u64,
    /// Whether the call in flight has a worker that is about to make it.
    pub(crate) worker: bool,
    /// Whether the regions hold different entries.
    pub(crate) diverged: bool,
    pub(crate) now: i64,
    /// What may still go wrong.
    pub(crate) faults: u8,
    /// What the member and the operator may still do.
    pub(crate) cancels: u8,
    pub(crate) redrives: u8,
    pub(crate) takeovers: Takeovers,
}

/// What kind of saga, and under which terms.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    pub(crate) subject: fn() -> Subject,
    pub(crate) payment: Payment,
    pub(crate) terms: Terms,
    pub(crate) faults: u8,
    pub(crate) cancels: u8,
    pub(crate) takeovers: Takeovers,
}

pub(crate) fn booking() -> Subject {
    Subject::Booking {
        experience: ExperienceId::try_from("EXP-1").unwrap(),
        venue: VenueId::try_from("V1").unwrap(),
        date: date(2026, 12, 24),
        time: time(19, 30, 0, 0),
        party_size: PartySize::DEFAULT,
    }
}

pub(crate) fn redemption() -> Subject {
    Subject::Redemption { item: ItemId::try_from("RW-1").unwrap(), quantity: std::num::NonZeroU8::MIN }
}

pub(crate) const BY_CARD: Payment = Payment::Card(PRICE);
pub(crate) const WITH_POINTS: Payment = Payment::Points(POINTS);

impl World {
    /// A world in which the request was just accepted.
    pub(crate) fn new(machine: Machine, setting: Setting) -> Self {
        let intent = Intent {
            member: MemberId::try_from("M1").unwrap(),
            subject: (setting.subject)(),
            payment: setting.payment,
            deadline: Timestamp::from_second(DEADLINE_S).unwrap(),
            body: BodyHash::of(b"the request"),
        };
        let mut world = Self {
            machine,
            policy: Rc::new(policy()),
            intent: Arc::new(intent),
            partners: Partners::new(setting.terms),
            sides: [Side::new("ap-southeast-1"), Side::new("ap-southeast-2")],
            active: 0,
            epoch: 1,
            worker: false,
            diverged: false,
            now: 0,
            faults: setting.faults,
            cancels: setting.cancels,
            redrives: 1,
            takeovers: setting.takeovers,
        };
        world.feed(world.accepted(Past::Whole));
        world
    }

    pub(crate) fn accepted(&self, past: Past) -> Event {
        Event::Accepted { intent: Box::new(Intent::clone(&self.intent)), past }
    }

    pub(crate) fn state(&self) -> &State {
        &self.sides[self.active].state
    }

    pub(crate) fn call(&self) -> Option<&Call> {
        match self.state().pending() {
            Some(Pending::Call { call, .. }) => Some(call),
            _ => None,
        }
    }

    /// Something happens to the saga in the region that serves.
    pub(crate) fn feed(&mut self, event: Event) {
        let planned = self.feed_to(self.active, self.epoch, event);
        self.worker = planned || (self.worker && self.call().is_some());
    }

    /// Something is written down in a region, whether it serves or only thinks so; answers whether it plans a call.
    pub(crate) fn feed_to(&mut self, index: usize, epoch: u64, event: Event) -> bool {
        let side = &mut self.sides[index];
        let mine =
            side.entries.iter().filter(|entry| entry.position.epoch == epoch && entry.position.region == side.region);
        let sequence = u32::try_from(mine.count()).unwrap() + 1;
        let position = Position { epoch, region: side.region.clone(), sequence };
        let at = Timestamp::from_second(self.now).unwrap();
        let Some(transition) = (self.machine)(&self.policy, &side.state, position, at, event) else {
            return false;
        };
        // Of some only, since it takes time.
        if side.entries.len() % 4 == 1 {
            let mut folded = State::clone(&side.state);
            folded.absorb(&transition.entry);
            assert!(folded == transition.state, "a step is the fold of its entry: {:?}", transition.entry);
        }
        let planned = transition.entry.effect.as_ref().is_some_and(|effect| effect.as_call().is_some());
        side.append(transition.entry, transition.state);
        planned
    }

    /// Two worlds with the same fingerprint go on alike.
    pub(crate) fn fingerprint(&self) -> u128 {
        let mut hasher = std::hash::DefaultHasher::new();
        self.partners.hash(&mut hasher);
        match self.faults == 0 && !self.diverged {
            // No region will take over any more, so how the state came about does not matter.
            true => self.state().hash(&mut hasher),
            false => self.sides.each_ref().map(Side::hash).hash(&mut hasher),
        }
        (self.active, self.epoch, self.worker, self.diverged, self.now).hash(&mut hasher);
        (self.faults, self.cancels, self.redrives).hash(&mut hasher);
        let half = hasher.finish();
        hasher.write_u8(1);
        u128::from(half) << 64 | u128::from(hasher.finish())
    }
}
