use crate::support::{key, log_group, only, template};
use como_constructs::acm::{Certificate, CertificateProps};
use como_constructs::cloudfront::{Distribution, DistributionProps, Origin, ResponseHeaders, ResponseHeadersProps};
use como_constructs::iam::Permissions;
use como_constructs::logs::let_route53_write;
use como_constructs::route53::{
    AliasProps, Checkers, HealthCheck, HostedZone, HostedZoneProps, ProbeProps, RecordType, Role, add_alias,
    add_record, alarm_region,
};
use como_constructs::s3::{Bucket, BucketProps, Encryption, LogBucket, LogBucketProps, LogWriter, Reader};
use como_constructs::ses::{Sender, SenderProps};
use como_constructs::sns::{Publisher, Topic, TopicProps};
use como_constructs::wafv2::{Defence, InFrontOf, WebAcl, WebAclProps};
use como_core::stack::Scope;

fn zone(scope: &mut Scope<'_>) -> HostedZone {
    let key = key(scope);
    let query_log = log_group(scope, &key);
    let after = let_route53_write(scope, "QueryLogPolicy", "test".to_owned(), "/test/");
    HostedZone::new(
        scope,
        "Zone",
        HostedZoneProps { name: "test.example".to_owned(), comment: "A test", query_log: &query_log, after },
    )
}

fn logs(scope: &mut Scope<'_>, writers: Vec<LogWriter>) -> LogBucket {
    LogBucket::new(scope, "Logs", &LogBucketProps { name: "test-logs".to_owned(), keep_days: 90, writers })
}

fn bucket(scope: &mut Scope<'_>, id: &str, access_log: &LogBucket) -> Bucket {
    let props = BucketProps {
        name: format!("test-{}", id.to_lowercase()),
        encryption: Encryption::S3,
        access_log,
        old_version_days: 30,
        readers: vec![Reader::CloudFront],
    };
    Bucket::new(scope, id, &props)
}

fn web_acl(scope: &mut Scope<'_>, in_front_of: InFrontOf, webhook_path: Option<&str>) -> WebAcl {
    let key = key(&mut scope.child("Firewall"));
    let log = log_group(&mut scope.child("Firewall"), &key);
    let defence = Defence { in_front_of, requests_per_5_minutes: 1000, home_countries: vec!["SG"], webhook_path };
    WebAcl::new(scope, "WebAcl", WebAclProps { name: "test".to_owned(), description: "A test", defence, log: &log })
}

#[test]
fn buckets_are_private_and_log_to_one_that_logs_nothing() {
    let template = template(|scope| {
        let logs = logs(scope, vec![LogWriter::S3, LogWriter::LoadBalancing]);
        let key = key(scope);
        let props = BucketProps {
            name: "test-assets".to_owned(),
            encryption: Encryption::Key(&key),
            access_log: &logs,
            old_version_days: 90,
            readers: Vec::new(),
        };
        let assets = Bucket::new(scope, "Assets", &props);
        let mut permissions = Permissions::none();
        assets.grant_read(&mut permissions, "functions/");
        assets.grant_read_write(&mut permissions, "functions/");
        insta::assert_debug_snapshot!("bucket_grants", permissions);
        bucket(scope, "Site", &logs);
    });
    insta::assert_snapshot!(only(&template, &["AWS::S3::Bucket", "AWS::S3::BucketPolicy"]));
}

#[test]
fn cloudfront_writes_into_a_bucket_that_takes_access_lists() {
    let template = template(|scope| {
        logs(scope, vec![LogWriter::S3, LogWriter::CloudFront]);
    });
    insta::assert_snapshot!(only(&template, &["AWS::S3::Bucket", "AWS::S3::BucketPolicy"]));
}

#[test]
fn seven_rules_stand_in_front_of_an_api_and_let_large_webhooks_pass() {
    let template = template(|scope| {
        web_acl(scope, InFrontOf::Api, Some("/v1/webhooks/"));
    });
    insta::assert_snapshot!(only(&template, &["AWS::WAFv2::WebACL", "AWS::WAFv2::LoggingConfiguration"]));
}

