//! SevenRooms: venues and their availability.

mod client;
mod convert;
mod wire;

pub use client::SevenRooms;
