//! SevenRooms: venues, their availability, reservations.

mod client;
mod convert;
mod reservations;
mod wire;

pub use client::SevenRooms;
