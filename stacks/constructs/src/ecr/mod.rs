//! Images.

mod registry;
mod repository;

pub use registry::{replicate, replicated_repositories, scan_continuously};
pub use repository::{Repository, RepositoryProps};
