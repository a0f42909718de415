//! CloudWatch: metrics that somebody puts, and alarms that judge them.
//!
//! Periods pass on the simulated clock, so that an alarm of two minutes rings within two seconds at a speed of sixty.
//! An alarm that turns tells topics, functions and EventBridge of it. A state that SetAlarmState gives stays until the metric has data to judge by.

mod announce;
mod api;
mod evaluation;
mod metrics;
mod provisioning;
mod rule;
mod sayings;
mod state;

pub(crate) use announce::Bells;
pub(crate) use state::{AlarmState, CloudWatch};
