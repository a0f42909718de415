//! Memberson: members, credentials, points, curated experiences and items.

mod catalogue;
mod client;
mod convert;
mod directory;
mod items;
mod points;
mod wire;

pub use client::Memberson;
