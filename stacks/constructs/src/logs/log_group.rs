//! Log groups.

use crate::iam::{Condition, Permissions, Principal, Statement, policy_document};
use crate::kms::{ENCRYPT_DECRYPT, Key};
use como_core::resource::{Dependency, Handle};
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::logs;

/// A log group, encrypted with a customer key.
#[derive(Debug, Clone)]
pub struct LogGroup {
    handle: Handle<logs::LogGroup>,
}

#[derive(Debug)]
pub struct LogGroupProps<'a> {
    pub name: String,
    pub retention: Retention,
    pub key: &'a Key,
}

/// How long entries are kept; CloudWatch takes a fixed set of lengths only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    OneMonth,
    ThreeMonths,
    OneYear,
}

impl Retention {
    const fn days(self) -> i64 {
        match self {
            Self::OneMonth => 30,
            Self::ThreeMonths => 90,
            Self::OneYear => 365,
        }
    }
}

impl LogGroup {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: LogGroupProps<'_>) -> Self {
        Self::called(scope, id, props.name.into(), props.retention, props.key)
    }

    /// A group that an AWS service would make itself, without a key and for ever, if it were not there: under the name that the
    /// service gives it, which may hold what is known later.
    pub(crate) fn called(
        scope: &mut Scope<'_>,
        id: &str,
        name: Value<String>,
        retention: Retention,
        key: &Key,
    ) -> Self {
        let handle = scope.add(
            id,
            logs::LogGroup {
                log_group_name: Some(name),
                retention_in_days: Some(retention.days().into()),
                kms_key_id: Some(key.arn()),
                ..logs::LogGroup::new()
            },
        );
        Self { handle }
    }

    pub(crate) fn dependency(&self) -> Dependency {
        self.handle.dependency()
    }

    #[must_use]
    pub fn name(&self) -> Value<String> {
        self.handle.reference()
    }

    /// Ends in `:*`, which is how CloudWatch Logs writes "this group's streams".
    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.handle.get(logs::LogGroup::ARN)
    }

    /// Services that are told of a group by ARN want it without the `:*`.
    #[must_use]
    pub fn arn_without_streams(&self) -> Value<String> {
        let arn = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${Group}";
        Value::substitute(arn, [("Group", self.name())])
    }

    pub fn grant_write(&self, permissions: &mut Permissions) {
        permissions.add(Statement::allow(["logs:CreateLogStream", "logs:PutLogEvents"], [self.arn()]));
    }
}

/// Lets CloudWatch Logs encrypt the groups whose names begin with `prefix`, and no others.
#[must_use]
pub fn let_logs_use_key(prefix: &str) -> Statement {
    let_logs_use_key_for(&[format!("{prefix}*")])
}

/// As [`let_logs_use_key`], for groups whose names fit one of `patterns`: the group's ARN is the encryption context that
/// CloudWatch Logs sends, and a group that fits none cannot be made with the key.
#[must_use]
pub fn let_logs_use_key_for(patterns: &[String]) -> Statement {
    let group = |pattern: &String| {
        let arn = format!("arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:{pattern}");
        Value::substitute(&arn, [])
    };
    let only = Condition {
        operator: "ArnLike",
        key: "kms:EncryptionContext:aws:logs:arn",
        values: patterns.iter().map(group).collect(),
    };
    Statement {
        principal: Some(Principal::Service(Value::substitute("logs.${AWS::Region}.amazonaws.com", []))),
        conditions: vec![only],
        ..Statement::allow(ENCRYPT_DECRYPT, ["*".into()])
    }
}

/// Lets Route 53 write what a zone is asked into the groups whose names begin with `prefix`; it has no role to do so by.
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/query-logs.html>
pub fn let_route53_write(scope: &mut Scope<'_>, id: &str, name: String, prefix: &str) -> Dependency {
    let groups = format!("arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:{prefix}*");
    let statement = Statement {
        principal: Some(Principal::Service("route53.amazonaws.com".into())),
        conditions: vec![Condition::own_account("aws:SourceAccount")],
        ..Statement::allow(["logs:CreateLogStream", "logs:PutLogEvents"], [Value::substitute(&groups, [])])
    };
    scope.add(id, logs::ResourcePolicy::new(policy_document(&[statement]), name)).dependency()
}
