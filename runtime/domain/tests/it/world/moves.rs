//! What can happen next, and what comes of it.

use como_domain::saga::action::ManualActionKind;
use como_domain::saga::call::{Call, Leg, StepId};
use como_domain::saga::event::{Event, Outcome, Refusal};
use como_domain::saga::evidence::PaymentStatus;
use como_domain::saga::state::Pending;

use super::partners::Payment;
use super::run::World;
use super::takeover::{TakeOver, Takeovers};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Move {
    /// The worker makes its call.
    Run(How),
    /// A sweeper finds the call of a worker that is gone.
    Recover,
    Wake,
    Deliver {
        index: usize,
        again: bool,
    },
    Pay,
    Cancel,
    SignIn,
    ExpireToken,
    Down(Leg),
    Up,
    FailRefund,
    /// The client repeats its request where it was not heard of, or where it was.
    Retry,
    TakeOver(TakeOver),
    Heal,
    /// A person does what a manual action asks for, and says so.
    Settle(StepId),
    Redrive,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Well,
    LostReply,
    LostRequest,
    CrashBefore,
    CrashAfter,
    Refused(Refusal),
}

impl World {
    /// What has to happen sooner or later; when there is nothing, the world is quiet.
    pub(crate) fn due(&self) -> Vec<Move> {
        let mut moves = Vec::new();
        if self.worker {
            moves.push(Move::Run(How::Well));
        } else {
            match self.state().pending() {
                Some(Pending::Call { .. }) => moves.push(Move::Recover),
                Some(Pending::Wake { .. }) => moves.push(Move::Wake),
                None => {}
            }
        }
        if let Some(seen) = self.partners.webhooks.first() {
            moves.push(Move::Deliver { index: 0, again: false });
            // Any order: each of a kind once.
            for (index, other) in self.partners.webhooks.iter().enumerate().skip(1) {
                if other != seen {
                    moves.push(Move::Deliver { index, again: false });
                }
            }
        }
        if self.diverged {
            moves.push(Move::Heal);
        }
        if self.partners.down.is_some() {
            moves.push(Move::Up);
        }
        moves
    }

    /// What may happen besides.
    pub(crate) fn may(&self, moves: &mut Vec<Move>) {
        if self.partners.payments.iter().any(|payment| payment.status == PaymentStatus::Open) {
            moves.push(Move::Pay);
        }
        if 0 < self.cancels && self.state().intent().is_some() {
            moves.push(Move::Cancel);
        }
        if self.partners.token_expired {
            moves.push(Move::SignIn);
        }
        if self.state().intent().is_none() {
            moves.push(Move::Retry);
        }
        let actions = self.actions();
        if !self.worker && self.state().pending().is_none() {
            for action in &actions {
                if action.kind() != ManualActionKind::Verify {
                    moves.push(Move::Settle(action.step));
                }
            }
            if !actions.is_empty() && 0 < self.redrives {
                moves.push(Move::Redrive);
            }
        }
        if 0 < self.faults {
            self.go_wrong(moves);
        }
    }

    fn go_wrong(&self, moves: &mut Vec<Move>) {
        if self.worker
            && let Some(call) = self.call()
        {
            for how in [How::LostReply, How::CrashBefore, How::CrashAfter] {
                moves.push(Move::Run(how));
            }
            if let Some(refusal) = refusal(call) {
                moves.push(Move::Run(How::LostRequest));
                moves.push(Move::Run(How::Refused(refusal)));
            }
            let leg = call.id().id.step.writes_to().or(call.id().id.step.reads());
            if let (Some(leg), None) = (leg, self.partners.down) {
                moves.push(Move::Down(leg));
            }
            if matches!(call, Call::Deduct { .. }) && !self.partners.token_expired {
                moves.push(Move::ExpireToken);
            }
        }
        if !self.partners.webhooks.is_empty() {
            moves.push(Move::Deliver { index: 0, again: true });
        }
        if self.partners.payments.iter().any(Payment::can_fail) {
            moves.push(Move::FailRefund);
        }
        if self.state().intent().is_some() && self.worker {
            moves.push(Move::Retry);
        }
        moves.extend(self.takeovers().into_iter().map(Move::TakeOver));
    }

