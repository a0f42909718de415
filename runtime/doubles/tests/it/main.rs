//! The doubles refuse what the partners refuse, do what is asked once for each time it is asked, and fail on cue.
#![expect(clippy::unwrap_used, reason = "a failed test may panic")]

mod client;
mod credentials;
mod faults;
mod keeping;
mod memberson;
mod sevenrooms;
mod stripe;
mod webhooks;
