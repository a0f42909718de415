//! The API on this machine: all services behind one port, the partners' doubles, and the stores that they need, in one process.
//!
//! Invariants: everything listens on loopback only; a member's route needs a token that this process has issued, as at the
//! gateway; no page loads anything from another host; what is not kept by name is gone with the process. Pages and switches
//! answer only what asks for this machine by name, so that no page of somebody else's reaches them.
//!
//! Must not know: the command line, the engine, the topology (templates come in as JSON), a partner's wire format.

mod desk;
mod door;
mod folder;
mod pages;
mod running;
mod secrets;
mod serving;
mod templates;

pub use running::{Addresses, Plan, Running, StartError, start};
