//! Names, where they lead, and what decides between two answers.

mod health_check;
mod hosted_zone;
mod record;

pub use health_check::{Checkers, HealthCheck, ProbeProps, alarm_region};
pub use hosted_zone::{HostedZone, HostedZoneProps};
pub use record::{AliasProps, AliasTarget, RecordType, Role, add_alias, add_record};
