//! Cognito user pools: sign-in for real, with tokens that anybody can verify against the pool's published keys.
//!
//! Written here, because no hosted one issues tokens that verify. Pools are global to the supervisor, since a pool's
//! identifier names its region; unsigned calls find theirs by the client.

mod challenges;
mod groups;
mod key;
mod members;
mod oauth;
mod password;
mod pools;
mod service;
mod sign_in;
mod srp;
mod state;
mod token;

pub(crate) use oauth::{PATH as TOKEN_PATH, client_credentials};
pub(crate) use service::Cognito;
pub(crate) use token::{Claims, VerifyError};