    pub(crate) fn apply(&mut self, next: &Move) {
        self.make(next);
        // What a webhook says and the saga knows is no news, now or later: evidence only grows, and no region will take over
        // that knows less.
        let is_final = self.faults == 0 || self.takeovers == Takeovers::None;
        if is_final && !self.diverged && !self.partners.webhooks.is_empty() {
            let evidence = self.sides[self.active].state.evidence();
            self.partners.webhooks.retain(|seen| {
                let mut more = evidence.clone();
                more.add_payment(seen);
                more != *evidence
            });
        }
    }

    fn make(&mut self, next: &Move) {
        match next {
            Move::Run(how) => self.run(*how),
            Move::Recover => {
                if let Some(Pending::Call { since, .. }) = self.state().pending() {
                    self.pass_to(since.as_second() + 90);
                }
                self.feed(Event::Recovered);
            }
            Move::Wake => {
                if let Some(Pending::Wake { at }) = self.state().pending() {
                    self.pass_to(at.as_second());
                }
                self.feed(Event::Woke);
            }
            Move::Deliver { index, again } => {
                let seen = self.partners.webhooks[*index].clone();
                match again {
                    true => self.faults -= 1,
                    false => drop(self.partners.webhooks.remove(*index)),
                }
                if self.state().intent().is_some() {
                    self.feed(Event::Noticed(seen));
                }
            }
            Move::Pay => {
                self.partners.pay(self.now);
            }
            Move::Cancel => {
                self.cancels -= 1;
                self.feed(Event::CancelRequested);
            }
            Move::SignIn => {
                self.partners.token_expired = false;
                self.feed(Event::SignedIn);
            }
            Move::ExpireToken => {
                self.faults -= 1;
                self.partners.token_expired = true;
            }
            Move::Down(leg) => {
                self.faults -= 1;
                self.partners.down = Some(*leg);
            }
            Move::Up => self.partners.down = None,
            Move::FailRefund => {
                self.faults -= 1;
                self.partners.fail_refund();
            }
            Move::Retry => self.retry(),
            Move::TakeOver(takeover) => self.take_over(*takeover),
            Move::Heal => self.heal(),
            Move::Settle(step) => self.settle(*step),
            Move::Redrive => {
                self.redrives -= 1;
                self.feed(Event::Redriven);
            }
        }
    }

    pub(crate) fn pass_to(&mut self, now: i64) {
        self.now = self.now.max(now);
        self.partners.pass(self.now);
    }

    fn run(&mut self, how: How) {
        let Some(call) = self.call().cloned() else {
            return;
        };
        if how != How::Well {
            self.faults -= 1;
        }
        let step = call.id().id.step;
        let is_down = self.partners.down.is_some() && self.partners.down == step.writes_to().or(step.reads());
        let outcome = match how {
            How::CrashBefore => {
                self.worker = false;
                return;
            }
            How::Refused(refusal) => Outcome::Refused(refusal),
            How::LostRequest => Outcome::Unknown,
            _ if is_down => Outcome::NotSent { retry_after_s: None },
            How::Well => self.partners.execute(&call, self.now),
            How::LostReply => {
                self.partners.execute(&call, self.now);
                Outcome::Unknown
            }
            How::CrashAfter => {
                self.partners.execute(&call, self.now);
                self.worker = false;
                return;
            }
        };
        self.worker = false;
        self.feed(Event::Finished { call: call.id(), outcome });
    }

    fn settle(&mut self, step: StepId) {
        self.partners.settle(step);
        self.feed(Event::Settled(step));
    }
}

/// What the partner might say instead of doing it.
const fn refusal(call: &Call) -> Option<Refusal> {
    match call {
        Call::Reserve { .. } => Some(Refusal::Unavailable),
        Call::Deduct { .. } => Some(Refusal::InsufficientPoints),
        Call::Authorise { .. }
        | Call::Capture { .. }
        | Call::CancelReservation { .. }
        | Call::Release { .. }
        | Call::Refund { .. }
        | Call::ReversePoints { .. } => Some(Refusal::Declined),
        Call::Read { .. } => Some(Refusal::NotOffered),
        Call::Notify { .. } | Call::RecordActions { .. } => None,
    }
}
