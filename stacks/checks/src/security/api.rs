//! The public API, its firewall, and who may sign in.

use crate::rule::{Objection, Rule, Severity};
use crate::subject::{Subject, each, get, is_false, is_true, text};
use serde_json::{Map, Value as Json};

const STAGE: &[&str] = &["AWS::ApiGateway::Stage"];
const API: &[&str] = &["AWS::ApiGateway::RestApi"];
const ACL: &[&str] = &["AWS::WAFv2::WebACL"];
const POOL: &[&str] = &["AWS::Cognito::UserPool"];

pub(super) const RULES: &[Rule] = &[
    Rule {
        ids: &["APIGateway.1", "AwsSolutions-APIG6"],
        title: "a stage writes execution logs for every method",
        severity: Severity::Medium,
        remedy: "set `LoggingLevel` to `ERROR` or `INFO` for `/*` and `*`",
        types: STAGE,
        judge: execution_log,
    },
    Rule {
        ids: &["APIGateway.9", "AwsSolutions-APIG1", "CKV_AWS_76"],
        title: "a stage writes access logs",
        severity: Severity::Medium,
        remedy: "set `AccessLogSetting` with a destination and a format",
        types: STAGE,
        judge: |stage| {
            let destination = stage.expect_given("AccessLogSetting.DestinationArn");
            destination.into_iter().chain(stage.expect_given("AccessLogSetting.Format")).collect()
        },
    },
    Rule {
        ids: &["APIGateway.3", "CKV_AWS_73"],
        title: "a stage traces requests",
        severity: Severity::Low,
        remedy: "set `TracingEnabled`",
        types: STAGE,
        judge: |stage| stage.expect_true("TracingEnabled"),
    },
    Rule {
        ids: &["APIGateway.4", "AwsSolutions-APIG3"],
        title: "a stage is behind a web ACL",
        severity: Severity::Medium,
        remedy: "associate a regional web ACL with the stage",
        types: STAGE,
        judge: behind_firewall,
    },
    Rule {
        ids: &["APIGateway.5"],
        title: "a stage's cache is encrypted",
        severity: Severity::Medium,
        remedy: "set `CacheDataEncrypted` beside `CachingEnabled`",
        types: STAGE,
        judge: |stage| {
            let settings = stage.list("MethodSettings").iter();
            let plain =
                settings.filter(|setting| flag(setting, "CachingEnabled") && !flag(setting, "CacheDataEncrypted"));
            plain.map(|_| Objection::new("MethodSettings", "what is cached is not encrypted")).collect()
        },
    },
    Rule {
        ids: &["CKV_AWS_120"],
        title: "a stage has a cache",
        severity: Severity::Low,
        remedy: "set `CacheClusterEnabled`, or say why answers must not be kept",
        types: STAGE,
        judge: |stage| stage.expect_true("CacheClusterEnabled"),
    },
    Rule {
        ids: &["APIGateway.2"],
        title: "a stage shows a client certificate to what is behind it",
        severity: Severity::Medium,
        remedy: "set `ClientCertificateId`, or say how the private hop is protected",
        types: STAGE,
        judge: |stage| stage.expect_given("ClientCertificateId"),
    },
    Rule {
        ids: &["APIGateway.8", "AwsSolutions-APIG4", "AwsSolutions-COG4", "CKV_AWS_59"],
        title: "every operation says who may call it",
        severity: Severity::High,
        remedy: "give the operation a `security` list; an empty one says that it is public",
        types: API,
        judge: authorised,
    },
    Rule {
        ids: &["AwsSolutions-APIG2"],
        title: "an API validates requests",
        severity: Severity::Medium,
        remedy: "name a default `x-amazon-apigateway-request-validator` in the document",
        types: API,
        judge: |api| {
            let validator = api.get("Body").and_then(|body| body.get("x-amazon-apigateway-request-validator"));
            Subject::expect(validator.is_some(), "Body", "the document names no request validator")
        },
    },
    Rule {
        ids: &["api-hop"],
        title: "an integration speaks TLS",
        severity: Severity::Medium,
        remedy: "write `https` in the integration's `uri`",
        types: API,
        judge: encrypted_integrations,
    },
    Rule {
        ids: &["CKV_AWS_206"],
        title: "an API's domain takes TLS 1.2 and newer only",
        severity: Severity::High,
        remedy: "set `SecurityPolicy` to `TLS_1_2` or one of `SecurityPolicy_TLS13_…`",
        types: &["AWS::ApiGateway::DomainName", "AWS::ApiGateway::DomainNameV2"],
        judge: |domain| {
            let policy = domain.text("SecurityPolicy").unwrap_or_default();
            let ok = policy == "TLS_1_2" || policy.starts_with("SecurityPolicy_TLS13_");
            Subject::expect(ok, "SecurityPolicy", "old versions of TLS are accepted")
        },
    },
    Rule {
        ids: &["WAF.10"],
        title: "a web ACL has rules",
        severity: Severity::Medium,
        remedy: "add rules or rule groups",
        types: ACL,
        judge: |acl| Subject::expect(!acl.list("Rules").is_empty(), "Rules", "there are no rules"),
    },
    Rule {
        ids: &["WAF.12"],
        title: "every rule of a web ACL is counted",
        severity: Severity::Medium,
        remedy: "set `CloudWatchMetricsEnabled` in each `VisibilityConfig`",
        types: ACL,
        judge: counted,
    },
    Rule {
        ids: &["WAF.11", "CKV2_AWS_31"],
        title: "a web ACL writes logs",
        severity: Severity::Low,
        remedy: "add a logging configuration",
        types: ACL,
        judge: |acl| {
            let logged = acl.is_mentioned_by("AWS::WAFv2::LoggingConfiguration", "ResourceArn");
            Subject::expect(logged, "", "no logging configuration refers to it")
        },
    },
    Rule {
        ids: &["CKV_AWS_192"],
        title: "a web ACL blocks known bad inputs",
        severity: Severity::High,
        remedy: "add `AWSManagedRulesKnownBadInputsRuleSet` without overriding it",
        types: ACL,
        judge: known_bad_inputs,
    },
    Rule {
        ids: &["Cognito.3", "AwsSolutions-COG1"],
        title: "passwords are long and mixed",
        severity: Severity::Medium,
        remedy: "require 8 characters, both cases, digits and symbols; let temporary ones expire within a week",
        types: POOL,
        judge: passwords,
    },
    Rule {
        ids: &["Cognito.5", "AwsSolutions-COG2"],
        title: "a user pool requires a second factor",
        severity: Severity::Medium,
        remedy: "set `MfaConfiguration` to `ON`, or say why it is optional",
        types: POOL,
        judge: |pool| pool.expect_one_of("MfaConfiguration", &["ON"]),
    },
    Rule {
        ids: &["AwsSolutions-COG8"],
        title: "a user pool is of the plan that has threat protection",
        severity: Severity::Medium,
        remedy: "set `UserPoolTier` to `PLUS`, or say why not",
        types: POOL,
        judge: |pool| pool.expect_one_of("UserPoolTier", &["PLUS"]),
    },
    Rule {
        ids: &["Cognito.1"],
        title: "a user pool refuses stolen credentials",
        severity: Severity::Medium,
        remedy: "set `UserPoolAddOns.AdvancedSecurityMode` to `ENFORCED`, or say why it only records",
        types: POOL,
        judge: |pool| pool.expect_one_of("UserPoolAddOns.AdvancedSecurityMode", &["ENFORCED"]),
    },
    Rule {
        ids: &["Cognito.2", "AwsSolutions-COG7", "CKV_AWS_366"],
        title: "an identity pool gives credentials to those who have signed in only",
        severity: Severity::High,
        remedy: "set `AllowUnauthenticatedIdentities` to false",
        types: &["AWS::Cognito::IdentityPool"],
        judge: |pool| {
            let is_closed = pool.get("AllowUnauthenticatedIdentities").is_some_and(is_false);
            Subject::expect(is_closed, "AllowUnauthenticatedIdentities", "strangers get credentials")
        },
    },
    Rule {
        ids: &["Cognito.6"],
        title: "a user pool is protected against deletion",
        severity: Severity::Medium,
        remedy: "set `DeletionProtection` to `ACTIVE`",
        types: POOL,
        judge: |pool| pool.expect_one_of("DeletionProtection", &["ACTIVE"]),
    },
];

