//! Tables, secrets, keys, queues, topics, logs, backups.

use crate::support::{Case, breaks, here, judge, one};
use como_core::assembly::Assembly;
use serde_json::{Value as Json, json};

const TABLE: &str = "AWS::DynamoDB::GlobalTable";
const SECRET: &str = "AWS::SecretsManager::Secret";
const AWS_KEY: &str = "alias/aws/service";

pub(super) fn cases() -> Vec<Case> {
    [tables(), secrets(), keys(), queues_and_topics(), logs_and_backups()].into_iter().flatten().collect()
}

/// A key must be one of ours: neither missing nor AWS's own.
fn own_key(ids: &'static str, resource_type: &str, property: &str, found: &'static [&'static str]) -> [Case; 2] {
    let with = |key: Json| one(resource_type, json!({ property: key }));
    [
        breaks(ids, one(resource_type, json!({})), found).but_not(with(json!({ "Fn::GetAtt": ["Key", "Arn"] }))),
        breaks(ids, with(json!(AWS_KEY)), found),
    ]
}

fn tables() -> Vec<Case> {
    let replicas = |first: Json, second: Json| one(TABLE, json!({ "Replicas": [first, second] }));
    let restorable = |on: bool| json!({ "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": on } });
    let protected = |on: bool| json!({ "Region": "ap-southeast-2", "DeletionProtectionEnabled": on });
    let encrypted = |kind: &str, replica: Json| {
        one(TABLE, json!({ "SSESpecification": { "SSEEnabled": true, "SSEType": kind }, "Replicas": [replica] }))
    };
    let keyed = json!({ "SSESpecification": { "KMSMasterKeyId": "arn" } });
    let cache = |properties: Json| one("AWS::DAX::Cluster", properties);
    vec![
        breaks("DynamoDB.1", one(TABLE, json!({ "BillingMode": "PROVISIONED" })), &["GlobalTable BillingMode"])
            .but_not(one(TABLE, json!({ "BillingMode": "PAY_PER_REQUEST" }))),
        breaks(
            "DynamoDB.2 AwsSolutions-DDB3 CKV_AWS_28 CKV_AWS_165",
            replicas(restorable(true), restorable(false)),
            &["GlobalTable Replicas/1"],
        )
        .but_not(replicas(restorable(true), restorable(true))),
        breaks("DynamoDB.6", replicas(protected(false), protected(true)), &["GlobalTable Replicas/0"])
            .but_not(replicas(protected(true), protected(true))),
        breaks("CKV_AWS_119", encrypted("AES256", keyed.clone()), &["GlobalTable SSESpecification"])
            .but_not(encrypted("KMS", keyed)),
        breaks("CKV_AWS_119", encrypted("KMS", json!({})), &["GlobalTable Replicas/0"]),
        breaks(
            "DynamoDB.3 AwsSolutions-DDB4 CKV_AWS_47",
            cache(json!({ "SSESpecification": { "SSEEnabled": false } })),
            &["Cluster SSESpecification/SSEEnabled"],
        )
        .but_not(cache(json!({ "SSESpecification": { "SSEEnabled": true } }))),
        breaks(
            "DynamoDB.7",
            cache(json!({ "ClusterEndpointEncryptionType": "NONE" })),
            &["Cluster ClusterEndpointEncryptionType"],
        )
        .but_not(cache(json!({ "ClusterEndpointEncryptionType": "TLS" }))),
    ]
}

fn secrets() -> Vec<Case> {
    let parameter = |value: &str| one("AWS::SSM::Parameter", json!({ "Value": value }));
    let [missing, of_aws] = own_key("CKV_AWS_149", SECRET, "KmsKeyId", &["Secret KmsKeyId"]);
    vec![
        breaks("SecretsManager.1 SecretsManager.4 AwsSolutions-SMG4", one(SECRET, json!({})), &["Secret"]).but_not(
            here(json!({
                "Token AWS::SecretsManager::Secret": {},
                "Monthly AWS::SecretsManager::RotationSchedule": { "SecretId": { "Ref": "Token" } },
            })),
        ),
        missing,
        of_aws,
        breaks(
            "CKV_AWS_149",
            one(
                SECRET,
                json!({ "KmsKeyId": "arn", "ReplicaRegions": [{ "KmsKeyId": "arn" }, { "Region": "us-east-1" }] }),
            ),
            &["Secret ReplicaRegions/1"],
        ),
        breaks("CKV_AWS_384", parameter("sk_live_51H"), &["Parameter Value"]).but_not(parameter("info")),
    ]
}

