//! CloudFront: distributions that serve private buckets at a loopback address, with a second origin when the first fails.

mod api;
mod browser;
mod cache;
mod config;
mod door;
mod resource;
mod serving;
mod state;

pub(crate) use state::{CloudFront, Surroundings};
