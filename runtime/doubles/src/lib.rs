//! Doubles of Memberson, SevenRooms and Stripe: what rehearsals and tests talk to instead of the partners.
//!
//! Invariants: they check credentials as the partners do; every call is in a ledger that a test can read, and so is every
//! effect, whether its caller heard of it or not; an effect is whole under the lock of its double, however many ask at once;
//! faults are set from outside and only from outside. The seeded members and catalogue are invented and documented (see [`members`]).
//! Shapes follow what public clients of the partners show; where nothing is public, they follow the adapters' defaults.
//!
//! Must not know: the domain or the adapters, so that a mistake there cannot hide in an equal mistake here.

mod amount;
mod catalogue;
mod clock;
mod controls;
mod faults;
mod hit;
mod ledger;
pub mod members;
pub mod memberson;
pub mod seeds;
pub mod serve;
pub mod sevenrooms;
mod store;
pub mod stripe;
mod venues;
