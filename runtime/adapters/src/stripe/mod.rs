//! Stripe: checkouts, payments, refunds, and the events that it tells us of.

mod client;
mod convert;
pub mod webhook;
mod wire;

pub use client::Stripe;