fn flag(json: &Json, name: &str) -> bool {
    json.get(name).is_some_and(is_true)
}

fn execution_log(stage: &Subject<'_>) -> Vec<Objection> {
    let is_complete = |setting: &Json| {
        let level = text(setting, "LoggingLevel");
        text(setting, "HttpMethod") == Some("*")
            && text(setting, "ResourcePath") == Some("/*")
            && (level == Some("ERROR") || level == Some("INFO"))
    };
    let ok = stage.list("MethodSettings").iter().any(is_complete);
    Subject::expect(ok, "MethodSettings", "no setting logs every method")
}

fn behind_firewall(stage: &Subject<'_>) -> Vec<Objection> {
    let api = stage.get("RestApiId").map(|id| stage.mentioned(id)).unwrap_or_default();
    let ok = stage.all("AWS::WAFv2::WebACLAssociation").any(|association| {
        let targets = association.get("ResourceArn").map(|arn| association.mentioned(arn)).unwrap_or_default();
        // An association names the stage, or the API and the stage's name as text; another stage's is none of ours.
        let is_of_a_stage = targets.iter().any(|target| target.resource.resource_type == "AWS::ApiGateway::Stage");
        let is_of_api = !is_of_a_stage && targets.iter().any(|target| api.iter().any(|api| api.is(target)));
        is_of_api || targets.iter().any(|target| target.is(stage))
    });
    Subject::expect(ok, "", "no web ACL is associated with it")
}

