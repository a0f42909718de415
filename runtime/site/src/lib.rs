//! The site: a few pages for people, served from buckets behind a content delivery network.
//!
//! Invariants: the files are whole in themselves, so that a page loads nothing from any other host; no script and no style
//! stands in a page, so that a strict content security policy lets everything through; what depends on the environment is
//! in one small file that is made for it.
//!
//! Must not know: buckets, distributions, the API's code. It lies beside the services, since it is what people see of them,
//! and is a crate of its own, since only a deployer needs it.

mod files;

pub use files::{File, files};
