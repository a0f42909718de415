//! Memberson: three credentials (`SvcAuth`, `Token`, `ProfileToken`), errors as `{ErrorCode, Message}`.

mod accounts;
mod credentials;
mod double;
mod points;
mod refusal;
mod rewards;
mod state;

pub use double::{Memberson, memberson_router};
