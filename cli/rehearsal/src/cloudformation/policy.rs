//! Stack policies: what an update may do to which resource.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html>: once a policy is set,
//! everything that no statement allows is denied; a denial wins over an allowance.

use super::stack::Stack;
use super::wire::QueryError;
use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Modify,
    Replace,
    Delete,
}

impl Action {
    const fn name(self) -> &'static str {
        match self {
            Self::Modify => "Update:Modify",
            Self::Replace => "Update:Replace",
            Self::Delete => "Update:Delete",
        }
    }
}

pub(crate) struct Policy {
    statements: Vec<Value>,
}

impl Policy {
    /// The policy that holds for the running update.
    pub(crate) fn of(stack: &Stack) -> Option<Self> {
        let during = stack.transition.as_ref().and_then(|transition| transition.policy.as_deref());
        Self::parse(during.or(stack.policy.as_deref())?).ok()
    }

    pub(crate) fn parse(text: &str) -> Result<Self, QueryError> {
        let malformed = |what: &str| QueryError::validation(format!("Error validating stack policy: {what}"));
        let document: Value = serde_json::from_str(text).map_err(|_| malformed("Invalid JSON"))?;
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) => statements.clone(),
            Some(one @ Value::Object(_)) => vec![one.clone()],
            _ => return Err(malformed("Missing Statement")),
        };
        for statement in &statements {
            if !matches!(statement.get("Effect").and_then(Value::as_str), Some("Allow" | "Deny")) {
                return Err(malformed("Invalid Effect"));
            }
            if statement.get("Principal").and_then(Value::as_str) != Some("*") {
                return Err(malformed("Invalid Principal, the only accepted value is \"*\""));
            }
            let names = |one: &str, other: &str| statement.get(one).is_some() != statement.get(other).is_some();
            if !names("Action", "NotAction") {
                return Err(malformed("Invalid Action"));
            }
            if !names("Resource", "NotResource") {
                return Err(malformed("Invalid Resource"));
            }
            let unknown = statement.get("Condition").and_then(Value::as_object);
            if unknown.is_some_and(|all| all.keys().any(|key| !["StringEquals", "StringLike"].contains(&key.as_str())))
            {
                return Err(malformed("Invalid Condition"));
            }
        }
        Ok(Self { statements })
    }

    /// Why the policy forbids it, if it does.
    pub(crate) fn refusal(&self, action: Action, logical_id: &str, resource_type: &str) -> Option<String> {
        let matching = |effect: &str| {
            self.statements.iter().position(|statement| {
                statement["Effect"] == effect && applies(statement, action, logical_id, resource_type)
            })
        };
        let denied = |place: String| {
            format!(
                "Action denied by stack policy: {place} does not allow [{}] for resource [LogicalResourceId/{logical_id}]",
                action.name()
            )
        };
        match (matching("Deny"), matching("Allow")) {
            (Some(index), _) => Some(denied(format!("Statement [#{}]", index + 1))),
            (None, Some(_)) => None,
            (None, None) => Some(denied("Statement [none]".to_owned())),
        }
    }
}

fn applies(statement: &Value, action: Action, logical_id: &str, resource_type: &str) -> bool {
    let resource = format!("LogicalResourceId/{logical_id}");
    let action = named(statement, "Action", "NotAction", action.name());
    action && named(statement, "Resource", "NotResource", &resource) && meets(statement, resource_type)
}

fn named(statement: &Value, key: &str, inverse: &str, text: &str) -> bool {
    match (statement.get(key), statement.get(inverse)) {
        (Some(patterns), _) => any(patterns, text),
        (None, Some(patterns)) => !any(patterns, text),
        (None, None) => false,
    }
}

/// The only key of a condition is `ResourceType`.
fn meets(statement: &Value, resource_type: &str) -> bool {
    let Some(condition) = statement.get("Condition").and_then(Value::as_object) else { return true };
    condition.values().all(|keys| keys.get("ResourceType").is_none_or(|types| any(types, resource_type)))
}

fn any(patterns: &Value, text: &str) -> bool {
    match patterns {
        Value::Array(patterns) => patterns.iter().any(|pattern| any(pattern, text)),
        Value::String(pattern) => is_like(pattern, text),
        _ => false,
    }
}

/// `*` stands for any text.
fn is_like(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text.strip_prefix(head).is_some_and(|rest| {
            (0..=rest.len()).any(|start| rest.get(start..).is_some_and(|rest| is_like(tail, rest)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Policy};
    use serde_json::json;

    #[test]
    fn what_nothing_allows_is_denied_and_a_denial_wins() {
        let policy = json!({"Statement": [
            {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": ["Update:Replace", "Update:Delete"], "Principal": "*",
             "Resource": "LogicalResourceId/Data*"},
            {"Effect": "Deny", "NotAction": "Update:Modify", "Principal": "*", "Resource": "*",
             "Condition": {"StringLike": {"ResourceType": ["AWS::KMS::*"]}}},
        ]});
        let policy = Policy::parse(&policy.to_string()).ok().unwrap();
        assert_eq!(policy.refusal(Action::Replace, "Queue", "AWS::SQS::Queue"), None);
        assert_eq!(policy.refusal(Action::Modify, "DataTable", "AWS::DynamoDB::Table"), None);
        assert_eq!(
            policy.refusal(Action::Delete, "DataTable", "AWS::DynamoDB::Table").unwrap(),
            "Action denied by stack policy: Statement [#2] does not allow [Update:Delete] for resource \
             [LogicalResourceId/DataTable]"
        );
        assert!(policy.refusal(Action::Replace, "Key", "AWS::KMS::Key").is_some());
        let narrow =
            json!({"Statement": {"Effect": "Allow", "Action": "Update:Modify", "Principal": "*", "Resource": "*"}});
        let narrow = Policy::parse(&narrow.to_string()).ok().unwrap();
        assert!(narrow.refusal(Action::Replace, "Queue", "AWS::SQS::Queue").is_some());
    }

    #[test]
    fn a_malformed_policy_is_refused() {
        for policy in [
            "{",
            "{}",
            r#"{"Statement": [{"Effect": "May", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}"#,
            r#"{"Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "me", "Resource": "*"}]}"#,
            r#"{"Statement": [{"Effect": "Deny", "Principal": "*", "Resource": "*"}]}"#,
        ] {
            assert!(Policy::parse(policy).is_err(), "{policy}");
        }
    }
}
