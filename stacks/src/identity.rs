//! Who a member is, for this region: filled from Memberson at login, so no pool is ever replicated.

use crate::naming;
use como_config::{Environment, Kind};
use como_constructs::cognito::{Plan, UserPool, UserPoolClient, UserPoolProps};
use como_core::stack::Stack;

/// What other stacks take from the identity.
pub(crate) struct Identity {
    pub(crate) members: UserPool,
    pub(crate) client: UserPoolClient,
}

pub(crate) fn identity(environment: &Environment) -> (Stack, Identity) {
    let mut stack = naming::stack(environment, "identity", "COMO: members' user pool");
    let mut scope = stack.scope();
    let plan = match environment.kind() {
        Kind::Production | Kind::Recovery => Plan::Plus,
        Kind::Development => Plan::Essentials,
    };
    let members =
        UserPool::new(&mut scope, "Members", UserPoolProps { name: naming::name(environment, "members"), plan });
    let client = members.add_client(&mut scope, "MembersClient", naming::name(environment, "api"));
    scope.output("UserPoolId", "The members' pool", &members.id());
    scope.share("UserPoolArn", "The members' pool", &members.arn());
    scope.output("UserPoolClientId", "The client in whose name members get tokens", &client.id());
    (stack, Identity { members, client })
}
