//! The pure parts by search, the AWS adapters against stubs of the wire.
#![expect(clippy::unwrap_used, reason = "a failed test may panic")]

mod aws;
mod breaker;
mod settings;
mod stub;
