//! Tables, secrets, keys, queues, topics, logs, backups.

use crate::policy::statements;
use crate::rule::{Objection, Rule, Severity};
use crate::subject::{Subject, get, is_true, text};

const TABLE: &[&str] = &["AWS::DynamoDB::GlobalTable"];
const CACHE: &[&str] = &["AWS::DAX::Cluster"];
const SECRET: &[&str] = &["AWS::SecretsManager::Secret"];
const QUEUE: &[&str] = &["AWS::SQS::Queue"];
const TOPIC: &[&str] = &["AWS::SNS::Topic"];
const LOGS: &[&str] = &["AWS::Logs::LogGroup"];

pub(super) const RULES: &[Rule] = &[
    Rule {
        ids: &["DynamoDB.1"],
        title: "a table grows with its use",
        severity: Severity::Medium,
        remedy: "set `BillingMode` to `PAY_PER_REQUEST`",
        types: TABLE,
        judge: |table| table.expect_one_of("BillingMode", &["PAY_PER_REQUEST"]),
    },
    Rule {
        ids: &["DynamoDB.2", "AwsSolutions-DDB3", "CKV_AWS_28", "CKV_AWS_165"],
        title: "a table can be taken back to any second of the last weeks, in every region",
        severity: Severity::Medium,
        remedy: "set `PointInTimeRecoverySpecification` of each replica",
        types: TABLE,
        judge: |table| replicas(table, "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"),
    },
    Rule {
        ids: &["DynamoDB.6"],
        title: "a table is protected against deletion, in every region",
        severity: Severity::Medium,
        remedy: "set `DeletionProtectionEnabled` of each replica",
        types: TABLE,
        judge: |table| replicas(table, "DeletionProtectionEnabled"),
    },
    Rule {
        ids: &["CKV_AWS_119"],
        title: "a table is encrypted with a key of ours, in every region",
        severity: Severity::Medium,
        remedy: "set `SSESpecification` to `KMS`, and the key of each replica",
        types: TABLE,
        judge: encrypted_table,
    },
    Rule {
        ids: &["DynamoDB.3", "AwsSolutions-DDB4", "CKV_AWS_47"],
        title: "a cache is encrypted",
        severity: Severity::Medium,
        remedy: "set `SSESpecification.SSEEnabled`",
        types: CACHE,
        judge: |cache| cache.expect_true("SSESpecification.SSEEnabled"),
    },
    Rule {
        ids: &["DynamoDB.7"],
        title: "a cache takes TLS only",
        severity: Severity::Medium,
        remedy: "set `ClusterEndpointEncryptionType` to `TLS`",
        types: CACHE,
        judge: |cache| cache.expect_one_of("ClusterEndpointEncryptionType", &["TLS"]),
    },
    Rule {
        ids: &["SecretsManager.1", "SecretsManager.4", "AwsSolutions-SMG4"],
        title: "a secret is rotated",
        severity: Severity::Medium,
        remedy: "add a rotation schedule, or say how the secret is changed",
        types: SECRET,
        judge: |secret| {
            let rotated = secret.is_mentioned_by("AWS::SecretsManager::RotationSchedule", "SecretId");
            Subject::expect(rotated, "", "nothing rotates it")
        },
    },
    Rule {
        ids: &["CKV_AWS_149"],
        title: "a secret is encrypted with a key of ours",
        severity: Severity::Medium,
        remedy: "set `KmsKeyId`, and that of each replica",
        types: SECRET,
        judge: encrypted_secret,
    },
    Rule {
        ids: &["KMS.4", "AwsSolutions-KMS5", "CKV_AWS_7"],
        title: "a key is rotated",
        severity: Severity::Medium,
        remedy: "set `EnableKeyRotation`; the replicas of a key follow it",
        types: &["AWS::KMS::Key"],
        judge: |key| {
            let is_symmetric = matches!(key.text("KeySpec"), None | Some("SYMMETRIC_DEFAULT"));
            if is_symmetric { key.expect_true("EnableKeyRotation") } else { Vec::new() }
        },
    },
    Rule {
        ids: &["key-pending-window"],
        title: "a key that is deleted can be had back for a month",
        severity: Severity::High,
        remedy: "leave `PendingWindowInDays` out, or set it to 30",
        types: &["AWS::KMS::Key", "AWS::KMS::ReplicaKey"],
        judge: |key| {
            let days = key.number("PendingWindowInDays").unwrap_or(30.0);
            Subject::expect(30.0 <= days, "PendingWindowInDays", &format!("only {days} days"))
        },
    },
    Rule {
        ids: &["SQS.1", "AwsSolutions-SQS2", "CKV_AWS_27", "CKV2_AWS_73"],
        title: "a queue is encrypted with a key of ours",
        severity: Severity::Medium,
        remedy: "set `KmsMasterKeyId`",
        types: QUEUE,
        judge: |queue| queue.expect_own_key("KmsMasterKeyId"),
    },
    Rule {
        ids: &["AwsSolutions-SQS3"],
        title: "what a queue cannot deliver is kept",
        severity: Severity::Medium,
        remedy: "set `RedrivePolicy` to a queue for dead letters",
        types: QUEUE,
        judge: dead_letters,
    },
    Rule {
        ids: &["AwsSolutions-SQS4"],
        title: "a queue refuses plain text",
        severity: Severity::Medium,
        remedy: "deny `sqs:*` where `aws:SecureTransport` is false",
        types: QUEUE,
        judge: |queue| refuses_plain_text(queue, "AWS::SQS::QueuePolicy", "Queues", &["sqs:*", "*"]),
    },
    Rule {
        ids: &["SNS.1", "CKV_AWS_26"],
        title: "a topic is encrypted with a key of ours",
        severity: Severity::Medium,
        remedy: "set `KmsMasterKeyId`",
        types: TOPIC,
        judge: |topic| topic.expect_own_key("KmsMasterKeyId"),
    },
    Rule {
        ids: &["AwsSolutions-SNS3"],
        title: "a topic refuses plain text",
        severity: Severity::Medium,
        remedy: "deny `sns:Publish` where `aws:SecureTransport` is false",
        types: TOPIC,
        judge: |topic| refuses_plain_text(topic, "AWS::SNS::TopicPolicy", "Topics", &["sns:Publish"]),
    },
    Rule {
        ids: &["CloudWatch.16", "CKV_AWS_66"],
        title: "logs are kept for a stated time",
        severity: Severity::Medium,
        remedy: "set `RetentionInDays`",
        types: LOGS,
        judge: |logs| logs.expect_given("RetentionInDays"),
    },
    Rule {
        ids: &["CKV_AWS_158"],
        title: "logs are encrypted with a key of ours",
        severity: Severity::Medium,
        remedy: "set `KmsKeyId`",
        types: LOGS,
        judge: |logs| logs.expect_own_key("KmsKeyId"),
    },
    Rule {
        ids: &["CKV_AWS_166", "Backup.1"],
        title: "backups are encrypted with a key of ours",
        severity: Severity::Medium,
        remedy: "set `EncryptionKeyArn`",
        types: &["AWS::Backup::BackupVault"],
        judge: |vault| vault.expect_own_key("EncryptionKeyArn"),
    },
    Rule {
        ids: &["CKV_AWS_384"],
        title: "no secret stands in a parameter",
        severity: Severity::High,
        remedy: "put it into Secrets Manager",
        types: &["AWS::SSM::Parameter"],
        judge: |parameter| {
            let value = parameter.text("Value").unwrap_or_default();
            Subject::expect(!super::functions::looks_secret(value), "Value", "it looks like a secret")
        },
    },
];

