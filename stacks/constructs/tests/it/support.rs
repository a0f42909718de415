//! A stack to put constructs into, and the template that comes out.

use como_constructs::acm::{Certificate, CertificateProps};
use como_constructs::ec2::{Network, NetworkProps, SecurityGroup, SecurityGroupProps, ZoneProps};
use como_constructs::kms::{Key, KeyProps, Replication};
use como_constructs::logs::let_route53_write;
use como_constructs::logs::{LogGroup, LogGroupProps, Retention};
use como_constructs::route53::{HostedZone, HostedZoneProps};
use como_constructs::s3::{LogBucket, LogBucketProps, LogWriter};
use como_core::app::App;
use como_core::stack::{Protection, Scope, Stack, StackProps};
use como_core::template::Template;
use std::collections::BTreeMap;

/// The template of a stack that `build` fills.
pub(crate) fn template(build: impl FnOnce(&mut Scope<'_>)) -> Template {
    let mut stack = Stack::new(StackProps {
        id: "test".to_owned(),
        name: "test".to_owned(),
        account: "123456789012".to_owned(),
        region: "ap-southeast-1".to_owned(),
        description: "A test".to_owned(),
        termination_protection: Protection::Unprotected,
        tags: BTreeMap::new(),
    });
    build(&mut stack.scope());
    let mut app = App::new();
    app.add(stack);
    let assembly = app.synthesise().unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    assembly.stacks.into_iter().next().unwrap().template
}

/// The resources of one type as JSON, for a snapshot that shows nothing else.
pub(crate) fn only(template: &Template, resource_types: &[&str]) -> String {
    let resources: Vec<_> = template
        .resources
        .iter()
        .filter(|(_, resource)| resource_types.contains(&resource.resource_type.as_str()))
        .map(|(id, resource)| serde_json::json!({ id: resource }))
        .collect();
    serde_json::to_string_pretty(&resources).unwrap()
}

pub(crate) fn key(scope: &mut Scope<'_>) -> Key {
    let props = KeyProps {
        description: "A key",
        alias: "test".to_owned(),
        replication: Replication::OneRegion,
        services: Vec::new(),
    };
    Key::new(scope, "Key", props)
}

pub(crate) fn log_group(scope: &mut Scope<'_>, key: &Key) -> LogGroup {
    let props = LogGroupProps { name: "/test/log".to_owned(), retention: Retention::OneMonth, key };
    LogGroup::new(scope, "Log", props)
}

pub(crate) fn network(scope: &mut Scope<'_>, nat_gateways: usize) -> Network {
    let zone = |letter: char, third: u8| ZoneProps {
        letter,
        public_cidr: format!("10.0.{third}.0/24"),
        private_cidr: format!("10.0.{}.0/24", third + 100),
    };
    let props = NetworkProps {
        name: "test".to_owned(),
        cidr: "10.0.0.0/16".to_owned(),
        zones: vec![zone('a', 1), zone('b', 2)],
        nat_gateways,
    };
    let network = Network::new(scope, &props);
    network.open_way_out(scope);
    network
}

pub(crate) fn guard(scope: &mut Scope<'_>, network: &Network) -> SecurityGroup {
    let props = SecurityGroupProps {
        vpc_id: network.vpc_id(),
        description: "A guard",
        ingress: Vec::new(),
        egress: Vec::new(),
    };
    SecurityGroup::new(scope, "Guard", props)
}

/// A bucket that services may log into.
pub(crate) fn log_bucket(scope: &mut Scope<'_>) -> LogBucket {
    let writers = vec![LogWriter::S3, LogWriter::LoadBalancing];
    LogBucket::new(scope, "AccessLogs", &LogBucketProps { name: "test-access-logs".to_owned(), keep_days: 90, writers })
}

/// A public zone.
pub(crate) fn zone(scope: &mut Scope<'_>) -> HostedZone {
    let mut scope = scope.child("Domain");
    let key = key(&mut scope);
    let query_log = log_group(&mut scope, &key);
    let after = let_route53_write(&mut scope, "QueryLogPolicy", "test".to_owned(), "/test/");
    let props = HostedZoneProps { name: "test.example".to_owned(), comment: "A test", query_log: &query_log, after };
    HostedZone::new(&mut scope, "Zone", props)
}

/// A certificate of the zone's own name.
pub(crate) fn certificate(scope: &mut Scope<'_>) -> Certificate {
    let zone = zone(scope);
    let props = CertificateProps { name: "test.example".to_owned(), other_names: Vec::new(), zone: &zone };
    Certificate::new(scope, "ServicesCertificate", &props)
}
