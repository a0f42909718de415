//! The real routers against the partners' doubles on loopback; only AWS is faked.
#![expect(clippy::unwrap_used, reason = "a failed test may panic")]

mod accounts;
mod catalogue;
mod degraded;
mod documentation;
mod experiences;
mod fakes;
mod logs;
mod orders;
mod requests;
mod sagas;
mod waiting;
mod webhooks;
mod world;