/// The operations of an API's document: path, method, operation.
fn operations<'a>(api: &Subject<'a>) -> impl Iterator<Item = (&'a str, &'a str, &'a Map<String, Json>)> + use<'a> {
    const METHODS: &[&str] = &["get", "put", "post", "delete", "patch", "head", "x-amazon-apigateway-any-method"];
    let paths = api.get("Body.paths").and_then(Json::as_object).into_iter().flatten();
    paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods
            .filter(|(method, _)| METHODS.contains(&method.as_str()))
            .filter_map(move |(method, operation)| Some((path.as_str(), method.as_str(), operation.as_object()?)))
    })
}

fn authorised(api: &Subject<'_>) -> Vec<Objection> {
    let of_all = api.get("Body.security").is_some();
    let silent = operations(api).filter(|(_, _, operation)| !of_all && !operation.contains_key("security"));
    silent
        .map(|(path, method, _)| {
            let place = format!("Body/paths{path}/{method}");
            Objection::new(place, format!("{} {path} does not say who may call it", method.to_ascii_uppercase()))
        })
        .collect()
}

fn encrypted_integrations(api: &Subject<'_>) -> Vec<Objection> {
    let plain = operations(api).filter(|(_, _, operation)| {
        let uri = operation.get("x-amazon-apigateway-integration").and_then(|integration| integration.get("uri"));
        // The text of a `Fn::Sub` stands first in its list.
        uri.map(ToString::to_string).is_some_and(|uri| uri.contains("\"http://"))
    });
    plain
        .map(|(path, method, _)| {
            Objection::new(format!("Body/paths{path}/{method}"), "the private hop is in plain text")
        })
        .collect()
}

fn counted(acl: &Subject<'_>) -> Vec<Objection> {
    let own = acl.expect_true("VisibilityConfig.CloudWatchMetricsEnabled");
    let rules = acl.list("Rules").iter().enumerate();
    let silent = rules.filter(|(_, rule)| !get(rule, "VisibilityConfig.CloudWatchMetricsEnabled").is_some_and(is_true));
    let silent =
        silent.map(|(index, _)| Objection::new(format!("Rules/{index}/VisibilityConfig"), "its metric is off"));
    own.into_iter().chain(silent).collect()
}

fn known_bad_inputs(acl: &Subject<'_>) -> Vec<Objection> {
    let blocks = |rule: &Json| {
        let group = get(rule, "Statement.ManagedRuleGroupStatement");
        let is_it = group.and_then(|group| text(group, "Name")) == Some("AWSManagedRulesKnownBadInputsRuleSet");
        let counts = get(rule, "OverrideAction.Count").is_some();
        let softens = ["ExcludedRules", "RuleActionOverrides"].iter().any(|member| {
            let rules = each(group.and_then(|group| group.get(member)));
            rules.iter().any(|rule| get(rule, "ActionToUse.Block").is_none())
        });
        is_it && !counts && !softens
    };
    Subject::expect(acl.list("Rules").iter().any(blocks), "Rules", "known bad inputs are let in")
}

fn passwords(pool: &Subject<'_>) -> Vec<Objection> {
    const POLICY: &str = "Policies.PasswordPolicy";
    let number = |name: &str| pool.number(&format!("{POLICY}.{name}"));
    let classes = ["RequireLowercase", "RequireUppercase", "RequireNumbers", "RequireSymbols"];
    let is_mixed = classes.iter().all(|class| pool.is_true(&format!("{POLICY}.{class}")));
    let is_long = number("MinimumLength").is_some_and(|length| 8.0 <= length);
    let expires = number("TemporaryPasswordValidityDays").is_none_or(|days| days <= 7.0);
    Subject::expect(is_mixed && is_long && expires, POLICY, "passwords may be short, plain or temporary for long")
}
