//! The service's own tables.

mod configuration;
mod open_actions;
mod sessions;

pub use configuration::ConfigurationTable;
pub use open_actions::{CountError, OpenActions};
pub use sessions::SessionsTable;
