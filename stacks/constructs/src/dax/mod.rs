//! Caches of tables.

mod cluster;

pub use cluster::{Cluster, ClusterProps, TLS_PORT, reading_role};
