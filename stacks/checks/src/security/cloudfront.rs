//! The site's distribution.

use crate::rule::{Objection, Rule, Severity};
use crate::subject::{Subject, each, get, text};
use serde_json::Value as Json;

const DISTRIBUTION: &[&str] = &["AWS::CloudFront::Distribution"];

pub(super) const RULES: &[Rule] = &[
    Rule {
        ids: &["CloudFront.1"],
        title: "a distribution has a root object",
        severity: Severity::High,
        remedy: "set `DefaultRootObject`",
        types: DISTRIBUTION,
        judge: |distribution| distribution.expect_given("DistributionConfig.DefaultRootObject"),
    },
    Rule {
        ids: &["CloudFront.3", "CKV_AWS_34"],
        title: "viewers use TLS",
        severity: Severity::Medium,
        remedy: "set `ViewerProtocolPolicy` to `redirect-to-https` or `https-only`",
        types: DISTRIBUTION,
        judge: viewers_use_tls,
    },
    Rule {
        ids: &["CloudFront.4"],
        title: "a distribution has a second origin for when the first fails",
        severity: Severity::Low,
        remedy: "add an origin group and send the default behaviour to it",
        types: DISTRIBUTION,
        judge: |distribution| {
            let groups = distribution.list("DistributionConfig.OriginGroups.Items");
            let is_pair = |group: &&Json| 2 <= each(get(group, "Members.Items")).len();
            Subject::expect(
                groups.iter().any(|group| is_pair(&group)),
                "DistributionConfig.OriginGroups",
                "no origin group has two members",
            )
        },
    },
    Rule {
        ids: &["CloudFront.5", "AwsSolutions-CFR3", "CKV_AWS_86"],
        title: "a distribution writes access logs",
        severity: Severity::Medium,
        remedy: "set `Logging`",
        types: DISTRIBUTION,
        judge: |distribution| distribution.expect_given("DistributionConfig.Logging"),
    },
    Rule {
        ids: &["CloudFront.6", "AwsSolutions-CFR2", "CKV_AWS_68"],
        title: "a distribution is behind a web ACL",
        severity: Severity::Medium,
        remedy: "set `WebACLId`",
        types: DISTRIBUTION,
        judge: |distribution| distribution.expect_given("DistributionConfig.WebACLId"),
    },
    Rule {
        ids: &["CloudFront.7"],
        title: "a distribution has a certificate of its own domain",
        severity: Severity::Medium,
        remedy: "set `ViewerCertificate.AcmCertificateArn`",
        types: DISTRIBUTION,
        judge: |distribution| distribution.expect_given("DistributionConfig.ViewerCertificate.AcmCertificateArn"),
    },
    Rule {
        ids: &["CloudFront.8"],
        title: "a distribution serves TLS by name",
        severity: Severity::Low,
        remedy: "set `ViewerCertificate.SslSupportMethod` to `sni-only`",
        types: DISTRIBUTION,
        judge: |distribution| {
            distribution.expect_one_of("DistributionConfig.ViewerCertificate.SslSupportMethod", &["sni-only"])
        },
    },
    Rule {
        ids: &["CloudFront.15", "AwsSolutions-CFR4", "CKV_AWS_174"],
        title: "viewers use TLS 1.2 or newer",
        severity: Severity::Medium,
        remedy: "set `MinimumProtocolVersion` to `TLSv1.2_2021` or newer",
        types: DISTRIBUTION,
        judge: |distribution| {
            let path = "DistributionConfig.ViewerCertificate.MinimumProtocolVersion";
            let accepted = ["TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"];
            distribution.expect_one_of(path, &accepted)
        },
    },
    Rule {
        ids: &["CloudFront.9", "CloudFront.10", "AwsSolutions-CFR5", "CKV2_AWS_72"],
        title: "origins are asked by TLS 1.2",
        severity: Severity::Medium,
        remedy: "set `OriginProtocolPolicy` to `https-only` and `OriginSSLProtocols` to `TLSv1.2`",
        types: DISTRIBUTION,
        judge: origins_use_tls,
    },
    Rule {
        ids: &["CloudFront.12"],
        title: "an origin that is a bucket exists",
        severity: Severity::High,
        remedy: "take the origin's domain from the bucket",
        types: DISTRIBUTION,
        judge: |distribution| {
            let is_free = |origin: &&Json| origin.get("DomainName").is_some_and(Json::is_string);
            let names = origins(distribution).filter(|(_, origin)| is_bucket(origin) && is_free(origin));
            names.map(|(place, _)| Objection::new(place, "its name could be taken by anybody's bucket")).collect()
        },
    },
    Rule {
        ids: &["CloudFront.13", "AwsSolutions-CFR7", "AwsSolutions-S5"],
        title: "a bucket is read by origin access control",
        severity: Severity::Medium,
        remedy: "set `OriginAccessControlId`",
        types: DISTRIBUTION,
        judge: |distribution| {
            let open = origins(distribution)
                .filter(|(_, origin)| is_bucket(origin) && origin.get("OriginAccessControlId").is_none());
            open.map(|(place, _)| Objection::new(place, "`OriginAccessControlId` is missing")).collect()
        },
    },
    Rule {
        ids: &["AwsSolutions-CFR1"],
        title: "a distribution is for some countries",
        severity: Severity::Low,
        remedy: "restrict countries, or say why the whole world is let in",
        types: DISTRIBUTION,
        judge: |distribution| {
            let path = "DistributionConfig.Restrictions.GeoRestriction.RestrictionType";
            distribution.expect_one_of(path, &["whitelist", "blacklist"])
        },
    },
    Rule {
        ids: &["CKV2_AWS_32"],
        title: "answers carry security headers",
        severity: Severity::Low,
        remedy: "set `ResponseHeadersPolicyId` of every behaviour",
        types: DISTRIBUTION,
        judge: |distribution| {
            let silent =
                behaviours(distribution).filter(|(_, behaviour)| behaviour.get("ResponseHeadersPolicyId").is_none());
            silent.map(|(place, _)| Objection::new(place, "`ResponseHeadersPolicyId` is missing")).collect()
        },
    },
];

