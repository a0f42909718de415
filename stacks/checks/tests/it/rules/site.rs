//! Buckets, certificates and names.

use crate::support::{Case, breaks, here, judge, one};
use como_core::assembly::Assembly;
use serde_json::{Value as Json, json};

pub(super) fn cases() -> Vec<Case> {
    [buckets(), policies(), certificates()].into_iter().flatten().collect()
}

fn bucket(properties: Json) -> Assembly {
    one("AWS::S3::Bucket", properties)
}

/// Everything blocked but one.
fn opened(member: &str) -> Assembly {
    let mut block = json!({
        "BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
    });
    if let Some(member) = block.get_mut(member) {
        *member = json!(false);
    }
    bucket(json!({ "PublicAccessBlockConfiguration": block }))
}

fn buckets() -> Vec<Case> {
    let owned = |ownership: &str, list: Json| {
        let mut properties = json!({ "OwnershipControls": { "Rules": [{ "ObjectOwnership": ownership }] } });
        if !list.is_null() {
            properties["AccessControl"] = list;
        }
        bucket(properties)
    };
    let versioned = |status: &str| bucket(json!({ "VersioningConfiguration": { "Status": status } }));
    let encryption = "ServerSideEncryptionConfiguration";
    vec![
        breaks(
            "S3.8 S3.1 AwsSolutions-S2 CKV_AWS_53",
            opened("BlockPublicAcls"),
            &["Bucket PublicAccessBlockConfiguration/BlockPublicAcls"],
        )
        .but_not(opened("nothing")),
        breaks(
            "S3.8 CKV_AWS_54",
            opened("BlockPublicPolicy"),
            &["Bucket PublicAccessBlockConfiguration/BlockPublicPolicy"],
        ),
        breaks(
            "S3.8 CKV_AWS_55",
            opened("IgnorePublicAcls"),
            &["Bucket PublicAccessBlockConfiguration/IgnorePublicAcls"],
        ),
        breaks(
            "S3.8 CKV_AWS_56",
            opened("RestrictPublicBuckets"),
            &["Bucket PublicAccessBlockConfiguration/RestrictPublicBuckets"],
        ),
        breaks("CKV_AWS_19", bucket(json!({})), &["Bucket BucketEncryption/ServerSideEncryptionConfiguration"])
            .but_not(bucket(json!({ "BucketEncryption": { encryption: [{}] } }))),
        breaks("S3.12", owned("ObjectWriter", Json::Null), &["Bucket OwnershipControls"])
            .but_not(owned("BucketOwnerEnforced", Json::Null)),
        breaks("S3.12 CKV_AWS_20", owned("BucketOwnerEnforced", json!("PublicRead")), &["Bucket AccessControl"]),
        breaks("S3.12 CKV_AWS_57", owned("BucketOwnerEnforced", json!("PublicReadWrite")), &["Bucket AccessControl"]),
        breaks("S3.9 AwsSolutions-S1 CKV_AWS_18", bucket(json!({})), &["Bucket LoggingConfiguration"])
            .but_not(bucket(json!({ "LoggingConfiguration": { "DestinationBucketName": "logs" } }))),
        breaks("S3.14 CKV_AWS_21", versioned("Suspended"), &["Bucket VersioningConfiguration/Status"])
            .but_not(versioned("Enabled")),
        breaks("S3.13", bucket(json!({})), &["Bucket LifecycleConfiguration/Rules"])
            .but_not(bucket(json!({ "LifecycleConfiguration": { "Rules": [{}] } }))),
    ]
}

fn policies() -> Vec<Case> {
    let guarded = |of: &str, effect: &str, secure: Json| {
        here(json!({
            "Pages AWS::S3::Bucket": {},
            "Policy AWS::S3::BucketPolicy": {
                "Bucket": { "Ref": of },
                "PolicyDocument": { "Statement": {
                    "Effect": effect, "Principal": { "AWS": "*" }, "Action": "s3:*", "Resource": "*",
                    "Condition": { "Bool": { "aws:SecureTransport": secure } },
                } },
            },
        }))
    };
    let allowing = |principal: Json, action: &str| {
        one(
            "AWS::S3::BucketPolicy",
            json!({ "PolicyDocument": { "Statement": [{ "Effect": "Allow", "Principal": principal, "Action": action }] } }),
        )
    };
    let given_away: &[&str] = &["BucketPolicy PolicyDocument/Statement/0"];
    let stranger = json!({ "AWS": "arn:aws:iam::444455556666:root" });
    vec![
        breaks("S3.5 AwsSolutions-S10", guarded("Pages", "Deny", json!("true")), &["Pages"])
            .but_not(guarded("Pages", "Deny", json!("false")))
            .but_not(guarded("Pages", "Deny", json!(false))),
        breaks("S3.5 AwsSolutions-S10", guarded("Pages", "Allow", json!("false")), &["Pages"]),
        breaks("S3.5 AwsSolutions-S10", guarded("Another", "Deny", json!("false")), &["Pages"]),
        breaks("S3.6", allowing(stranger.clone(), "s3:PutBucketPolicy"), given_away)
            .but_not(allowing(stranger.clone(), "s3:GetObject"))
            .but_not(allowing(json!({ "AWS": { "Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/deploy" } }), "s3:*")),
        breaks("S3.6", allowing(stranger, "s3:Put*"), given_away),
        breaks("S3.6", allowing(json!("*"), "s3:*"), given_away),
    ]
}

fn certificates() -> Vec<Case> {
    let zone = |properties: Json| one("AWS::Route53::HostedZone", properties);
    let certificate = |properties: Json| one("AWS::CertificateManager::Certificate", properties);
    vec![
        breaks("Route53.2", zone(json!({})), &["HostedZone QueryLoggingConfig"])
            .but_not(zone(json!({ "QueryLoggingConfig": { "CloudWatchLogsLogGroupArn": "arn" } })))
            .but_not(zone(json!({ "VPCs": [{ "VPCId": "vpc" }] }))),
        breaks("ACM.2", certificate(json!({ "KeyAlgorithm": "RSA_1024" })), &["Certificate KeyAlgorithm"])
            .but_not(certificate(json!({ "KeyAlgorithm": "EC_prime256v1" })))
            .but_not(certificate(json!({}))),
        breaks(
            "CKV2_AWS_71",
            certificate(json!({ "DomainName": "como.example", "SubjectAlternativeNames": ["*.como.example"] })),
            &["Certificate SubjectAlternativeNames"],
        )
        .but_not(certificate(json!({ "DomainName": "como.example", "SubjectAlternativeNames": ["api.como.example"] }))),
        breaks("CKV2_AWS_71", certificate(json!({ "DomainName": "*.como.example" })), &["Certificate DomainName"]),
    ]
}

#[test]
fn hold() {
    judge(&cases());
}
