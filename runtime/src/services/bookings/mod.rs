//! Booking experiences: quote, confirm, follow, cancel; what partners tell; what people who work here settle.

mod operating;
mod orders;
mod quoting;
mod routes;
mod sevenrooms;
mod stripe;

pub use routes::BookingsPorts;
pub(crate) use routes::routes;
