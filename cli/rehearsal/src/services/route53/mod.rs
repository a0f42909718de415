//! Route 53: hosted zones, records that fail over, and health checks that follow alarms and endpoints. One for all regions.

mod answers;
mod api;
mod checks;
mod names;
mod provisioning;
mod records;
mod state;
pub(crate) mod xml;

pub(crate) use checks::CheckTarget;
pub(crate) use state::Route53;
