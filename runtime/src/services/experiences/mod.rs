//! Curated experiences, aggregated from Memberson and SevenRooms.

mod aggregate;
mod details;
mod list;
mod routes;
mod venue_links;
mod views;

pub use routes::ExperiencesPorts;
pub(crate) use routes::routes;
