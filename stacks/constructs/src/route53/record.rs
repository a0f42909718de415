//! Records.

use crate::route53::{HealthCheck, HostedZone};
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::route53::{self, record_set};

/// Something of AWS's that a name can lead to; the answer follows its addresses.
#[derive(Debug, Clone)]
pub struct AliasTarget {
    pub dns_name: Value<String>,
    pub hosted_zone_id: Value<String>,
}

#[derive(Debug)]
pub struct AliasProps<'a> {
    pub zone: &'a HostedZone,
    pub name: String,
    pub target: AliasTarget,
    pub role: Role<'a>,
}

/// Which of the answers for a name this one is.
#[derive(Debug, Clone, Copy)]
pub enum Role<'a> {
    Only,
    /// As long as the check is healthy.
    Primary(&'a HealthCheck),
    /// When the primary is not; it is not looked at itself, since there is no third.
    Secondary,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordType {
    Caa,
    Cname,
    Mx,
    Txt,
}

/// Seconds that others may remember a record which hardly ever changes.
const TIME_TO_LIVE: &str = "3600";

/// Leads a name to something of AWS's, over IPv4 and IPv6.
pub fn add_alias(scope: &mut Scope<'_>, id: &str, props: &AliasProps<'_>) {
    let mut scope = scope.child(id);
    for record_type in ["A", "AAAA"] {
        let target = record_set::AliasTarget {
            // Route 53 would look at the service that the name belongs to, not at what answers behind it.
            evaluate_target_health: Some(false.into()),
            ..record_set::AliasTarget::new(props.target.dns_name.clone(), props.target.hosted_zone_id.clone())
        };
        let record = route53::RecordSet {
            hosted_zone_id: Some(props.zone.id()),
            alias_target: Some(target),
            failover: props.role.failover().map(Into::into),
            set_identifier: props.role.identifier().map(Into::into),
            health_check_id: props.role.health_check().map(HealthCheck::id),
            ..route53::RecordSet::new(props.name.as_str(), record_type)
        };
        scope.add(record_type, record);
    }
}

/// A record with values of its own.
pub fn add_record(
    scope: &mut Scope<'_>,
    id: &str,
    zone: &HostedZone,
    name: impl Into<Value<String>>,
    record_type: RecordType,
    values: Vec<Value<String>>,
) {
    let record = route53::RecordSet {
        hosted_zone_id: Some(zone.id()),
        resource_records: Some(values.into()),
        ttl: Some(TIME_TO_LIVE.into()),
        ..route53::RecordSet::new(name, record_type.as_str())
    };
    scope.add(id, record);
}

impl<'a> Role<'a> {
    const fn failover(self) -> Option<record_set::Failover> {
        match self {
            Self::Only => None,
            Self::Primary(_) => Some(record_set::Failover::Primary),
            Self::Secondary => Some(record_set::Failover::Secondary),
        }
    }

    const fn identifier(self) -> Option<&'static str> {
        match self {
            Self::Only => None,
            Self::Primary(_) => Some("primary"),
            Self::Secondary => Some("secondary"),
        }
    }

    const fn health_check(self) -> Option<&'a HealthCheck> {
        match self {
            Self::Primary(check) => Some(check),
            Self::Only | Self::Secondary => None,
        }
    }
}

impl RecordType {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Caa => "CAA",
            Self::Cname => "CNAME",
            Self::Mx => "MX",
            Self::Txt => "TXT",
        }
    }
}
