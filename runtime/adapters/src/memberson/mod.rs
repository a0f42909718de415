//! Memberson: members, credentials, points, curated experiences.

mod client;
mod convert;
mod wire;

pub use client::Memberson;
