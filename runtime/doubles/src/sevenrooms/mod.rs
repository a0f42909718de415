//! SevenRooms: form-encoded `/auth`, then the raw token in `Authorization`; replies `{status, msg, data}`.

mod availability;
mod double;
mod reading;
mod refusal;
mod reserving;
mod state;

pub use double::{SevenRooms, sevenrooms_router};
