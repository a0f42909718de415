//! One folder per microservice.

pub mod accounts;
pub mod bookings;
pub mod experiences;
pub mod redemptions;
