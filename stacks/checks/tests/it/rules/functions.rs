//! Lambda functions.

use crate::support::{Case, breaks, judge, one};
use como_core::assembly::Assembly;
use serde_json::{Value as Json, json};

fn function(properties: Json) -> Assembly {
    one("AWS::Lambda::Function", properties)
}

pub(super) fn cases() -> Vec<Case> {
    let variable = |value: &str| function(json!({ "Environment": { "Variables": { "TOKEN": value } } }));
    let permission = |properties: Json| one("AWS::Lambda::Permission", properties);
    vec![
        breaks(
            "Lambda.2 AwsSolutions-L1 CKV_AWS_363",
            function(json!({ "Runtime": "nodejs16.x" })),
            &["Function Runtime"],
        )
        .but_not(function(json!({ "Runtime": "provided.al2023" })))
        .but_not(function(json!({ "PackageType": "Image" }))),
        breaks("CKV_AWS_115", function(json!({})), &["Function ReservedConcurrentExecutions"])
            .but_not(function(json!({ "ReservedConcurrentExecutions": 1 }))),
        breaks("CKV_AWS_116", function(json!({})), &["Function DeadLetterConfig/TargetArn"])
            .but_not(function(json!({ "DeadLetterConfig": { "TargetArn": "arn" } }))),
        breaks("Lambda.3 CKV_AWS_117", function(json!({})), &["Function VpcConfig/SubnetIds"])
            .but_not(function(json!({ "VpcConfig": { "SubnetIds": ["one"] } }))),
        breaks("CKV_AWS_173", variable("info"), &["Function KmsKeyArn"])
            .but_not(function(json!({ "Environment": { "Variables": { "A": "b" } }, "KmsKeyArn": "arn" })))
            .but_not(function(json!({}))),
        breaks("CKV_AWS_45", variable("AKIAIOSFODNN7EXAMPLE"), &["Function Environment/Variables/TOKEN"])
            .but_not(variable("info")),
        breaks(
            "Lambda.7",
            function(json!({ "TracingConfig": { "Mode": "PassThrough" } })),
            &["Function TracingConfig/Mode"],
        )
        .but_not(function(json!({ "TracingConfig": { "Mode": "Active" } }))),
        breaks("CKV_AWS_258", one("AWS::Lambda::Url", json!({ "AuthType": "NONE" })), &["Url AuthType"])
            .but_not(one("AWS::Lambda::Url", json!({ "AuthType": "AWS_IAM" }))),
        breaks(
            "Lambda.1 CKV_AWS_364",
            permission(json!({ "Principal": "events.amazonaws.com" })),
            &["Permission SourceArn"],
        )
        .but_not(permission(json!({ "Principal": "events.amazonaws.com", "SourceArn": "arn" })))
        .but_not(permission(json!({ "Principal": "s3.amazonaws.com", "SourceAccount": "111122223333" }))),
        breaks("Lambda.1", permission(json!({ "Principal": "*", "SourceArn": "arn" })), &["Permission Principal"]),
    ]
}

#[test]
fn hold() {
    judge(&cases());
}
