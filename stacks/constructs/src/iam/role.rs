//! Roles that AWS services assume.

use crate::iam::{Condition, Permissions, Principal, Statement, policy_document};
use como_core::resource::{Handle, Options};
use como_core::stack::Scope;
use como_core::suppression::Suppression;
use como_core::value::Value;
use como_resources::iam;

/// A role for one AWS service, with one inline policy.
///
/// Inline, because the policy then lives and dies with the role: nothing waits for a separate attachment, and no other
/// role can take it over.
#[derive(Debug, Clone)]
pub struct Role {
    handle: Handle<iam::Role>,
}

#[derive(Debug)]
pub struct RoleProps {
    pub description: &'static str,
    pub trusted: TrustedService,
    pub permissions: Permissions,
    pub managed_policies: Vec<ManagedPolicy>,
    pub options: Options,
}

/// One of AWS's own policies, where a service checks for exactly that or AWS alone knows what it must contain.
#[derive(Debug)]
pub struct ManagedPolicy {
    pub arn: Value<String>,
    /// Why statements of our own do not do.
    pub reason: &'static str,
}

/// Services that assume roles here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrustedService {
    ApiGateway,
    Backup,
    CloudFormation,
    Dax,
    Ecr,
    EcsTasks,
    Events,
    Lambda,
    VpcFlowLogs,
}

impl Role {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: RoleProps) -> Self {
        let statements = props.permissions.statements();
        let policy = iam::role::Policy::new(policy_document(statements), "Permissions");
        let mut options = props.options;
        options.suppressions.extend(props.permissions.suppressions());
        options.suppressions.extend(
            props
                .managed_policies
                .iter()
                .map(|policy| Suppression::of_finding("AwsSolutions-IAM4", "Policy", &policy.arn, policy.reason)),
        );
        let managed: Vec<Value<String>> = props.managed_policies.into_iter().map(|policy| policy.arn).collect();
        let role = iam::Role {
            description: Some(props.description.into()),
            policies: (!statements.is_empty()).then(|| vec![policy]),
            managed_policy_arns: (!managed.is_empty()).then(|| managed.into()),
            ..iam::Role::new(props.trusted.trust_policy())
        };
        Self { handle: scope.add_with(id, &role, options) }
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.handle.get(iam::Role::ARN)
    }

    /// Lets somebody hand the role to `service`, and to no other.
    pub fn grant_pass(&self, permissions: &mut Permissions, service: TrustedService) {
        let only = Condition {
            operator: "StringEquals",
            key: "iam:PassedToService",
            values: vec![service.principal().into()],
        };
        permissions.add(Statement { conditions: vec![only], ..Statement::allow(["iam:PassRole"], [self.arn()]) });
    }
}

impl TrustedService {
    const fn principal(self) -> &'static str {
        match self {
            Self::ApiGateway => "apigateway.amazonaws.com",
            Self::Backup => "backup.amazonaws.com",
            Self::CloudFormation => "cloudformation.amazonaws.com",
            Self::Dax => "dax.amazonaws.com",
            Self::Ecr => "ecr.amazonaws.com",
            Self::EcsTasks => "ecs-tasks.amazonaws.com",
            Self::Events => "events.amazonaws.com",
            Self::Lambda => "lambda.amazonaws.com",
            Self::VpcFlowLogs => "vpc-flow-logs.amazonaws.com",
        }
    }

    fn trust_policy(self) -> Value<serde_json::Value> {
        let conditions = match self {
            // These check a role, or take it on, without naming an account.
            Self::ApiGateway | Self::CloudFormation | Self::Ecr | Self::Lambda => Vec::new(),
            Self::Backup | Self::Dax | Self::EcsTasks | Self::Events | Self::VpcFlowLogs => {
                vec![Condition::own_account("aws:SourceAccount")]
            }
        };
        policy_document(&[Statement {
            principal: Some(Principal::Service(self.principal().into())),
            conditions,
            ..Statement::allow(["sts:AssumeRole"], [])
        }])
    }
}