#[test]
fn pages_come_from_the_second_bucket_when_the_first_does_not_answer() {
    let template = template(|scope| {
        let zone = zone(scope);
        let props = CertificateProps {
            name: "test.example".to_owned(),
            other_names: vec!["www.test.example".to_owned()],
            zone: &zone,
        };
        let certificate = Certificate::new(scope, "Certificate", &props);
        let log = logs(scope, vec![LogWriter::S3, LogWriter::CloudFront]);
        let (first, second) = (bucket(scope, "First", &log), bucket(scope, "Second", &log));
        let web_acl = web_acl(scope, InFrontOf::Distribution, None);
        let headers =
            ResponseHeadersProps { name: "test".to_owned(), content_security_policy: "default-src 'self'".to_owned() };
        let headers = ResponseHeaders::new(scope, "Headers", headers);
        let distribution = Distribution::new(
            scope,
            "Distribution",
            &DistributionProps {
                name: "test".to_owned(),
                domain: "test.example".to_owned(),
                certificate: &certificate,
                web_acl: &web_acl,
                headers: &headers,
                log: &log,
                first: Origin { id: "here", bucket: &first },
                second: Some(Origin { id: "there", bucket: &second }),
                start_page: "index.html",
                not_found_page: "not-found.html",
            },
        );
        let alias =
            AliasProps { zone: &zone, name: "test.example".to_owned(), target: distribution.alias(), role: Role::Only };
        add_alias(scope, "Alias", &alias);
    });
    let types = [
        "AWS::CertificateManager::Certificate",
        "AWS::CloudFront::Distribution",
        "AWS::CloudFront::OriginAccessControl",
        "AWS::CloudFront::ResponseHeadersPolicy",
        "AWS::Logs::ResourcePolicy",
        "AWS::Route53::HostedZone",
        "AWS::Route53::RecordSet",
    ];
    insta::assert_snapshot!(only(&template, &types));
}

#[test]
fn an_alarm_elsewhere_decides_between_two_answers() {
    let template = template(|scope| {
        let zone = zone(scope);
        let region = alarm_region("ap-southeast-2").unwrap();
        let check = HealthCheck::of_alarm(scope, "Switch", "test", "switch".into(), region);
        let probe = ProbeProps {
            host: "one.test.example".to_owned(),
            path: "/healthy".to_owned(),
            name: "test probe".to_owned(),
            checkers: [Checkers::Ireland, Checkers::Oregon, Checkers::Tokyo],
        };
        HealthCheck::of_address(scope, "Probe", &probe);
        for (id, role) in [("One", Role::Primary(&check)), ("Other", Role::Secondary)] {
            let target = como_constructs::route53::AliasTarget {
                dns_name: format!("{id}.aws.example").into(),
                hosted_zone_id: "Z1".into(),
            };
            add_alias(scope, id, &AliasProps { zone: &zone, name: "test.example".to_owned(), target, role });
        }
        let issuers = vec![r#"0 issue "amazon.com""#.into()];
        add_record(scope, "Issuers", &zone, "test.example", RecordType::Caa, issuers);
    });
    insta::assert_snapshot!(only(&template, &["AWS::Route53::HealthCheck", "AWS::Route53::RecordSet"]));
}

#[test]
fn a_sender_signs_its_mails_and_hears_of_bounces() {
    let template = template(|scope| {
        let zone = zone(scope);
        let key = key(&mut scope.child("Topics"));
        let props =
            TopicProps { name: "test".to_owned(), key: &key, publishers: &[Publisher::Ses], emails: Vec::new() };
        let events = Topic::new(scope, "Events", props);
        let props = SenderProps { zone: &zone, configuration_set: "test".to_owned(), events: &events };
        let sender = Sender::new(scope, "Sender", props);
        let mut permissions = Permissions::none();
        sender.grant_send(&mut permissions, "bookings@test.example");
        insta::assert_debug_snapshot!("sender_grants", permissions);
    });
    let types = [
        "AWS::Route53::RecordSet",
        "AWS::SES::ConfigurationSet",
        "AWS::SES::ConfigurationSetEventDestination",
        "AWS::SES::EmailIdentity",
    ];
    insta::assert_snapshot!(only(&template, &types));
}

#[test]
fn a_distributions_firewall_looks_at_what_cloudfront_sends() {
    let template = template(|scope| {
        web_acl(scope, InFrontOf::Distribution, None);
    });
    let acls = only(&template, &["AWS::WAFv2::WebACL"]);
    assert!(acls.contains(r#""Scope": "CLOUDFRONT""#) && acls.contains(r#""CLOUDFRONT": {"#), "{acls}");
    assert!(!acls.contains("ScopeDownStatement"), "nothing is spared where there are no webhooks");
}
