//! What can happen to a saga.

use serde::{Deserialize, Serialize};

use crate::saga::call::{CallId, StepId};
use crate::saga::evidence::{PaymentSeen, Seen};
use crate::saga::intent::Intent;

/// Something that happened, at the time that its entry states. Any event may come at any time and any number of times; one
/// that says nothing new changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The request was accepted.
    Accepted { intent: Box<Intent>, past: Past },
    /// The call that was in flight ended.
    Finished { call: CallId, outcome: Outcome },
    /// The call that was in flight has no worker any more: its time is up and nobody said how it ended.
    Recovered,
    /// The time of [`Effect::WakeAt`](crate::saga::effect::Effect::WakeAt) has come, or entries of the other region have.
    Woke,
    /// A webhook told of a payment.
    Noticed(PaymentSeen),
    /// The member wants to cancel.
    CancelRequested,
    /// The member has signed in, so that there is a fresh ProfileToken.
    SignedIn,
    /// A person has done what a manual action asked for.
    Settled(StepId),
    /// An operator wants everything that was given up on tried again.
    Redriven,
}

/// Whether this region can know of everything that was done under the saga's name before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Past {
    /// No other region served when this request can have been made first.
    Whole,
    /// Another region served within the last days, and not all of its entries are here: partners are read before they are
    /// asked for anything.
    MayBeMissing,
}

/// How a call ended. There is no fifth way.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It had its effect, and this is what the reply shows.
    Done(Seen),
    /// It had no effect and will have none.
    Refused(Refusal),
    /// The partner never got it, or turned it away before looking at it (429, a paused breaker): the same call may be made
    /// again.
    NotSent { retry_after_s: Option<u32> },
    /// It may have had its effect: no reply, a reply that cannot be read, a 5xx, a 409 of an equal call in flight.
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The slot or the item is taken.
    Unavailable,
    InsufficientPoints,
    /// The partner's rules say no: a declined capture, a cancellation that comes too late.
    Declined,
    /// The member's ProfileToken has expired or there is none.
    SignInNeeded,
    /// The partner has no such call, or its path is not configured.
    NotOffered,
    /// What it acts on is not in the state that we thought: it was captured, cancelled or expired meanwhile.
    StateChanged,
    /// The partner does not understand us.
    Invalid,
}
