//! Functions, and secrets in the wrong place.

use crate::rule::{Objection, Rule, Severity};
use crate::subject::shown;
use serde_json::Value as Json;

const FUNCTION: &[&str] = &["AWS::Lambda::Function"];

/// What AWS still keeps up to date, custom runtimes and the newest of each language.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>
const RUNTIMES: &[&str] = &["provided.al2023", "python3.14", "nodejs24.x", "java25", "dotnet10", "ruby3.4"];

pub(super) const RULES: &[Rule] = &[
    Rule {
        ids: &["Lambda.2", "AwsSolutions-L1", "CKV_AWS_363"],
        title: "a function's runtime is kept up to date",
        severity: Severity::Medium,
        remedy: "set `Runtime` to the newest of its family",
        types: FUNCTION,
        judge: |function| {
            let is_image = function.text("PackageType") == Some("Image");
            if is_image { Vec::new() } else { function.expect_one_of("Runtime", RUNTIMES) }
        },
    },
    Rule {
        ids: &["CKV_AWS_115"],
        title: "a function has a bound on how often it runs at once",
        severity: Severity::Low,
        remedy: "set `ReservedConcurrentExecutions`",
        types: FUNCTION,
        judge: |function| function.expect_given("ReservedConcurrentExecutions"),
    },
    Rule {
        ids: &["CKV_AWS_116"],
        title: "what a function cannot handle is kept",
        severity: Severity::Low,
        remedy: "set `DeadLetterConfig`",
        types: FUNCTION,
        judge: |function| function.expect_given("DeadLetterConfig.TargetArn"),
    },
    Rule {
        ids: &["Lambda.3", "CKV_AWS_117"],
        title: "a function is inside the VPC",
        severity: Severity::Low,
        remedy: "set `VpcConfig`, or say why it needs nothing of the VPC",
        types: FUNCTION,
        judge: |function| function.expect_given("VpcConfig.SubnetIds"),
    },
    Rule {
        ids: &["CKV_AWS_173"],
        title: "a function's variables are encrypted with a key of ours",
        severity: Severity::Medium,
        remedy: "set `KmsKeyArn`",
        types: FUNCTION,
        judge: |function| {
            let has_variables = function.get("Environment.Variables").is_some();
            if has_variables { function.expect_given("KmsKeyArn") } else { Vec::new() }
        },
    },
    Rule {
        ids: &["CKV_AWS_45"],
        title: "no secret stands in a function's variables",
        severity: Severity::High,
        remedy: "let the function read Secrets Manager",
        types: FUNCTION,
        judge: |function| {
            let variables = function.get("Environment.Variables").and_then(Json::as_object).into_iter().flatten();
            let secret = variables.filter(|(_, value)| looks_secret(&shown(value)));
            secret
                .map(|(name, _)| Objection::new(format!("Environment/Variables/{name}"), "it looks like a secret"))
                .collect()
        },
    },
    Rule {
        ids: &["Lambda.7"],
        title: "a function traces its invocations",
        severity: Severity::Low,
        remedy: "set `TracingConfig.Mode` to `Active`",
        types: FUNCTION,
        judge: |function| function.expect_one_of("TracingConfig.Mode", &["Active"]),
    },
    Rule {
        ids: &["CKV_AWS_258"],
        title: "a function's address asks who is calling",
        severity: Severity::High,
        remedy: "set `AuthType` to `AWS_IAM`",
        types: &["AWS::Lambda::Url"],
        judge: |url| url.expect_one_of("AuthType", &["AWS_IAM"]),
    },
];

/// Beginnings of what only ever is a credential: AWS, Stripe, GitHub, Slack, private keys.
const CREDENTIALS: &[&str] = &[
    "AKIA",
    "ASIA",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "whsec_",
    "ghp_",
    "ghs_",
    "github_pat_",
    "xoxb-",
    "-----BEGIN ",
];

pub(super) fn looks_secret(text: &str) -> bool {
    CREDENTIALS.iter().any(|start| text.starts_with(start))
}
