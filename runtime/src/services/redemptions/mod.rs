//! Redeeming items: look, quote, confirm, follow, cancel.

mod items;
mod orders;
mod quoting;
mod routes;

pub use routes::RedemptionsPorts;
pub(crate) use routes::routes;
