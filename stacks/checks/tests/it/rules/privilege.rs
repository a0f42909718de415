//! Least privilege: what roles and the policies of resources allow.

use crate::support::{Case, breaks, judge, one};
use como_core::assembly::Assembly;
use serde_json::{Value as Json, json};

pub(super) fn cases() -> Vec<Case> {
    [permissions(), keys(), trust(), resources()].into_iter().flatten().collect()
}

const IN_ROLE: &[&str] = &["Role Policies/0/PolicyDocument/Statement/0"];
const IN_MANAGED: &[&str] = &["ManagedPolicy PolicyDocument/Statement/0"];
const IN_TRUST: &[&str] = &["Role AssumeRolePolicyDocument/Statement/0"];

fn role(statement: Json) -> Assembly {
    one("AWS::IAM::Role", json!({ "Policies": [{ "PolicyDocument": { "Statement": [statement] } }] }))
}

fn managed(statement: Json) -> Assembly {
    one("AWS::IAM::ManagedPolicy", json!({ "PolicyDocument": { "Statement": statement } }))
}

fn allow(action: &str, resource: &str) -> Json {
    json!({ "Effect": "Allow", "Action": [action], "Resource": [resource] })
}

const BUCKET: &str = "arn:aws:s3:::como";
const ROLE: &str = "arn:aws:iam::111122223333:role/como";

