//! A call of a saga, made: one file per leg. Ports say how a call ended in their words, here it becomes the saga's.

mod notify;
mod outcome;
mod partners;
mod payment;
mod points;
mod redemption;
mod reservation;
mod templates;

pub use partners::{CardPages, Partners};
