//! API Gateway's right to write logs, which belongs to the account and region, not to an API.

use crate::iam::{ManagedPolicy, Permissions, Role, RoleProps, TrustedService};
use como_core::resource::{Dependency, Handle, Options, RemovalPolicy};
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::apigateway;

/// The account's logging role. There is one for all APIs of a region, so it is kept when the stack that made it goes.
#[derive(Debug, Clone)]
pub struct LoggingAccount {
    handle: Handle<apigateway::Account>,
}

impl LoggingAccount {
    /// The role has AWS's own policy: API Gateway refuses a role that may do less.
    pub fn new(scope: &mut Scope<'_>, id: &str) -> Self {
        let mut scope = scope.child(id);
        let kept = || Options { removal: Some(RemovalPolicy::Retain), ..Options::default() };
        let policy = "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs";
        let role = Role::new(
            &mut scope,
            "Role",
            RoleProps {
                description: "Writes the logs of every API in the region",
                trusted: TrustedService::ApiGateway,
                permissions: Permissions::none(),
                managed_policies: vec![ManagedPolicy {
                    arn: Value::substitute(policy, []),
                    reason: "API Gateway refuses a logging role without exactly this policy",
                }],
                options: kept(),
            },
        );
        let account = apigateway::Account { cloud_watch_role_arn: Some(role.arn()) };
        Self { handle: scope.add_with("Resource", &account, kept()) }
    }

    /// A stage with logs can only be made after the account has its role.
    #[must_use]
    pub fn dependency(&self) -> Dependency {
        self.handle.dependency()
    }
}
