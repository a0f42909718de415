//! Least privilege: what roles and the policies of resources allow.

use crate::policy::{Statement, statements};
use crate::rule::{Objection, Rule, Severity};
use crate::subject::{Subject, each, shown};
use como_core::flat::flatten;
use serde_json::Value as Json;

const IDENTITIES: &[&str] = &["AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"];
const ROLES: &[&str] = &["AWS::IAM::Role"];

/// Types with a policy of their own, and where it is.
const GUARDED: &[(&str, &str)] = &[
    ("AWS::KMS::Key", "KeyPolicy"),
    ("AWS::KMS::ReplicaKey", "KeyPolicy"),
    ("AWS::S3::BucketPolicy", "PolicyDocument"),
    ("AWS::SQS::QueuePolicy", "PolicyDocument"),
    ("AWS::SNS::TopicPolicy", "PolicyDocument"),
    ("AWS::ECR::Repository", "RepositoryPolicyText"),
    ("AWS::Backup::BackupVault", "AccessPolicy"),
    ("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy"),
];
const GUARDED_TYPES: &[&str] = &[
    "AWS::KMS::Key",
    "AWS::KMS::ReplicaKey",
    "AWS::S3::BucketPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::ECR::Repository",
    "AWS::Backup::BackupVault",
    "AWS::SecretsManager::ResourcePolicy",
];

/// Keys of conditions that bind a service to our own account or resources.
const OWN: &[&str] = &["aws:SourceAccount", "aws:SourceArn", "aws:PrincipalAccount", "aws:SourceOrgID"];
/// Keys of conditions that say who is meant where the principal is everybody.
const WHO: &[&str] = &[
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:SourceOwner",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "kms:CallerAccount",
];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        ids: &[
            "AwsSolutions-IAM5",
            "IAM.21",
            "CKV_AWS_107",
            "CKV_AWS_108",
            "CKV_AWS_109",
            "CKV_AWS_110",
            "CKV_AWS_111",
        ],
        title: "a role's statements name their actions and resources",
        severity: Severity::High,
        remedy: "name the actions and the resource, or argue the wildcard: `Statement::with_wildcard_because`",
        types: IDENTITIES,
        judge: wildcards,
    },
    Rule {
        ids: &["IAM.1", "CKV_AWS_62", "CKV_AWS_63"],
        title: "nobody is given everything",
        severity: Severity::High,
        remedy: "name the actions; `NotAction` and `NotResource` allow what does not exist yet",
        types: IDENTITIES,
        judge: everything,
    },
    Rule {
        ids: &["KMS.1"],
        title: "a managed policy names the keys that it decrypts with",
        severity: Severity::Medium,
        remedy: "name the key; a condition on an alias does not count",
        types: &["AWS::IAM::ManagedPolicy"],
        judge: decrypts_with_any_key,
    },
    Rule {
        ids: &["KMS.2"],
        title: "an inline policy names the keys that it decrypts with",
        severity: Severity::Medium,
        remedy: "name the key; a condition on an alias does not count",
        types: &["AWS::IAM::Role", "AWS::IAM::Policy"],
        judge: decrypts_with_any_key,
    },
    Rule {
        ids: &["AwsSolutions-IAM4"],
        title: "roles have statements of their own, not AWS's policies",
        severity: Severity::Medium,
        remedy: "write the statements, or give the reason in `ManagedPolicy`",
        types: ROLES,
        judge: managed_policies,
    },
    Rule {
        ids: &["CKV_AWS_60", "CKV_AWS_61"],
        title: "a role is assumed by whom it names",
        severity: Severity::High,
        remedy: "name the principal in the trust policy",
        types: ROLES,
        judge: trust,
    },
    Rule {
        ids: &["confused-deputy"],
        title: "a service assumes a role only on behalf of our own account",
        severity: Severity::Medium,
        remedy: "add a condition on `aws:SourceAccount` or `aws:SourceArn`",
        types: ROLES,
        judge: confused_deputy,
    },
    Rule {
        ids: &["federated-trust"],
        title: "a federated identity is bound to its audience and subject",
        severity: Severity::High,
        remedy: "add conditions on the provider's `:aud` and `:sub`, the latter without a wildcard for everything",
        types: ROLES,
        judge: federated,
    },
    Rule {
        ids: &["pass-role"],
        title: "a role is passed to a service that is named",
        severity: Severity::High,
        remedy: "bind `iam:PassRole` to its roles and by a condition on `iam:PassedToService`",
        types: IDENTITIES,
        judge: pass_role,
    },
    Rule {
        ids: &["KMS.5", "SQS.3", "SNS.4", "S3.2", "S3.3", "AwsSolutions-ECR1", "CKV_AWS_32", "CKV_AWS_33"],
        title: "no resource lets in everybody",
        severity: Severity::High,
        remedy: "name the principals, or bind the statement by a condition on their account",
        types: GUARDED_TYPES,
        judge: open_to_everybody,
    },
    Rule {
        ids: &["Lambda.1", "CKV_AWS_364"],
        title: "a function is invoked by our own account's resources",
        severity: Severity::High,
        remedy: "set `SourceArn` or `SourceAccount`",
        types: &["AWS::Lambda::Permission"],
        judge: |permission| {
            let is_bound = permission.get("SourceArn").is_some() || permission.get("SourceAccount").is_some();
            let bound = Subject::expect(is_bound, "SourceArn", "anybody's resources may invoke it");
            let is_named = permission.text("Principal") != Some("*");
            bound.into_iter().chain(Subject::expect(is_named, "Principal", "anybody may invoke it")).collect()
        },
    },
];

