//! SES v2: mails that are kept to be read, and events about them.
//!
//! Nothing leaves this machine: a mail is in `services/ses/<region>.json`. An identity counts as verified once it exists,
//! and the addresses of SES's mailbox simulator bounce and complain.

mod mail;
mod operations;
mod resource;
mod service;
mod state;

pub(crate) use service::Ses;
