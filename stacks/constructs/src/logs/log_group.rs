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
        let handle = scope.add(
            id,
            logs::LogGroup {
                log_group_name: Some(props.name.into()),
                retention_in_days: Some(props.retention.days().into()),
                kms_key_id: Some(props.key.arn()),
                ..logs::LogGroup::new()
            },
        );
        Self { handle }
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

/// Lets CloudWatch Logs encrypt the groups whose names begin with `prefix`, and no others: the group's ARN is the
/// encryption context that CloudWatch Logs sends.
#[must_use]
pub fn let_logs_use_key(prefix: &str) -> Statement {
    let groups = format!("arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:{prefix}*");
    let only = Condition {
        operator: "ArnLike",
        key: "kms:EncryptionContext:aws:logs:arn",
        values: vec![Value::substitute(&groups, [])],
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