/// Every statement of an identity's policies, each with its place.
fn identity_statements<'a>(subject: &Subject<'a>) -> Vec<(String, Statement<'a>)> {
    let inline = subject.list("Policies").iter().enumerate();
    let inline =
        inline.map(|(index, policy)| (format!("Policies/{index}/PolicyDocument"), policy.get("PolicyDocument")));
    let own = ("PolicyDocument".to_owned(), subject.get("PolicyDocument"));
    let documents = inline.chain([own]);
    documents
        .flat_map(|(place, document)| {
            let numbered = statements(document).into_iter().enumerate();
            numbered.map(|(index, found)| (format!("{place}/Statement/{index}"), found)).collect::<Vec<_>>()
        })
        .collect()
}

/// As cdk-nag reports them: each action and each resource with a wildcard is a finding of its own.
fn wildcards(subject: &Subject<'_>) -> Vec<Objection> {
    let mut found = std::collections::BTreeMap::new();
    for (place, statement) in identity_statements(subject).into_iter().filter(|(_, statement)| statement.allows()) {
        for action in statement.actions() {
            found.entry(format!("Action::{action}")).or_insert_with(|| place.clone());
        }
        for resource in statement.resources() {
            found.entry(format!("Resource::{}", flatten(resource))).or_insert_with(|| place.clone());
        }
    }
    let wild = found.into_iter().filter(|(what, _)| what.contains('*'));
    wild.map(|(what, place)| Objection {
        property: place,
        message: format!("wildcard in {what}"),
        id: Some(format!("AwsSolutions-IAM5[{what}]")),
    })
    .collect()
}

fn everything(subject: &Subject<'_>) -> Vec<Objection> {
    let allowed = identity_statements(subject).into_iter().filter(|(_, statement)| statement.allows());
    let too_much = allowed.filter(|(_, statement)| {
        statement.actions().contains(&"*") || statement.has("NotAction") || statement.has("NotResource")
    });
    too_much.map(|(place, _)| Objection::new(place, "allows every action, or all but some")).collect()
}

/// Whoever may decrypt with any key reads whatever a key of the account protects.
fn decrypts_with_any_key(subject: &Subject<'_>) -> Vec<Objection> {
    let is_any = |resource: &Json| {
        let name = flatten(resource);
        name == "*" || name.ends_with(":key/*") || name.ends_with(":*")
    };
    let loose = identity_statements(subject).into_iter().filter(|(_, statement)| {
        let decrypts = ["kms:Decrypt", "kms:ReEncryptFrom"].iter().any(|action| statement.covers(action));
        statement.allows() && decrypts && statement.resources().into_iter().any(is_any)
    });
    loose.map(|(place, _)| Objection::new(place, "decrypts with every key of the account")).collect()
}

fn managed_policies(subject: &Subject<'_>) -> Vec<Objection> {
    let policies = subject.list("ManagedPolicyArns").iter().enumerate();
    let of_aws = policies.map(|(index, arn)| (index, flatten(arn))).filter(|(_, arn)| arn.contains(":iam::aws:"));
    of_aws
        .map(|(index, arn)| Objection {
            property: format!("ManagedPolicyArns/{index}"),
            message: format!("{arn} is AWS's own, and AWS may widen it"),
            id: Some(format!("AwsSolutions-IAM4[Policy::{arn}]")),
        })
        .collect()
}

