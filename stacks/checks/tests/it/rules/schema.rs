//! What CloudFormation's schemas refuse, and what must not be lost.

use crate::support::{Case, breaks, here, here_and_there, judge, one};
use como_core::assembly::Assembly;
use serde_json::{Value as Json, json};

pub(super) fn cases() -> Vec<Case> {
    schemas().into_iter().chain(kept()).collect()
}

fn queue(properties: Json) -> Assembly {
    one("AWS::SQS::Queue", properties)
}

fn schemas() -> Vec<Case> {
    let secret = |replicas: Json| one("AWS::SecretsManager::Secret", json!({ "ReplicaRegions": replicas }));
    vec![
        breaks("schema-type E3006", one("AWS::SQS::Quay", json!({})), &["Quay"]).but_not(queue(json!({}))),
        breaks(
            "schema-region E3006",
            here_and_there(json!({}), "ap-southeast-4", json!({ "Cache AWS::DAX::Cluster": {} })),
            &["there/Cache"],
        )
        .but_not(here(json!({ "Cache AWS::DAX::Cluster": {} }))),
        breaks("E3002", queue(json!({ "Colour": "green" })), &["Queue"]).but_not(queue(json!({ "QueueName": "a" }))),
        breaks("E3003", one("AWS::KMS::Alias", json!({ "AliasName": "alias/a" })), &["Alias"])
            .but_not(one("AWS::KMS::Alias", json!({ "AliasName": "alias/a", "TargetKeyId": "key" }))),
        breaks("E3003", secret(json!([{ "KmsKeyId": "arn" }])), &["Secret ReplicaRegions/0"])
            .but_not(secret(json!([{ "Region": "us-east-1" }]))),
        breaks("E3012", queue(json!({ "DelaySeconds": "soon" })), &["Queue DelaySeconds"])
            .but_not(queue(json!({ "DelaySeconds": "5" })))
            .but_not(queue(json!({ "DelaySeconds": { "Ref": "Seconds" } }))),
        breaks(
            "E3030",
            one("AWS::Cognito::UserPool", json!({ "MfaConfiguration": "SOMETIMES" })),
            &["UserPool MfaConfiguration"],
        )
        .but_not(one("AWS::Cognito::UserPool", json!({ "MfaConfiguration": "OPTIONAL" }))),
        breaks("E3034", one("AWS::KMS::Key", json!({ "PendingWindowInDays": 31 })), &["Key PendingWindowInDays"])
            .but_not(one("AWS::KMS::Key", json!({ "PendingWindowInDays": 30 }))),
        breaks(
            "E3033",
            one("AWS::KMS::Alias", json!({ "AliasName": format!("alias/{}", "a".repeat(251)), "TargetKeyId": "key" })),
            &["Alias AliasName"],
        )
        .but_not(one(
            "AWS::KMS::Alias",
            json!({ "AliasName": format!("alias/{}", "a".repeat(250)), "TargetKeyId": "key" }),
        )),
        breaks(
            "E3032",
            one("AWS::CertificateManager::Certificate", json!({ "DomainName": "a.example", "Tags": [] })),
            &["Certificate Tags"],
        )
        .but_not(one("AWS::CertificateManager::Certificate", json!({ "DomainName": "a.example" }))),
        breaks("E3017", one("AWS::EC2::Subnet", json!({ "VpcId": "vpc" })), &["Subnet"])
            .but_not(one("AWS::EC2::Subnet", json!({ "VpcId": "vpc", "CidrBlock": "10.0.0.0/24" }))),
        breaks("E3018", one("AWS::EC2::VPC", json!({})), &["VPC"])
            .but_not(one("AWS::EC2::VPC", json!({ "CidrBlock": "10.0.0.0/16" }))),
        breaks(
            "E3018",
            one("AWS::EC2::VPC", json!({ "CidrBlock": "10.0.0.0/16", "Ipv4IpamPoolId": "p", "Ipv4NetmaskLength": 16 })),
            &["VPC"],
        ),
        breaks("E3021", one("AWS::EC2::VPC", json!({ "Ipv4IpamPoolId": "pool" })), &["VPC"])
            .but_not(one("AWS::EC2::VPC", json!({ "Ipv4IpamPoolId": "pool", "Ipv4NetmaskLength": 16 }))),
        breaks(
            "E3020",
            one(
                "AWS::EC2::Subnet",
                json!({ "VpcId": "v", "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "a", "AvailabilityZoneId": "b" }),
            ),
            &["Subnet"],
        )
        .but_not(one("AWS::EC2::Subnet", json!({ "VpcId": "v", "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "a" }))),
        breaks("E3040", queue(json!({ "QueueUrl": "https://sqs.example" })), &["Queue QueueUrl"])
            .but_not(queue(json!({}))),
    ]
}

fn kept() -> Vec<Case> {
    let table = |deletion: &str, replacement: &str| {
        one("AWS::DynamoDB::GlobalTable", json!({ "DeletionPolicy": deletion, "UpdateReplacePolicy": replacement }))
    };
    vec![
        breaks("stateful-kept W3011", table("Delete", "Delete"), &["GlobalTable", "GlobalTable"])
            .but_not(table("Retain", "Snapshot"))
            .but_not(queue(json!({}))),
        breaks("stateful-kept", one("AWS::KMS::Key", json!({ "DeletionPolicy": "Retain" })), &["Key"]),
        breaks("policies-in-pairs W3011", queue(json!({ "DeletionPolicy": "Retain" })), &["Queue"])
            .but_not(queue(json!({ "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain" })))
            .but_not(queue(json!({ "DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete" }))),
    ]
}

#[test]
fn hold() {
    judge(&cases());
}
