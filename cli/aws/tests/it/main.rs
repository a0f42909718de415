#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed test may panic")]
//! The ports against a stub on loopback, through the real HTTP client.

mod ports;
mod price_list;
mod signed;
mod stub;
