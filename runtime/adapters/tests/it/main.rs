//! The pure parts by search, the AWS adapters against stubs of the wire, the partners' against their doubles.
#![expect(clippy::unwrap_used, reason = "a failed test may panic")]

mod access_token;
mod aws;
mod breaker;
mod faults;
mod logs;
mod memberson;
mod messaging;
mod service_token;
mod settings;
mod sevenrooms;
mod stripe;
mod stub;
mod webhook;
mod world;
