//! Encryption keys.

mod key;

pub use key::{ENCRYPT_DECRYPT, Key, KeyProps, ReplicaKeyProps, Replication, Via};
