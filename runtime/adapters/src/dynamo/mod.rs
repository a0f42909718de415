//! The service's own tables.

mod configuration;
mod sessions;

pub use configuration::ConfigurationTable;
pub use sessions::SessionsTable;
