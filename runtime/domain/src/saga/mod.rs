//! Booked or given back, never twice: the sagas of bookings and redemptions, as pure machines.
//!
//! A saga is what one request of a member sets off: points or money are taken, and a slot or an item is reserved, at partners
//! that share no transaction. It is told by its journal ([`crate::journal`]): every entry holds an [`event::Event`] that
//! happened, the [`state::Goal`] that follows, and the one [`effect::Effect`] that is to be done next. [`step::step`] makes the
//! next entry; [`state::State`] is the fold of the entries that there are. Nothing here does IO or asks a clock.
//!
//! Three rules carry the proof (`tests/it/search`):
//!
//! - **What a partner has shown stays shown.** Evidence ([`evidence`]) only grows: a reservation goes from booked to cancelled,
//!   a payment from open to authorised to captured, never back. So webhooks may come in any order, twice, or before our own
//!   reply, and the entries of two regions may be merged.
//! - **One call at a time, and unknown is followed by a read.** A call whose answer is missing (a lost reply, a dead worker, a
//!   region that took over) is never repeated before a read of the partner has shown that it had no effect; and a new try has a
//!   new number.
//! - **The goal is derived, not remembered**: to fulfil, unless something on record says that it cannot be, or the member
//!   cancels, or time is up; then to give back. Once a call that gives back was made, it stays so.

pub mod action;
pub mod back;
pub mod call;
pub mod effect;
pub mod event;
pub mod evidence;
pub mod fold;
pub mod forward;
pub mod goal;
pub mod intent;
pub mod policy;
pub mod progress;
pub mod state;
pub mod step;
pub mod view;
