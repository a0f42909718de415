//! The domain's ports, kept by Memberson, SevenRooms, Stripe, Cognito, DynamoDB, SQS and SES.
//!
//! Invariants: every call to a partner goes through [`call::PartnerCaller`] and so has a time limit, a breaker, a retry budget
//! and a log line without identifiers. Wire types stay private in `wire.rs`; `convert.rs` turns them into the domain's.
//! Everything about a partner that is not publicly documented is a setting with a default, changed without a deploy.
//!
//! Must not know: axum, the routes, how an error is shown to a member.

pub mod access_token;
pub mod aws;
pub mod breaker;
mod cache;
mod call;
pub mod clock;
pub mod cognito;
pub mod credentials;
pub mod doorbell;
pub mod dynamo;
pub mod encryption;
mod failure;
pub mod http;
pub mod mail;
pub mod memberson;
mod password;
pub mod retry;
pub mod secrets_manager;
pub mod service_token;
pub mod settings;
pub mod sevenrooms;
pub mod signed;
pub mod stripe;
mod token;