fn trust_statements<'a>(subject: &Subject<'a>) -> impl Iterator<Item = (String, Statement<'a>)> + use<'a> {
    let document = subject.get("AssumeRolePolicyDocument");
    let numbered = statements(document).into_iter().enumerate();
    numbered
        .map(|(index, statement)| (format!("AssumeRolePolicyDocument/Statement/{index}"), statement))
        .filter(|(_, statement)| statement.allows())
}

fn trust(subject: &Subject<'_>) -> Vec<Objection> {
    let objection = |(place, statement): (String, Statement<'_>)| {
        if statement.is_for_anyone() {
            return Some(Objection::new(place, "anybody may assume the role"));
        }
        let is_account = statement.principals("AWS").into_iter().any(is_whole_account);
        (is_account && statement.conditions().is_none())
            .then(|| Objection::new(place, "everything in an account may assume the role"))
    };
    trust_statements(subject).filter_map(objection).collect()
}

/// An account's number or its root: both stand for every user and role in it.
fn is_whole_account(principal: &Json) -> bool {
    let name = flatten(principal);
    name.ends_with(":root")
        || name == "<AWS::AccountId>"
        || name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Services that never act for one customer with another one's role, or that do not say for whom they act.
const SILENT: &[&str] = &[
    // Its logging role is the account's: the request names no API.
    "apigateway.amazonaws.com",
    // A function's role is passed by `iam:PassRole`; Lambda sends no source account.
    "lambda.amazonaws.com",
    // CloudFormation assumes the role that the caller passed, and sends nothing about it.
    "cloudformation.amazonaws.com",
    // The trust policies that these document for their roles have no source keys.
    "backup.amazonaws.com",
    "dax.amazonaws.com",
    "ecr.amazonaws.com",
    "ecs.amazonaws.com",
];

fn confused_deputy(subject: &Subject<'_>) -> Vec<Objection> {
    let unbound = trust_statements(subject).filter(|(_, statement)| {
        let services = statement.principals("Service");
        let speaks = |service: &&Json| !service.as_str().is_some_and(|name| SILENT.contains(&name));
        services.iter().any(speaks) && !OWN.iter().any(|key| statement.is_bound_by(key))
    });
    unbound.map(|(place, _)| Objection::new(place, "the service may act for other accounts")).collect()
}

fn federated(subject: &Subject<'_>) -> Vec<Objection> {
    let loose = trust_statements(subject).filter(|(_, statement)| {
        // What is only compared if it is there, or for unlikeness, binds nobody.
        let operators = statement.conditions().and_then(Json::as_object).into_iter().flatten();
        let binding = operators.filter(|(operator, _)| matches!(operator.as_str(), "StringEquals" | "StringLike"));
        let keys: Vec<(&String, &Json)> = binding.filter_map(|(_, keys)| keys.as_object()).flatten().collect();
        let is_bound = |suffix: &str| {
            let values = keys.iter().filter(|(key, _)| key.ends_with(suffix)).map(|(_, value)| *value);
            let values: Vec<&Json> = values.flat_map(|value| each(Some(value))).collect();
            !values.is_empty() && values.iter().all(|value| names_somebody(&shown(value)))
        };
        let is_federated = !statement.principals("Federated").is_empty();
        let is_loose = !is_bound(":aud") || !is_bound(":sub");
        is_federated && is_loose
    });
    loose.map(|(place, _)| Objection::new(place, "its audience or its subject may be anything")).collect()
}

/// Whether something stands before the first wildcard, the kind of name not counted: `repo:*` is anybody's repository.
fn names_somebody(value: &str) -> bool {
    let fixed = value.split(['*', '?']).next().unwrap_or_default();
    let is_wild = fixed.len() < value.len();
    let name = if is_wild { fixed.split_once(':').map_or(fixed, |(_, name)| name) } else { fixed };
    !name.is_empty()
}

fn pass_role(subject: &Subject<'_>) -> Vec<Objection> {
    let loose = identity_statements(subject).into_iter().filter(|(_, statement)| {
        let passes = statement.covers("iam:PassRole");
        let any = statement.resources().iter().any(|resource| resource.as_str() == Some("*"));
        statement.allows() && passes && (any || !statement.is_bound_by("iam:PassedToService"))
    });
    loose.map(|(place, _)| Objection::new(place, "a role may be passed to any service")).collect()
}

fn open_to_everybody(subject: &Subject<'_>) -> Vec<Objection> {
    let kind = subject.resource.resource_type.as_str();
    let Some((_, place)) = GUARDED.iter().find(|(guarded, _)| *guarded == kind) else { return Vec::new() };
    let numbered = statements(subject.get(place)).into_iter().enumerate();
    let is_bound = |found: &Statement<'_>| OWN.iter().chain(WHO).any(|key| found.is_bound_by(key));
    let open = numbered.filter(|(_, found)| found.allows() && found.is_for_anyone() && !is_bound(found));
    open.map(|(index, _)| Objection::new(format!("{place}/Statement/{index}"), "everybody is let in")).collect()
}