fn replicas(table: &Subject<'_>, path: &str) -> Vec<Objection> {
    let replicas = table.list("Replicas").iter().enumerate();
    let without = replicas.filter(|(_, replica)| !get(replica, path).is_some_and(is_true));
    without
        .map(|(index, replica)| {
            let region = text(replica, "Region").unwrap_or("its region");
            Objection::new(format!("Replicas/{index}"), format!("`{path}` is not true in {region}"))
        })
        .collect()
}

fn encrypted_table(table: &Subject<'_>) -> Vec<Objection> {
    let is_ours = table.is_true("SSESpecification.SSEEnabled") && table.text("SSESpecification.SSEType") == Some("KMS");
    let table_wide = Subject::expect(is_ours, "SSESpecification", "AWS's own key encrypts it");
    let replicas = table.list("Replicas").iter().enumerate();
    let without = replicas.filter(|(_, replica)| get(replica, "SSESpecification.KMSMasterKeyId").is_none());
    let without = without.map(|(index, _)| Objection::new(format!("Replicas/{index}"), "the replica names no key"));
    table_wide.into_iter().chain(without).collect()
}

fn encrypted_secret(secret: &Subject<'_>) -> Vec<Objection> {
    let own = secret.expect_own_key("KmsKeyId");
    let replicas = secret.list("ReplicaRegions").iter().enumerate();
    let without = replicas.filter(|(_, replica)| replica.get("KmsKeyId").is_none());
    let without =
        without.map(|(index, _)| Objection::new(format!("ReplicaRegions/{index}"), "the replica names no key"));
    own.into_iter().chain(without).collect()
}

fn dead_letters(queue: &Subject<'_>) -> Vec<Objection> {
    let is_target = queue.is_mentioned_by("AWS::SQS::Queue", "RedrivePolicy")
        || queue.is_mentioned_by("AWS::Lambda::Function", "DeadLetterConfig")
        || queue.is_mentioned_by("AWS::Events::Rule", "Targets");
    if is_target { Vec::new() } else { queue.expect_given("RedrivePolicy.deadLetterTargetArn") }
}

fn refuses_plain_text(subject: &Subject<'_>, policies: &str, list: &str, actions: &[&str]) -> Vec<Objection> {
    let ok = subject.all(policies).any(|policy| {
        let is_safe = statements(policy.get("PolicyDocument")).iter().any(|found| found.refuses_plain_text(actions));
        is_safe && policy.mentions(list, subject)
    });
    Subject::expect(ok, "", "no policy refuses plain text")
}
