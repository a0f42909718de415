//! KMS: keys that encrypt for real, and replicas that decrypt what their primaries encrypted.
//!
//! Written here, because the hosted one gives a replica another identifier and other material. Symmetric keys only.

mod cipher;
mod operations;
mod resource;
mod service;
mod state;

pub(crate) use service::Kms;
