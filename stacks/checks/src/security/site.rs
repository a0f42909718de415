//! Buckets, certificates and names.

use crate::policy::statements;
use crate::rule::{Objection, Rule, Severity};
use crate::subject::{Subject, each};
use como_core::flat::flatten;
use serde_json::Value as Json;

const BUCKET: &[&str] = &["AWS::S3::Bucket"];

pub(super) const RULES: &[Rule] = &[
    Rule {
        ids: &["S3.8", "S3.1", "AwsSolutions-S2", "CKV_AWS_53", "CKV_AWS_54", "CKV_AWS_55", "CKV_AWS_56"],
        title: "a bucket blocks public access",
        severity: Severity::High,
        remedy: "set all four members of `PublicAccessBlockConfiguration`",
        types: BUCKET,
        judge: |bucket| {
            ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"]
                .iter()
                .flat_map(|name| bucket.expect_true(&format!("PublicAccessBlockConfiguration.{name}")))
                .collect()
        },
    },
    Rule {
        ids: &["CKV_AWS_19"],
        title: "a bucket is encrypted",
        severity: Severity::Medium,
        remedy: "set `BucketEncryption`",
        types: BUCKET,
        judge: |bucket| bucket.expect_given("BucketEncryption.ServerSideEncryptionConfiguration"),
    },
    Rule {
        ids: &["S3.12", "CKV_AWS_20", "CKV_AWS_57"],
        title: "a bucket has no access lists",
        severity: Severity::Medium,
        remedy: "set `ObjectOwnership` to `BucketOwnerEnforced` and leave `AccessControl` out",
        types: BUCKET,
        judge: |bucket| {
            let rules = bucket.list("OwnershipControls.Rules");
            let enforced = rules.iter().any(|rule| {
                // CloudFront's standard logs of the first kind are written by access list.
                matches!(rule.get("ObjectOwnership").and_then(Json::as_str), Some("BucketOwnerEnforced"))
            });
            let ownership = Subject::expect(enforced, "OwnershipControls", "access lists are in force");
            ownership.into_iter().chain(bucket.expect_absent("AccessControl")).collect()
        },
    },
    Rule {
        ids: &["S3.9", "AwsSolutions-S1", "CKV_AWS_18"],
        title: "a bucket writes access logs",
        severity: Severity::Medium,
        remedy: "set `LoggingConfiguration`",
        types: BUCKET,
        judge: |bucket| bucket.expect_given("LoggingConfiguration"),
    },
    Rule {
        ids: &["S3.14", "CKV_AWS_21"],
        title: "a bucket keeps versions",
        severity: Severity::Low,
        remedy: "set `VersioningConfiguration.Status` to `Enabled`",
        types: BUCKET,
        judge: |bucket| bucket.expect_one_of("VersioningConfiguration.Status", &["Enabled"]),
    },
    Rule {
        ids: &["S3.13"],
        title: "a bucket forgets what is old",
        severity: Severity::Low,
        remedy: "add a rule to `LifecycleConfiguration`",
        types: BUCKET,
        judge: |bucket| bucket.expect_given("LifecycleConfiguration.Rules"),
    },
    Rule {
        ids: &["S3.5", "AwsSolutions-S10"],
        title: "a bucket refuses plain text",
        severity: Severity::Medium,
        remedy: "deny `s3:*` where `aws:SecureTransport` is false",
        types: BUCKET,
        judge: |bucket| {
            let ok = bucket.all("AWS::S3::BucketPolicy").any(|policy| {
                let is_safe = statements(policy.get("PolicyDocument"))
                    .iter()
                    .any(|found| found.refuses_plain_text(&["s3:*", "*"]));
                is_safe && policy.mentions("Bucket", bucket)
            });
            Subject::expect(ok, "", "no policy refuses plain text")
        },
    },
    Rule {
        ids: &["S3.6"],
        title: "other accounts cannot change a bucket's policy or content",
        severity: Severity::High,
        remedy: "take the action from the statement",
        types: &["AWS::S3::BucketPolicy"],
        judge: for_other_accounts,
    },
    Rule {
        ids: &["Route53.2"],
        title: "a public zone logs queries",
        severity: Severity::Medium,
        remedy: "set `QueryLoggingConfig`",
        types: &["AWS::Route53::HostedZone"],
        judge: |zone| {
            let is_private = !zone.list("VPCs").is_empty();
            if is_private { Vec::new() } else { zone.expect_given("QueryLoggingConfig") }
        },
    },
    Rule {
        ids: &["ACM.2"],
        title: "a certificate's key is strong",
        severity: Severity::High,
        remedy: "choose `RSA_2048` or an elliptic curve",
        types: &["AWS::CertificateManager::Certificate"],
        judge: |certificate| {
            let ok = certificate.text("KeyAlgorithm") != Some("RSA_1024");
            Subject::expect(ok, "KeyAlgorithm", "1,024 bits are too few")
        },
    },
    Rule {
        ids: &["CKV2_AWS_71"],
        title: "a certificate names its domains",
        severity: Severity::Low,
        remedy: "name each domain instead of a wildcard",
        types: &["AWS::CertificateManager::Certificate"],
        judge: |certificate| {
            let names = ["DomainName", "SubjectAlternativeNames"]
                .into_iter()
                .flat_map(|path| each(certificate.get(path)).into_iter().map(move |name| (path, name)));
            let wild = names.filter(|(_, name)| name.to_string().contains('*'));
            wild.map(|(path, _)| Objection::new(path, "the certificate is for any name")).collect()
        },
    },
];

/// What Security Hub lists; whoever may do one of these owns the bucket.
const OWNERS: &[&str] = &[
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:PutEncryptionConfiguration",
    "s3:PutObjectAcl",
];

fn for_other_accounts(policy: &Subject<'_>) -> Vec<Objection> {
    let numbered = statements(policy.get("PolicyDocument")).into_iter().enumerate();
    let open = numbered.filter(|(_, statement)| {
        let is_stranger = |principal: &&Json| {
            let name = flatten(principal);
            !name.contains("<AWS::AccountId>") && !name.contains(policy.stack.account.as_str())
        };
        let is_given_away = statement.is_for_anyone() || statement.principals("AWS").iter().any(is_stranger);
        statement.allows() && is_given_away && OWNERS.iter().any(|action| statement.covers(action))
    });
    open.map(|(index, _)| Objection::new(format!("PolicyDocument/Statement/{index}"), "it gives the bucket away"))
        .collect()
}
