//! The configuration table's documents, typed: one file per concern.

mod call;
mod live;
mod memberson;
mod reader;
mod sevenrooms;
mod source;
mod stripe;

pub use call::CallSettings;
pub use live::{Configuration, LiveSettings, Refreshed};
pub use memberson::MembersonSettings;
pub use reader::{SettingMistake, SettingsError};
pub use sevenrooms::SevenRoomsSettings;
pub use source::{
    ConfigurationError, ConfigurationRow, ConfigurationSource, ConfigurationStore, WriteConfigurationError,
};
pub use stripe::StripeSettings;
