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
            let ok = permission.get("SourceArn").is_some() || permission.get("SourceAccount").is_some();
            Subject::expect(
                ok && permission.text("Principal") != Some("*"),
                "Principal",
                "anybody's resources may invoke it",
            )
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
    let open = trust_statements(subject).filter(|(_, statement)| statement.is_for_anyone());
    open.map(|(place, _)| Objection::new(place, "anybody may assume the role")).collect()
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
        let keys: Vec<(&String, &Json)> = statement
            .conditions()
            .and_then(Json::as_object)
            .into_iter()
            .flat_map(|operators| operators.values().filter_map(Json::as_object).flatten())
            .collect();
        let is_bound = |suffix: &str| {
            let values = keys.iter().filter(|(key, _)| key.ends_with(suffix)).map(|(_, value)| *value);
            let values: Vec<&Json> = values.flat_map(|value| each(Some(value))).collect();
            !values.is_empty() && !values.iter().any(|value| shown(value).trim_matches('*').is_empty())
        };
        let is_federated = !statement.principals("Federated").is_empty();
        let is_loose = !is_bound(":aud") || !is_bound(":sub");
        is_federated && is_loose
    });
    loose.map(|(place, _)| Objection::new(place, "its audience or its subject may be anything")).collect()
}

fn pass_role(subject: &Subject<'_>) -> Vec<Objection> {
    let loose = identity_statements(subject).into_iter().filter(|(_, statement)| {
        let passes = statement.actions().iter().any(|action| action.eq_ignore_ascii_case("iam:PassRole"));
        let any = statement.resources().iter().any(|resource| resource.as_str() == Some("*"));
        statement.allows() && passes && (any || !statement.is_bound_by("iam:PassedToService"))
    });
    loose.map(|(place, _)| Objection::new(place, "a role may be passed to any service")).collect()
}

fn open_to_everybody(subject: &Subject<'_>) -> Vec<Objection> {
    let kind = subject.resource.resource_type.as_str();
    let Some((_, place)) = GUARDED.iter().find(|(guarded, _)| *guarded == kind) else { return Vec::new() };
    let numbered = statements(subject.get(place)).into_iter().enumerate();
    let open = numbered.filter(|(_, found)| found.allows() && found.is_for_anyone() && found.conditions().is_none());
    open.map(|(index, _)| Objection::new(format!("{place}/Statement/{index}"), "everybody is let in")).collect()
}
