//! Public zones.

use crate::logs::LogGroup;
use como_core::resource::{Dependency, Handle, Options};
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::route53::{self, hosted_zone};

/// A public zone that logs what it is asked, and whose records can be changed within the hour even while us-east-1 is down.
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/accelerated-recovery.html>
#[derive(Debug, Clone)]
pub struct HostedZone {
    handle: Handle<route53::HostedZone>,
    name: String,
}

#[derive(Debug)]
pub struct HostedZoneProps<'a> {
    /// Without a dot at the end.
    pub name: String,
    pub comment: &'a str,
    /// In us-east-1, where Route 53 writes from.
    pub query_log: &'a LogGroup,
    /// What lets Route 53 write into the log.
    pub after: Dependency,
}

impl HostedZone {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: HostedZoneProps<'_>) -> Self {
        let handle = scope.add_with(
            id,
            &route53::HostedZone {
                name: Some(props.name.as_str().into()),
                hosted_zone_config: Some(hosted_zone::HostedZoneConfig { comment: Some(props.comment.into()) }),
                hosted_zone_features: Some(hosted_zone::HostedZoneFeatures {
                    enable_accelerated_recovery: Some(true.into()),
                }),
                query_logging_config: Some(hosted_zone::QueryLoggingConfig::new(props.query_log.arn_without_streams())),
                ..route53::HostedZone::new()
            },
            Options { depends_on: vec![props.after], ..Options::default() },
        );
        Self { handle, name: props.name }
    }

    #[must_use]
    pub fn id(&self) -> Value<String> {
        self.handle.reference()
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The servers to which the registrar has to delegate the name, four of them.
    #[must_use]
    pub fn name_servers(&self) -> Value<String> {
        Value::join_list(", ", &self.handle.get_list(route53::HostedZone::NAME_SERVERS))
    }
}