fn origins<'a>(distribution: &Subject<'a>) -> impl Iterator<Item = (String, &'a Json)> + use<'a> {
    let origins = distribution.list("DistributionConfig.Origins").iter().enumerate();
    origins.map(|(index, origin)| (format!("DistributionConfig/Origins/{index}"), origin))
}

fn is_bucket(origin: &Json) -> bool {
    origin.get("S3OriginConfig").is_some()
}

fn behaviours<'a>(distribution: &Subject<'a>) -> impl Iterator<Item = (String, &'a Json)> + use<'a> {
    let default = distribution.get("DistributionConfig.DefaultCacheBehavior");
    let default = default.map(|behaviour| ("DistributionConfig/DefaultCacheBehavior".to_owned(), behaviour));
    let others = distribution.list("DistributionConfig.CacheBehaviors").iter().enumerate();
    let others = others.map(|(index, behaviour)| (format!("DistributionConfig/CacheBehaviors/{index}"), behaviour));
    default.into_iter().chain(others)
}

fn viewers_use_tls(distribution: &Subject<'_>) -> Vec<Objection> {
    let plain = behaviours(distribution).filter(|(_, behaviour)| {
        !matches!(text(behaviour, "ViewerProtocolPolicy"), Some("redirect-to-https" | "https-only"))
    });
    plain.map(|(place, _)| Objection::new(place, "plain text is served")).collect()
}

fn origins_use_tls(distribution: &Subject<'_>) -> Vec<Objection> {
    let plain = origins(distribution).filter(|(_, origin)| {
        let Some(config) = origin.get("CustomOriginConfig") else { return false };
        let versions = each(config.get("OriginSSLProtocols"));
        let is_new = !versions.is_empty() && versions.iter().all(|version| version.as_str() == Some("TLSv1.2"));
        text(config, "OriginProtocolPolicy") != Some("https-only") || !is_new
    });
    plain.map(|(place, _)| Objection::new(place, "the origin may be asked in plain text or by old TLS")).collect()
}