fn keys() -> Vec<Case> {
    let key = |properties: Json| one("AWS::KMS::Key", properties);
    vec![
        breaks("KMS.4 AwsSolutions-KMS5 CKV_AWS_7", key(json!({})), &["Key EnableKeyRotation"])
            .but_not(key(json!({ "EnableKeyRotation": true })))
            .but_not(key(json!({ "KeySpec": "ECC_NIST_P256" }))),
        breaks("key-pending-window", key(json!({ "PendingWindowInDays": 7 })), &["Key PendingWindowInDays"])
            .but_not(key(json!({ "PendingWindowInDays": 30 })))
            .but_not(key(json!({}))),
        breaks(
            "key-pending-window",
            one("AWS::KMS::ReplicaKey", json!({ "PendingWindowInDays": 29 })),
            &["ReplicaKey PendingWindowInDays"],
        ),
    ]
}

/// A resource with a policy of its own, whose statement refuses whoever does not use TLS.
fn guarded(resource: &str, policy: &str, list: &str, effect: &str, action: &str, secure: &str) -> Assembly {
    here(json!({
        format!("Thing {resource}"): {},
        format!("Policy {policy}"): {
            list: [{ "Ref": "Thing" }],
            "PolicyDocument": { "Statement": [{
                "Effect": effect, "Principal": "*", "Action": action, "Resource": "*",
                "Condition": { "Bool": { "aws:SecureTransport": secure } },
            }] },
        },
    }))
}

fn queues_and_topics() -> Vec<Case> {
    let queue = "AWS::SQS::Queue";
    let of_queue = |effect: &str, action: &str, secure: &str| {
        guarded(queue, "AWS::SQS::QueuePolicy", "Queues", effect, action, secure)
    };
    let of_topic = |effect: &str, action: &str, secure: &str| {
        guarded("AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "Topics", effect, action, secure)
    };
    let sqs =
        own_key("SQS.1 AwsSolutions-SQS2 CKV_AWS_27 CKV2_AWS_73", queue, "KmsMasterKeyId", &["Queue KmsMasterKeyId"]);
    let sns = own_key("SNS.1 CKV_AWS_26", "AWS::SNS::Topic", "KmsMasterKeyId", &["Topic KmsMasterKeyId"]);
    let others = [
        breaks("AwsSolutions-SQS3", one(queue, json!({})), &["Queue RedrivePolicy/deadLetterTargetArn"])
            .but_not(one(queue, json!({ "RedrivePolicy": { "deadLetterTargetArn": "arn" } })))
            .but_not(here(json!({
                "Dead AWS::SQS::Queue": {},
                "Live AWS::SQS::Queue": { "RedrivePolicy": { "deadLetterTargetArn": { "Fn::GetAtt": ["Dead", "Arn"] } } },
            })))
            .but_not(here(json!({
                "Dead AWS::SQS::Queue": {},
                "Work AWS::Lambda::Function": { "DeadLetterConfig": { "TargetArn": { "Fn::GetAtt": ["Dead", "Arn"] } } },
            }))),
        breaks("AwsSolutions-SQS4", of_queue("Deny", "sqs:SendMessage", "false"), &["Thing"])
            .but_not(of_queue("Deny", "sqs:*", "false")),
        breaks("AwsSolutions-SQS4", of_queue("Allow", "sqs:*", "false"), &["Thing"]),
        breaks("AwsSolutions-SQS4", of_queue("Deny", "sqs:*", "true"), &["Thing"]),
        breaks("AwsSolutions-SNS3", of_topic("Deny", "sns:Publish", "true"), &["Thing"])
            .but_not(of_topic("Deny", "sns:Publish", "false")),
    ];
    sqs.into_iter().chain(sns).chain(others).collect()
}

fn logs_and_backups() -> Vec<Case> {
    let logs = "AWS::Logs::LogGroup";
    let keys = own_key("CKV_AWS_158", logs, "KmsKeyId", &["LogGroup KmsKeyId"]);
    let vaults = own_key(
        "CKV_AWS_166 Backup.1",
        "AWS::Backup::BackupVault",
        "EncryptionKeyArn",
        &["BackupVault EncryptionKeyArn"],
    );
    let kept = breaks("CloudWatch.16 CKV_AWS_66", one(logs, json!({})), &["LogGroup RetentionInDays"])
        .but_not(one(logs, json!({ "RetentionInDays": 90 })));
    keys.into_iter().chain(vaults).chain([kept]).collect()
}

#[test]
fn hold() {
    judge(&cases());
}
