//! Secrets.

mod secret;

pub use secret::{Content, Secret, SecretProps, SecretReplica};
