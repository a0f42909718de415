//! Images.

mod registry;
mod repository;

pub use registry::{replicate, replicated_repositories, scan_on_push};
pub use repository::{Repository, RepositoryProps};
