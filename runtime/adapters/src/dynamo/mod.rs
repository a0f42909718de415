//! The service's own tables.

mod ballot_box;
mod configuration;
mod items;
mod journal;
mod manual_actions;
mod open_actions;
mod requests;
mod sessions;
mod webhook_events;

pub use ballot_box::LeaseTable;
pub use configuration::ConfigurationTable;
pub use journal::JournalTable;
pub use manual_actions::ManualActionsTable;
pub use open_actions::{CountError, OpenActions};
pub use requests::RequestsTable;
pub use sessions::SessionsTable;
pub use webhook_events::WebhookEventsTable;
