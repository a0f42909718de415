//! The site's distribution.

use crate::support::{Case, breaks, here_and_there, judge, one, reading};
use como_core::assembly::Assembly;
use serde_json::{Value as Json, json};

fn site(config: Json) -> Assembly {
    one("AWS::CloudFront::Distribution", json!({ "DistributionConfig": config }))
}

fn certificate(member: &str, value: &str) -> Assembly {
    site(json!({ "ViewerCertificate": { member: value } }))
}

fn origin(origin: Json) -> Assembly {
    site(json!({ "Origins": [origin] }))
}

pub(super) fn cases() -> Vec<Case> {
    [viewers(), origins(), regions()].into_iter().flatten().collect()
}

fn viewers() -> Vec<Case> {
    let protocols = |default: &str, other: &str| {
        site(json!({
            "DefaultCacheBehavior": { "ViewerProtocolPolicy": default },
            "CacheBehaviors": [{ "ViewerProtocolPolicy": other }],
        }))
    };
    let headers = |members: Json| site(json!({ "DefaultCacheBehavior": members }));
    let restricted = |kind: &str| site(json!({ "Restrictions": { "GeoRestriction": { "RestrictionType": kind } } }));
    vec![
        breaks("CloudFront.1", site(json!({})), &["Distribution DistributionConfig/DefaultRootObject"])
            .but_not(site(json!({ "DefaultRootObject": "index.html" }))),
        breaks(
            "CloudFront.3 CKV_AWS_34",
            protocols("allow-all", "allow-all"),
            &[
                "Distribution DistributionConfig/DefaultCacheBehavior",
                "Distribution DistributionConfig/CacheBehaviors/0",
            ],
        )
        .but_not(protocols("redirect-to-https", "https-only")),
        breaks(
            "CloudFront.5 AwsSolutions-CFR3 CKV_AWS_86",
            site(json!({})),
            &["Distribution DistributionConfig/Logging"],
        )
        .but_not(site(json!({ "Logging": { "Bucket": "logs" } }))),
        breaks(
            "CloudFront.6 AwsSolutions-CFR2 CKV_AWS_68",
            site(json!({})),
            &["Distribution DistributionConfig/WebACLId"],
        )
        .but_not(site(json!({ "WebACLId": "arn" }))),
        breaks(
            "CloudFront.7",
            site(json!({ "ViewerCertificate": { "CloudFrontDefaultCertificate": true } })),
            &["Distribution DistributionConfig/ViewerCertificate/AcmCertificateArn"],
        )
        .but_not(certificate("AcmCertificateArn", "arn")),
        breaks(
            "CloudFront.8",
            certificate("SslSupportMethod", "vip"),
            &["Distribution DistributionConfig/ViewerCertificate/SslSupportMethod"],
        )
        .but_not(certificate("SslSupportMethod", "sni-only")),
        breaks(
            "CloudFront.15 AwsSolutions-CFR4 CKV_AWS_174",
            certificate("MinimumProtocolVersion", "TLSv1.1_2016"),
            &["Distribution DistributionConfig/ViewerCertificate/MinimumProtocolVersion"],
        )
        .but_not(certificate("MinimumProtocolVersion", "TLSv1.2_2021")),
        breaks(
            "AwsSolutions-CFR1",
            restricted("none"),
            &["Distribution DistributionConfig/Restrictions/GeoRestriction/RestrictionType"],
        )
        .but_not(restricted("whitelist")),
        breaks("CKV2_AWS_32", headers(json!({})), &["Distribution DistributionConfig/DefaultCacheBehavior"])
            .but_not(headers(json!({ "ResponseHeadersPolicyId": "strict" }))),
    ]
}

fn origins() -> Vec<Case> {
    let first: &[&str] = &["Distribution DistributionConfig/Origins/0"];
    let custom = |policy: &str, versions: Json| {
        origin(json!({ "CustomOriginConfig": { "OriginProtocolPolicy": policy, "OriginSSLProtocols": versions } }))
    };
    let named = json!({ "Fn::GetAtt": ["Pages", "RegionalDomainName"] });
    vec![
        breaks(
            "CloudFront.4",
            site(json!({ "OriginGroups": { "Items": [{ "Members": { "Items": [{ "OriginId": "a" }] } }] } })),
            &["Distribution DistributionConfig/OriginGroups"],
        )
        .but_not(site(json!({
            "OriginGroups": { "Items": [{ "Members": { "Items": [{ "OriginId": "a" }, { "OriginId": "b" }] } }] },
        }))),
        breaks("CloudFront.9 AwsSolutions-CFR5 CKV2_AWS_72", custom("match-viewer", json!(["TLSv1.2"])), first)
            .but_not(custom("https-only", json!(["TLSv1.2"])))
            .but_not(origin(json!({ "S3OriginConfig": {} }))),
        breaks("CloudFront.10 AwsSolutions-CFR5", custom("https-only", json!(["TLSv1", "TLSv1.2"])), first),
        // CloudFront's own default has old versions.
        breaks("CloudFront.10", custom("https-only", json!([])), first),
        breaks(
            "CloudFront.12",
            origin(json!({ "DomainName": "pages.s3.ap-southeast-1.amazonaws.com", "S3OriginConfig": {} })),
            first,
        )
        .but_not(origin(json!({ "DomainName": named, "S3OriginConfig": {} }))),
        breaks("CloudFront.13 AwsSolutions-CFR7 AwsSolutions-S5", origin(json!({ "S3OriginConfig": {} })), first)
            .but_not(origin(json!({ "S3OriginConfig": {}, "OriginAccessControlId": "signed" })))
            .but_not(origin(json!({ "CustomOriginConfig": {} }))),
    ]
}

fn regions() -> Vec<Case> {
    let with = |region: &str| {
        let config = json!({ "ViewerCertificate": { "AcmCertificateArn": { "Ref": "Certificate" } } });
        let site = json!({ "Site AWS::CloudFront::Distribution": { "DistributionConfig": config } });
        let other = json!({ "Tls AWS::CertificateManager::Certificate": {} });
        reading(here_and_there(site, region, other), "Certificate", "Tls")
    };
    vec![
        breaks(
            "certificate-region",
            with("ap-southeast-1"),
            &["Site DistributionConfig/ViewerCertificate/AcmCertificateArn"],
        )
        .but_not(with("us-east-1")),
    ]
}

#[test]
fn hold() {
    judge(&cases());
}
