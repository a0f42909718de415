//! Which findings a suppression beside the construct accepts, and which it leaves.

use crate::support::{here, one, stack};
use como_checks::{Severity, Verdict, check, rules};
use como_core::assembly::Assembly;
use serde_json::{Value as Json, json};

/// Of one rule's findings, the messages that are open and the reasons of those that are accepted.
fn check_verdicts(assembly: &Assembly, id: &str, open: &[&str], accepted: &[&str]) {
    let report = check(assembly);
    let of_rule = || report.findings.iter().filter(|finding| finding.rule.ids.contains(&id));
    let found: Vec<&str> = of_rule().filter(|finding| finding.is_open()).map(|finding| &*finding.message).collect();
    let reasons: Vec<&str> = of_rule()
        .filter_map(|finding| match &finding.verdict {
            Verdict::Accepted { reason } => Some(&**reason),
            Verdict::Open => None,
        })
        .collect();
    assert_eq!((found.as_slice(), reasons.as_slice()), (open, accepted), "{id}");
}

fn because(tool: &str, list: &str, member: &str, id: &str, reason: &str) -> Json {
    json!({ tool: { list: [{ "id": id, member: reason }] } })
}

fn pool(metadata: Json) -> Assembly {
    one("AWS::Cognito::UserPool", json!({ "MfaConfiguration": "OPTIONAL", "Metadata": metadata }))
}

#[test]
fn a_suppression_beside_the_construct_accepts_what_its_rule_reports() {
    let open = "`MfaConfiguration` is OPTIONAL, not ON";
    let reason = "members choose a second factor";
    check_verdicts(&pool(json!({})), "Cognito.5", &[open], &[]);
    // Each tool's ids where that tool looks for them; any id of the rule will do.
    let nag = because("cdk_nag", "rules_to_suppress", "reason", "AwsSolutions-COG2", reason);
    check_verdicts(&pool(nag), "Cognito.5", &[], &[reason]);
    let own = because("como", "suppress", "reason", "Cognito.5", reason);
    check_verdicts(&pool(own), "Cognito.5", &[], &[reason]);
    let another = because("como", "suppress", "reason", "Cognito.6", reason);
    check_verdicts(&pool(another), "Cognito.5", &[open], &[]);
}

#[test]
fn a_suppression_excuses_its_own_resource_alone() {
    let metadata = because("checkov", "skip", "comment", "CKV_AWS_115", "runs once a day");
    let assembly = here(json!({
        "Excused AWS::Lambda::Function": { "Metadata": metadata },
        "Other AWS::Lambda::Function": {},
    }));
    let report = check(&assembly);
    let of_rule = report.findings.iter().filter(|finding| finding.rule.id() == "CKV_AWS_115");
    let verdicts: Vec<(&str, bool)> = of_rule.map(|finding| (&*finding.logical_id, finding.is_open())).collect();
    assert_eq!(verdicts, [("Excused", false), ("Other", true)]);
}

/// Of several wildcards in a role each is argued by itself, so the rule's bare id accepts none of them.
#[test]
fn a_findings_own_id_accepts_that_finding_alone() {
    let role = |id: &str| {
        let statement = json!({
            "Effect": "Allow",
            "Action": ["s3:Get*"],
            "Resource": ["*", { "Fn::Join": ["", [{ "Fn::GetAtt": ["Pages", "Arn"] }, "/*"]] }],
        });
        one(
            "AWS::IAM::Role",
            json!({
                "Policies": [{ "PolicyDocument": { "Statement": [statement] } }],
                "Metadata": because("cdk_nag", "rules_to_suppress", "reason", id, "the pages are public"),
            }),
        )
    };
    let [action, all, pages] =
        ["wildcard in Action::s3:Get*", "wildcard in Resource::*", "wildcard in Resource::<Pages.Arn>/*"];
    let id = "AwsSolutions-IAM5";
    check_verdicts(&role("AwsSolutions-IAM5[Resource::*]"), id, &[action, pages], &["the pages are public"]);
    check_verdicts(&role("AwsSolutions-IAM5[Resource::<Pages.Arn>/*]"), id, &[action, all], &["the pages are public"]);
    check_verdicts(&role("AwsSolutions-IAM5[Action::s3:Get*]"), id, &[all, pages], &["the pages are public"]);
    check_verdicts(&role("AwsSolutions-IAM5"), id, &[action, all, pages], &[]);
}

#[test]
fn a_template_accepts_what_is_about_itself_in_its_own_metadata() {
    let mut long = stack("here", "ap-southeast-1", json!({}));
    long.template.description = Some("a".repeat(1_025));
    let assembly = |metadata: Json| {
        let mut stack = long.clone();
        stack.template.metadata = metadata.as_object().unwrap().clone();
        Assembly { stacks: vec![stack], deployed: Vec::new() }
    };
    let open = "the description has 1025 bytes; CloudFormation allows 1024";
    check_verdicts(&assembly(json!({})), "template-limits", &[open], &[]);
    let accepting = because("como", "suppress", "reason", "E3010", "cut by hand later");
    check_verdicts(&assembly(accepting), "template-limits", &[], &["cut by hand later"]);
}

#[test]
fn what_aws_would_refuse_is_worst_and_the_worst_is_told_first() {
    assert!(Severity::Low < Severity::Medium && Severity::Medium < Severity::High && Severity::High < Severity::Fault);
    let severity = |id: &str| rules().find(|rule| rule.id() == id).map(|rule| rule.severity);
    assert_eq!(severity("fargate-sizes"), Some(Severity::Fault));
    assert_eq!(severity("IAM.1"), Some(Severity::High));
    let assembly = here(json!({
        "Pool AWS::Cognito::UserPool": { "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain" },
        "Queue AWS::SQS::Queue": { "Colour": "green" },
    }));
    insta::assert_snapshot!(check(&assembly).to_text());
    assert_eq!(check(&assembly).summary(), "2 resources, 9 findings, 0 accepted with a reason");
}
