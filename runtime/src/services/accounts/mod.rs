//! Logging in, and who is logged in.

mod login;
mod me;
mod routes;

pub use routes::AccountsPorts;
pub(crate) use routes::routes;
