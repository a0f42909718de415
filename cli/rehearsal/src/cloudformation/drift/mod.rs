//! Drift: how resources differ from what their stack says.

mod api;
mod compare;
mod detect;
mod record;

pub(super) use record::{DriftStatus, DriftStore};
