//! What the middleware knows about members, experiences, points and money, and what it asks of partners.
//!
//! Invariants: no IO, no clock of its own, no wire format. Values are parsed once, at the border, into types with private
//! fields; money and points are integers in minor units. What could not be read is [`section::Section::Unavailable`], never
//! a default. A member's secrets and contact details have a `Debug` that says nothing.
//!
//! Must not know: HTTP, AWS, any partner's field names, the configuration table.

pub mod access;
pub mod clock;
pub mod doorbell;
pub mod effect;
pub mod experience;
pub mod idempotency;
pub mod identifier;
pub mod identity;
pub mod journal;
pub mod journal_format;
pub mod journals;
pub mod lease;
pub mod login;
pub mod mail;
pub mod manual_actions;
pub mod member;
pub mod money;
pub mod partner;
pub mod payment;
pub mod points;
pub mod requests;
pub mod reservation;
pub mod saga;
pub mod saga_id;
pub mod sagas;
pub mod seal;
pub mod section;
pub mod venue;
pub mod webhook_events;
