//! The site as members see it: a distribution in front of the buckets, with a firewall, and its name.
//!
//! In us-east-1, where CloudFront takes its certificate and firewall from.

use crate::door::{HOME_COUNTRIES, REQUESTS_OF_AN_ADDRESS};
use crate::naming;
use como_config::{Environment, Region};
use como_constructs::acm::{Certificate, CertificateProps};
use como_constructs::cloudfront::{Distribution, DistributionProps, Origin, ResponseHeaders, ResponseHeadersProps};
use como_constructs::kms::{Key, KeyProps, Replication};
use como_constructs::logs::{LogGroup, LogGroupProps, Retention, let_logs_use_key};
use como_constructs::route53::{AliasProps, HostedZone, Role, add_alias};
use como_constructs::s3::{Bucket, LogBucket, LogBucketProps, LogWriter};
use como_constructs::wafv2::{Defence, FIREWALL_LOG_PREFIX, InFrontOf, WebAcl, WebAclProps};
use como_contract::output::SITE_DISTRIBUTION;
use como_contract::site::{NOT_FOUND_PAGE, START_PAGE, content_security_policy};
use como_core::stack::{Scope, Stack};

/// The buckets with the pages, the environment's own region's first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pages<'a> {
    pub(crate) first: &'a Bucket,
    pub(crate) second: Option<&'a Bucket>,
}

const LOG_DAYS: i64 = 90;

pub(crate) fn edge(environment: &Environment, global: Region, zone: &HostedZone, pages: Pages<'_>) -> Stack {
    let mut stack = naming::stack_in(environment, global, "edge", "COMO: the site's distribution");
    let mut scope = stack.scope();
    let domain = environment.domain().as_str();
    let certificate = CertificateProps { name: domain.to_owned(), other_names: Vec::new(), zone };
    let certificate = Certificate::new(&mut scope, "Certificate", &certificate);
    let web_acl = firewall(&mut scope, environment);
    let log = LogBucket::new(
        &mut scope,
        "Logs",
        &LogBucketProps {
            name: format!("{}-{}", naming::name(environment, "edge-logs"), environment.account()),
            keep_days: LOG_DAYS,
            writers: vec![LogWriter::CloudFront],
        },
    );
    let headers = ResponseHeaders::new(
        &mut scope,
        "Headers",
        ResponseHeadersProps { name: naming::name(environment, "site"), content_security_policy: policy(environment) },
    );
    let distribution = Distribution::new(
        &mut scope,
        "Distribution",
        &DistributionProps {
            name: naming::name(environment, "site"),
            domain: domain.to_owned(),
            certificate: &certificate,
            web_acl: &web_acl,
            headers: &headers,
            log: &log,
            first: Origin { id: "first", bucket: pages.first },
            second: pages.second.map(|bucket| Origin { id: "second", bucket }),
            start_page: START_PAGE,
            not_found_page: NOT_FOUND_PAGE,
        },
    );
    let alias = AliasProps { zone, name: domain.to_owned(), target: distribution.alias(), role: Role::Only };
    add_alias(&mut scope, "Name", &alias);
    scope.output(SITE_DISTRIBUTION, "The distribution of the site", &distribution.id());
    stack
}

fn policy(environment: &Environment) -> String {
    let mut regions = vec![environment.region().as_str()];
    regions.extend(environment.recovery().map(|recovery| recovery.region().as_str()));
    content_security_policy(&format!("https://{}", naming::api_domain(environment)), &regions)
}

fn firewall(scope: &mut Scope<'_>, environment: &Environment) -> WebAcl {
    let key = Key::new(
        scope,
        "LogKey",
        KeyProps {
            description: "Encrypts the log of the site's firewall",
            alias: naming::name(environment, "edge-logs"),
            replication: Replication::OneRegion,
            services: vec![let_logs_use_key(FIREWALL_LOG_PREFIX)],
        },
    );
    let log = LogGroup::new(
        scope,
        "FirewallLog",
        LogGroupProps {
            name: format!("{FIREWALL_LOG_PREFIX}{}", naming::name(environment, "site")),
            retention: Retention::ThreeMonths,
            key: &key,
        },
    );
    let props = WebAclProps {
        name: naming::name(environment, "site"),
        description: "In front of the site",
        defence: Defence {
            in_front_of: InFrontOf::Distribution,
            requests_per_5_minutes: REQUESTS_OF_AN_ADDRESS,
            home_countries: HOME_COUNTRIES.to_vec(),
            webhook_path: None,
        },
        log: &log,
    };
    WebAcl::new(scope, "Firewall", props)
}
