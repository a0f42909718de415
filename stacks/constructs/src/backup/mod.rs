//! Backups.

mod plan;

pub use plan::{DailyBackupProps, daily_backup};
