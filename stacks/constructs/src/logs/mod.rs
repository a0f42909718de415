//! Where logs are kept.

mod log_group;

pub use log_group::{LogGroup, LogGroupProps, Retention, let_logs_use_key, let_logs_use_key_for, let_route53_write};
