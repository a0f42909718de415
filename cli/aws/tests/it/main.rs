#![expect(clippy::unwrap_used, reason = "a failed test may panic")]
//! The ports against a stub on loopback, through the real HTTP client.

mod ports;
mod price_list;
mod signed;
mod stub;
