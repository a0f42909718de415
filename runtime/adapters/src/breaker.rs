//! The circuit breaker: a pure state machine, told the time and the outcomes.
//!
//! *Closed*, every call is allowed and consecutive failures are counted; at the policy's number it opens. *Open*, no call is
//! allowed until the pause is over. Then it is *half open*: one probe is allowed; its success closes, its failure opens again.
//! A probe that never reports, because its caller went away, is forgotten after another pause.
//!
//! Each change of state starts a new generation, and an outcome counts only in the generation that allowed its call: a slow
//! call from before the pause cannot close or reopen anything.

use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// Consecutive failures that open it; at least 1.
    pub failures_to_open: u32,
    pub open_for: Duration,
}

#[derive(Debug)]
pub struct Breaker {
    state: State,
    generation: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed { failures: u32 },
    Open { until: Duration },
    HalfOpen { forget_probe_at: Duration },
}

/// The right to make one call; hand it back with the outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permit {
    generation: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Succeeded,
    Failed,
}

impl Default for Breaker {
    fn default() -> Self {
        Self { state: State::Closed { failures: 0 }, generation: 0 }
    }
}

impl Breaker {
    /// `None` means: do not call. `now` is monotonic time.
    pub fn permit(&mut self, now: Duration, policy: BreakerPolicy) -> Option<Permit> {
        match self.state {
            State::Closed { .. } => {}
            State::Open { until } if now < until => return None,
            State::HalfOpen { forget_probe_at } if now < forget_probe_at => return None,
            State::Open { .. } | State::HalfOpen { .. } => {
                self.change(State::HalfOpen { forget_probe_at: now.saturating_add(policy.open_for) });
            }
        }
        Some(Permit { generation: self.generation })
    }

    pub fn report(&mut self, permit: Permit, outcome: Outcome, now: Duration, policy: BreakerPolicy) {
        if permit.generation != self.generation {
            return;
        }
        let open = State::Open { until: now.saturating_add(policy.open_for) };
        match (self.state, outcome) {
            (State::Closed { .. }, Outcome::Succeeded) => self.state = State::Closed { failures: 0 },
            (State::Closed { failures }, Outcome::Failed) if policy.failures_to_open <= failures + 1 => {
                self.change(open)
            }
            (State::Closed { failures }, Outcome::Failed) => self.state = State::Closed { failures: failures + 1 },
            (State::HalfOpen { .. }, Outcome::Succeeded) => self.change(State::Closed { failures: 0 }),
            (State::HalfOpen { .. }, Outcome::Failed) => self.change(open),
            // No permit has the generation of an open breaker.
            (State::Open { .. }, _) => {}
        }
    }

    /// For logs and status pages.
    #[must_use]
    pub const fn state_name(&self) -> &'static str {
        match self.state {
            State::Closed { .. } => "closed",
            State::Open { .. } => "open",
            State::HalfOpen { .. } => "half_open",
        }
    }

    fn change(&mut self, state: State) {
        self.state = state;
        self.generation += 1;
    }
}
