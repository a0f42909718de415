//! The environment's names: a public zone, which logs what it is asked, and who may issue certificates for it.
//!
//! In us-east-1: Route 53 writes its logs from there.

use crate::naming;
use como_config::{Environment, Region};
use como_constructs::kms::{Key, KeyProps, Replication};
use como_constructs::logs::{LogGroup, LogGroupProps, Retention, let_logs_use_key, let_route53_write};
use como_constructs::route53::{HostedZone, HostedZoneProps, RecordType, add_record};
use como_core::stack::Stack;

/// Where Route 53 expects the groups of its logs.
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/query-logs.html>
const LOG_PREFIX: &str = "/aws/route53/";
/// The one issuer, AWS's own.
const ISSUER: &str = r#"0 issue "amazon.com""#;

pub(crate) fn zone(environment: &Environment, global: Region) -> (Stack, HostedZone) {
    let mut stack = naming::stack_in(environment, global, "zone", "COMO: the environment's domain");
    let mut scope = stack.scope();
    let log_key = Key::new(
        &mut scope,
        "LogKey",
        KeyProps {
            description: "Encrypts the log of DNS queries",
            alias: naming::name(environment, "zone-logs"),
            replication: Replication::OneRegion,
            services: vec![let_logs_use_key(LOG_PREFIX)],
        },
    );
    let query_log = LogGroup::new(
        &mut scope,
        "QueryLog",
        LogGroupProps {
            name: format!("{LOG_PREFIX}{}", naming::name(environment, "")),
            retention: Retention::ThreeMonths,
            key: &log_key,
        },
    );
    let after = let_route53_write(&mut scope, "QueryLogPolicy", naming::name(environment, "route53"), LOG_PREFIX);
    let zone = HostedZone::new(
        &mut scope,
        "Zone",
        HostedZoneProps {
            name: environment.domain().as_str().to_owned(),
            comment: "COMO: members' pages and the API",
            query_log: &query_log,
            after,
        },
    );
    add_record(&mut scope, "Issuers", &zone, environment.domain().as_str(), RecordType::Caa, vec![ISSUER.into()]);
    scope.share("ZoneId", "The zone of the environment's domain", &zone.id());
    scope.output("NameServers", "The servers to which the registrar delegates the domain", &zone.name_servers());
    (stack, zone)
}
