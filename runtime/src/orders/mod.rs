//! What bookings and redemptions have in common: both are sagas that a member asked for.

mod acting;
mod orders_ports;
mod reading;
mod views;

pub(crate) use acting::{Confirmation, act, confirm, sign_in};
pub use orders_ports::Orders;
pub(crate) use reading::{Listing, StatusQuery, list, saga_problem, status};
pub(crate) use views::{AmountView, OrderPage, OrderView, payment_amount};
