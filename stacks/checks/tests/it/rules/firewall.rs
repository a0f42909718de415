//! Web ACLs.

use crate::support::{Case, breaks, here, here_and_there, judge, one};
use como_core::assembly::Assembly;
use serde_json::{Value as Json, json};

const BAD_INPUTS: &str = "AWSManagedRulesKnownBadInputsRuleSet";

fn acl(rules: Json) -> Assembly {
    one("AWS::WAFv2::WebACL", json!({ "Scope": "REGIONAL", "Rules": rules }))
}

fn group(name: &str) -> Json {
    json!({ "ManagedRuleGroupStatement": { "VendorName": "AWS", "Name": name } })
}

pub(super) fn cases() -> Vec<Case> {
    let counted = |own: bool, of_rule: bool| {
        one(
            "AWS::WAFv2::WebACL",
            json!({
                "VisibilityConfig": { "CloudWatchMetricsEnabled": own },
                "Rules": [{ "VisibilityConfig": { "CloudWatchMetricsEnabled": of_rule } }],
            }),
        )
    };
    let blocking = |members: Json, action: Json| {
        let mut group = json!({ "VendorName": "AWS", "Name": BAD_INPUTS });
        group.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        acl(json!([{ "OverrideAction": action, "Statement": { "ManagedRuleGroupStatement": group } }]))
    };
    let override_to =
        |action: &str| json!({ "RuleActionOverrides": [{ "Name": "Log4JRCE_BODY", "ActionToUse": { action: {} } }] });
    let rules = |first: (u32, &str), second: (u32, &str)| {
        acl(json!([{ "Priority": first.0, "Name": first.1 }, { "Priority": second.0, "Name": second.1 }]))
    };
    let common = "AWSManagedRulesCommonRuleSet";
    vec![
        breaks("WAF.10", acl(json!([])), &["WebACL Rules"]).but_not(acl(json!([{}]))),
        breaks(
            "WAF.12",
            counted(false, false),
            &["WebACL VisibilityConfig/CloudWatchMetricsEnabled", "WebACL Rules/0/VisibilityConfig"],
        )
        .but_not(counted(true, true)),
        breaks("WAF.12", counted(true, false), &["WebACL Rules/0/VisibilityConfig"]),
        breaks("WAF.11 CKV2_AWS_31", acl(json!([])), &["WebACL"]).but_not(here(json!({
            "Wall AWS::WAFv2::WebACL": {},
            "Log AWS::WAFv2::LoggingConfiguration": { "ResourceArn": { "Fn::GetAtt": ["Wall", "Arn"] } },
        }))),
        breaks("CKV_AWS_192", acl(json!([{ "Statement": group(common) }])), &["WebACL Rules"])
            .but_not(blocking(json!({}), json!({ "None": {} })))
            .but_not(blocking(override_to("Block"), json!({ "None": {} }))),
        breaks("CKV_AWS_192", blocking(json!({}), json!({ "Count": {} })), &["WebACL Rules"]),
        breaks("CKV_AWS_192", blocking(override_to("Count"), json!({ "None": {} })), &["WebACL Rules"]),
        breaks(
            "CKV_AWS_192",
            blocking(json!({ "ExcludedRules": [{ "Name": "Log4JRCE_BODY" }] }), json!({ "None": {} })),
            &["WebACL Rules"],
        ),
        breaks("firewall-priorities", rules((1, "a"), (1, "b")), &["WebACL Rules"]).but_not(rules((1, "a"), (2, "b"))),
        breaks("firewall-priorities", rules((1, "a"), (2, "a")), &["WebACL Rules"]),
        // 700 + 700 + 200 units, one more than 1,500 by the statement within the rate's scope.
        breaks(
            "firewall-capacity",
            acl(json!([
                { "Statement": group(common) },
                { "Statement": group(common) },
                { "Statement": { "RateBasedStatement": { "ScopeDownStatement": group(BAD_INPUTS) } } },
            ])),
            &["WebACL Rules"],
        )
        .but_not(acl(json!([
            { "Statement": group(common) },
            { "Statement": group(common) },
            { "Statement": { "AndStatement": { "Statements": [
                { "NotStatement": { "Statement": { "GeoMatchStatement": {} } } },
                { "ByteMatchStatement": {} },
                { "SqliMatchStatement": {} },
                { "XssMatchStatement": {} },
                { "RegexMatchStatement": {} },
            ] } } },
        ]))),
        breaks("firewall-region", one("AWS::WAFv2::WebACL", json!({ "Scope": "CLOUDFRONT" })), &["WebACL Scope"])
            .but_not(here_and_there(
                json!({}),
                "us-east-1",
                json!({ "Wall AWS::WAFv2::WebACL": { "Scope": "CLOUDFRONT" } }),
            ))
            .but_not(one("AWS::WAFv2::WebACL", json!({ "Scope": "REGIONAL" }))),
    ]
}

#[test]
fn hold() {
    judge(&cases());
}
