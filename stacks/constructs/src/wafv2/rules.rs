//! The seven rules, in the order in which they look at a request: the cheap and the certain ones first.

use super::web_acl::Defence;
use como_core::value::Value;
use como_resources::wafv2::web_acl::{self, OverrideAction, Rule, RuleAction, Statement};
use serde_json::json;

/// Groups that AWS keeps up to date. Together with the two rules of our own they stay within the 1,500 capacity units that the
/// base price covers; a check adds them up.
/// <https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html>
const MANAGED: [Managed; 5] = [
    // Bots and scanners that Amazon's own threat intelligence knows.
    Managed { name: "AWSManagedRulesAmazonIpReputationList", webhooks: Webhooks::Inspected },
    // Anonymising proxies and hosting companies; partners' webhooks come from hosting companies, members do not.
    Managed { name: "AWSManagedRulesAnonymousIpList", webhooks: Webhooks::Spared },
    // Exploits by their very text, which no partner's event has.
    Managed { name: "AWSManagedRulesKnownBadInputsRuleSet", webhooks: Webhooks::Inspected },
    // A name or a note in a partner's event may look like SQL; it is parsed as JSON and never part of a query.
    Managed { name: "AWSManagedRulesSQLiRuleSet", webhooks: Webhooks::Spared },
    // Blocks bodies above 8 KB, and a partner's event may have 64. Who sends one is proved by its signature.
    Managed { name: "AWSManagedRulesCommonRuleSet", webhooks: Webhooks::Spared },
];

struct Managed {
    name: &'static str,
    webhooks: Webhooks,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Webhooks {
    Inspected,
    Spared,
}

pub(super) fn rules(defence: &Defence, metric: &str) -> Vec<Rule> {
    let rate = Rule {
        action: Some(RuleAction { block: Some(web_acl::BlockAction::new()), ..RuleAction::new() }),
        ..rule("Rate", 0, too_many(defence.requests_per_5_minutes), metric)
    };
    let managed = MANAGED.iter().zip(1..).map(|(group, priority)| Rule {
        // The groups decide themselves; `count` here would switch a whole group off.
        override_action: Some(OverrideAction { none: Some(Value::from(json!({}))), ..OverrideAction::new() }),
        ..rule(group.name, priority, group.statement(defence.webhook_path), metric)
    });
    // Members travel, so nobody is turned away for where they are; the count shows what is unusual.
    let elsewhere = Rule {
        action: Some(RuleAction { count: Some(web_acl::CountAction::new()), ..RuleAction::new() }),
        ..rule("Elsewhere", 6, not(from(&defence.home_countries)), metric)
    };
    std::iter::once(rate).chain(managed).chain(std::iter::once(elsewhere)).collect()
}

impl Managed {
    fn statement(&self, webhook_path: Option<&str>) -> Statement {
        let spared = webhook_path.filter(|_| self.webhooks == Webhooks::Spared);
        let group = web_acl::ManagedRuleGroupStatement {
            scope_down_statement: spared.map(|path| Box::new(not(webhook(path)))),
            ..web_acl::ManagedRuleGroupStatement::new(self.name, "AWS")
        };
        Statement { managed_rule_group_statement: Some(Box::new(group)), ..Statement::new() }
    }
}

fn rule(name: &str, priority: i64, statement: Statement, metric: &str) -> Rule {
    Rule::new(name, priority, statement, visible(&format!("{metric}-{name}")))
}

/// Counted, with samples of what matched.
pub(super) fn visible(metric: &str) -> web_acl::VisibilityConfig {
    web_acl::VisibilityConfig::new(true, metric, true)
}

fn too_many(requests_per_5_minutes: i64) -> Statement {
    let limit = web_acl::RateBasedStatement {
        evaluation_window_sec: Some(300.into()),
        ..web_acl::RateBasedStatement::new(web_acl::AggregateKeyType::Ip, requests_per_5_minutes)
    };
    Statement { rate_based_statement: Some(Box::new(limit)), ..Statement::new() }
}

fn from(countries: &[&'static str]) -> Statement {
    let countries: Vec<Value<String>> = countries.iter().map(|country| Value::from(*country)).collect();
    let matched =
        web_acl::GeoMatchStatement { country_codes: Some(countries.into()), ..web_acl::GeoMatchStatement::new() };
    Statement { geo_match_statement: Some(matched), ..Statement::new() }
}

/// What a partner sends: a body by `POST` to a path below `path`. Whatever else comes to the same paths is looked at like any
/// other request.
fn webhook(path: &str) -> Statement {
    let both = web_acl::AndStatement::new(vec![is_post(), path_starts_with(path)]);
    Statement { and_statement: Some(Box::new(both)), ..Statement::new() }
}

fn is_post() -> Statement {
    let field = web_acl::FieldToMatch { method: Some(json!({}).into()), ..web_acl::FieldToMatch::new() };
    let as_sent = web_acl::TextTransformation::new(0, web_acl::TextTransformationType::None);
    let matched = web_acl::ByteMatchStatement {
        search_string: Some("POST".into()),
        ..web_acl::ByteMatchStatement::new(field, web_acl::PositionalConstraint::Exactly, vec![as_sent])
    };
    Statement { byte_match_statement: Some(matched), ..Statement::new() }
}

fn path_starts_with(path: &str) -> Statement {
    let field = web_acl::FieldToMatch { uri_path: Some(json!({}).into()), ..web_acl::FieldToMatch::new() };
    // Decoded, and without `..` and doubled slashes, or `/webhooks/%2e%2e/login` would be spared too.
    let decoded = web_acl::TextTransformation::new(0, web_acl::TextTransformationType::UrlDecode);
    let normalised = web_acl::TextTransformation::new(1, web_acl::TextTransformationType::NormalizePath);
    let matched = web_acl::ByteMatchStatement {
        search_string: Some(path.into()),
        ..web_acl::ByteMatchStatement::new(field, web_acl::PositionalConstraint::StartsWith, vec![decoded, normalised])
    };
    Statement { byte_match_statement: Some(matched), ..Statement::new() }
}

fn not(statement: Statement) -> Statement {
    Statement { not_statement: Some(Box::new(web_acl::NotStatement::new(statement))), ..Statement::new() }
}
