//! Statements of policies, on identities and on resources alike.

use como_core::value::Value;
use serde_json::{Map, Value as Json, json};

/// One statement of a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    pub effect: Effect,
    /// Whom a resource's policy speaks of; an identity's policy has none.
    pub principal: Option<Principal>,
    pub actions: Vec<&'static str>,
    pub resources: Vec<Value<String>>,
    pub conditions: Vec<Condition>,
    /// Why an action or a resource has to have a wildcard; who reviews the role, and every tool that does, reads it.
    pub wildcard: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Allow,
    Deny,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Principal {
    /// An AWS service, for example `vpc-flow-logs.amazonaws.com`.
    Service(Value<String>),
    /// The stack's own account: its administrators decide further by policies on identities.
    Account,
    /// Whoever has a token of this identity provider that fits the conditions.
    Federated(Value<String>),
    /// Everybody; always together with a condition.
    Anyone,
}

/// `operator(key, any of values)`, for example `StringEquals(aws:SourceAccount, …)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    pub operator: &'static str,
    pub key: &'static str,
    pub values: Vec<Value<String>>,
}

impl Statement {
    /// Allows `actions` on `resources`, unconditionally.
    #[must_use]
    pub fn allow(actions: impl Into<Vec<&'static str>>, resources: impl Into<Vec<Value<String>>>) -> Self {
        Self {
            effect: Effect::Allow,
            principal: None,
            actions: actions.into(),
            resources: resources.into(),
            conditions: Vec::new(),
            wildcard: None,
        }
    }

    /// Argues the wildcards of the statement; without this every check of least privilege refuses them.
    #[must_use]
    pub const fn with_wildcard_because(mut self, reason: &'static str) -> Self {
        self.wildcard = Some(reason);
        self
    }

    /// Denies everything of `service`, for example `sqs:*`, that does not come over TLS.
    #[must_use]
    pub fn tls_only(every_action: &'static str, resources: impl Into<Vec<Value<String>>>) -> Self {
        Self {
            effect: Effect::Deny,
            principal: Some(Principal::Anyone),
            conditions: vec![Condition { operator: "Bool", key: "aws:SecureTransport", values: vec!["false".into()] }],
            ..Self::allow([every_action], resources)
        }
    }

    fn to_json(&self) -> Json {
        let mut statement = Map::new();
        let effect = match self.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        };
        statement.insert("Effect".to_owned(), json!(effect));
        if let Some(principal) = &self.principal {
            statement.insert("Principal".to_owned(), principal.to_json());
        }
        statement.insert("Action".to_owned(), json!(self.actions));
        if !self.resources.is_empty() {
            statement.insert("Resource".to_owned(), json!(self.resources));
        }
        if !self.conditions.is_empty() {
            statement.insert("Condition".to_owned(), conditions_to_json(&self.conditions));
        }
        Json::Object(statement)
    }
}

impl Principal {
    fn to_json(&self) -> Json {
        match self {
            Self::Service(name) => json!({ "Service": name }),
            Self::Account => {
                json!({ "AWS": Value::substitute("arn:${AWS::Partition}:iam::${AWS::AccountId}:root", []) })
            }
            Self::Federated(provider) => json!({ "Federated": provider }),
            Self::Anyone => json!("*"),
        }
    }
}

impl Condition {
    /// Only requests on behalf of the stack's own account: no service acts for a stranger with our rights.
    #[must_use]
    pub fn own_account(key: &'static str) -> Self {
        let account = Value::pseudo(como_core::value::Pseudo::AccountId);
        Self { operator: "StringEquals", key, values: vec![account] }
    }
}

/// Conditions with the same operator share its object; IAM joins different keys by "and".
fn conditions_to_json(conditions: &[Condition]) -> Json {
    let mut operators: Map<String, Json> = Map::new();
    for condition in conditions {
        let operator = operators.entry(condition.operator).or_insert_with(|| json!({}));
        if let Some(keys) = operator.as_object_mut() {
            let values = match condition.values.as_slice() {
                [value] => json!(value),
                values => json!(values),
            };
            keys.insert(condition.key.to_owned(), values);
        }
    }
    Json::Object(operators)
}

/// A policy document of `statements`, in their order.
#[must_use]
pub fn policy_document(statements: &[Statement]) -> Value<Json> {
    let statements: Vec<Json> = statements.iter().map(Statement::to_json).collect();
    Value::document(json!({ "Version": "2012-10-17", "Statement": statements }))
}