fn permissions() -> Vec<Case> {
    let passing = |action: &str, resource: &str, condition: Json| {
        role(json!({ "Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition }))
    };
    let to_tasks = json!({ "StringEquals": { "iam:PassedToService": "ecs-tasks.amazonaws.com" } });
    let with_policy = |arn: Json| one("AWS::IAM::Role", json!({ "ManagedPolicyArns": [arn] }));
    let of_aws = json!({ "Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/ReadOnlyAccess" });
    vec![
        breaks("AwsSolutions-IAM5", role(allow("s3:GetObject", "arn:aws:s3:::como/*")), IN_ROLE)
            .but_not(role(allow("s3:GetObject", BUCKET)))
            .but_not(role(json!({ "Effect": "Deny", "Action": "s3:*", "Resource": "*" }))),
        breaks("AwsSolutions-IAM5 IAM.21", managed(allow("s3:*", BUCKET)), IN_MANAGED)
            .but_not(managed(allow("s3:GetObject", BUCKET))),
        breaks("CKV_AWS_107", role(allow("ecr:GetAuthorizationToken", "*")), IN_ROLE),
        breaks("CKV_AWS_108", role(allow("secretsmanager:GetSecretValue", "*")), IN_ROLE),
        breaks("CKV_AWS_109", role(allow("iam:AttachRolePolicy", "*")), IN_ROLE),
        breaks("CKV_AWS_110", role(allow("iam:PassRole", "*")), IN_ROLE),
        breaks(
            "CKV_AWS_111",
            one("AWS::IAM::Policy", json!({ "PolicyDocument": { "Statement": allow("s3:PutObject", "*") } })),
            &["Policy PolicyDocument/Statement/0"],
        ),
        breaks("IAM.1 CKV_AWS_62 CKV_AWS_63", role(allow("*", "*")), IN_ROLE).but_not(role(allow("s3:*", "*"))),
        breaks("IAM.1", role(json!({ "Effect": "Allow", "NotAction": "iam:*", "Resource": "*" })), IN_ROLE)
            .but_not(role(json!({ "Effect": "Deny", "NotAction": "iam:*", "Resource": "*" }))),
        breaks("IAM.1", role(json!({ "Effect": "Allow", "Action": "s3:GetObject", "NotResource": BUCKET })), IN_ROLE),
        breaks("AwsSolutions-IAM4", with_policy(of_aws), &["Role ManagedPolicyArns/0"])
            .but_not(with_policy(json!("arn:aws:iam::111122223333:policy/own"))),
        breaks("pass-role", passing("iam:PassRole", "*", to_tasks.clone()), IN_ROLE).but_not(passing(
            "iam:PassRole",
            ROLE,
            to_tasks,
        )),
        breaks("pass-role", passing("iam:PassRole", ROLE, json!({})), IN_ROLE),
        breaks("pass-role", passing("iam:Pass*", ROLE, json!({})), IN_ROLE).but_not(passing(
            "iam:Get*",
            ROLE,
            json!({}),
        )),
    ]
}

fn keys() -> Vec<Case> {
    let any = "arn:aws:kms:ap-southeast-1:111122223333:key/*";
    let own = "arn:aws:kms:ap-southeast-1:111122223333:key/0123";
    vec![
        breaks("KMS.1", managed(allow("kms:Decrypt", any)), IN_MANAGED)
            .but_not(managed(allow("kms:Decrypt", own)))
            .but_not(managed(allow("kms:Encrypt", any))),
        breaks("KMS.1", managed(allow("kms:ReEncrypt*", "*")), IN_MANAGED),
        breaks("KMS.2", role(allow("kms:De?rypt", "*")), IN_ROLE).but_not(role(allow("kms:*", own))),
        breaks(
            "KMS.2",
            one("AWS::IAM::Policy", json!({ "PolicyDocument": { "Statement": allow("kms:*", any) } })),
            &["Policy PolicyDocument/Statement/0"],
        ),
    ]
}

fn trusting(principal: Json, condition: Json) -> Assembly {
    let mut statement = json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal });
    if !condition.is_null() {
        statement["Condition"] = condition;
    }
    one("AWS::IAM::Role", json!({ "AssumeRolePolicyDocument": { "Statement": [statement] } }))
}

fn trust() -> Vec<Case> {
    let of = |principal: Json| trusting(principal, Json::Null);
    let service = |name: &str| json!({ "Service": name });
    let ours = json!({ "StringEquals": { "aws:SourceAccount": { "Ref": "AWS::AccountId" } } });
    let github = |operator: &str, audience: &str, subject: Json| {
        let host = "token.actions.githubusercontent.com";
        let keys = json!({ format!("{host}:aud"): audience, format!("{host}:sub"): subject });
        trusting(json!({ "Federated": { "Ref": "Provider" } }), json!({ operator: keys }))
    };
    let main = json!("repo:como/middleware:ref:refs/heads/main");
    let audience = "sts.amazonaws.com";
    vec![
        breaks("CKV_AWS_60", of(json!("*")), IN_TRUST).but_not(of(service("ecs-tasks.amazonaws.com"))),
        breaks("CKV_AWS_60", of(json!({ "AWS": "*" })), IN_TRUST),
        breaks("CKV_AWS_61", of(json!({ "AWS": "444455556666" })), IN_TRUST)
            .but_not(of(json!({ "AWS": "arn:aws:iam::444455556666:role/deploy" })))
            .but_not(trusting(
                json!({ "AWS": "444455556666" }),
                json!({ "StringEquals": { "sts:ExternalId": "como" } }),
            )),
        breaks(
            "CKV_AWS_61",
            of(json!({ "AWS": { "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root" } })),
            IN_TRUST,
        ),
        breaks("confused-deputy", of(service("ecs-tasks.amazonaws.com")), IN_TRUST)
            .but_not(trusting(service("ecs-tasks.amazonaws.com"), ours))
            // Lambda does not say for whom it acts.
            .but_not(of(service("lambda.amazonaws.com"))),
        breaks("federated-trust", github("StringEquals", audience, json!("*")), IN_TRUST)
            .but_not(github("StringEquals", audience, main.clone()))
            .but_not(github("StringLike", audience, json!("repo:como/middleware:*"))),
        breaks("federated-trust", github("StringLike", audience, json!([main.clone(), "repo:*"])), IN_TRUST),
        breaks("federated-trust", github("StringEqualsIfExists", audience, main.clone()), IN_TRUST),
        breaks("federated-trust", github("StringEquals", "*", main), IN_TRUST),
    ]
}

fn resources() -> Vec<Case> {
    let open = |kind: &str, property: &str, principal: Json, condition: Json| {
        let mut statement = json!({ "Effect": "Allow", "Action": "any:Action", "Principal": principal });
        if !condition.is_null() {
            statement["Condition"] = condition;
        }
        one(kind, json!({ property: { "Statement": [statement] } }))
    };
    let own = json!({ "StringEquals": { "aws:PrincipalAccount": { "Ref": "AWS::AccountId" } } });
    let to_all = |ids, kind: &str, property: &str, found| {
        breaks(ids, open(kind, property, json!("*"), Json::Null), found)
            .but_not(open(kind, property, json!("*"), own.clone()))
            .but_not(open(kind, property, json!({ "AWS": ROLE }), Json::Null))
    };
    vec![
        to_all("KMS.5 CKV_AWS_33", "AWS::KMS::Key", "KeyPolicy", &["Key KeyPolicy/Statement/0"]),
        to_all("KMS.5", "AWS::KMS::ReplicaKey", "KeyPolicy", &["ReplicaKey KeyPolicy/Statement/0"]),
        to_all("SQS.3", "AWS::SQS::QueuePolicy", "PolicyDocument", &["QueuePolicy PolicyDocument/Statement/0"]),
        to_all("SNS.4", "AWS::SNS::TopicPolicy", "PolicyDocument", &["TopicPolicy PolicyDocument/Statement/0"]),
        to_all("S3.2 S3.3", "AWS::S3::BucketPolicy", "PolicyDocument", &["BucketPolicy PolicyDocument/Statement/0"]),
        to_all(
            "AwsSolutions-ECR1 CKV_AWS_32",
            "AWS::ECR::Repository",
            "RepositoryPolicyText",
            &["Repository RepositoryPolicyText/Statement/0"],
        ),
        to_all("KMS.5", "AWS::Backup::BackupVault", "AccessPolicy", &["BackupVault AccessPolicy/Statement/0"]),
        to_all(
            "KMS.5",
            "AWS::SecretsManager::ResourcePolicy",
            "ResourcePolicy",
            &["ResourcePolicy ResourcePolicy/Statement/0"],
        ),
        // A condition that says nothing of who is asking lets in everybody.
        breaks(
            "SQS.3",
            open(
                "AWS::SQS::QueuePolicy",
                "PolicyDocument",
                json!({ "AWS": "*" }),
                json!({ "Bool": { "aws:SecureTransport": "true" } }),
            ),
            &["QueuePolicy PolicyDocument/Statement/0"],
        ),
    ]
}

#[test]
fn hold() {
    judge(&cases());
}
