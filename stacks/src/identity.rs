//! Who a member is, for this region: filled from Memberson at login, so no pool is ever replicated.
//!
//! What tokens can say, and why members' carry one scope only, stands in `como_contract::identity`.

use crate::naming;
use como_config::{Environment, Kind};
use como_constructs::cognito::{BrowserClientProps, Plan, ScopeProps, UserPool, UserPoolClient, UserPoolProps};
use como_contract::identity::{RESOURCE_SERVER, SCOPES, STAFF_GROUP};
use como_core::stack::{Scope, Stack};

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
    staff(&mut scope, environment, &members);
    (stack, Identity { members, client })
}

/// People who work here sign in at the pool's own page, by OAuth 2.0.
///
/// They must use a second factor, and a template cannot demand it of them alone: a pool demands one of everybody or of nobody,
/// and members come without one. What it can say is said: codes from an app are the one second factor that there is, the
/// group is empty, its description says what comes before joining it, and no stack gives anybody a password.
fn staff(scope: &mut Scope<'_>, environment: &Environment, members: &UserPool) {
    // AWS's own name instead of one below the domain: that would need a certificate of us-east-1 for a page that members
    // never see. It must be nobody else's in the region, and the account's number makes it so.
    let prefix = format!("{}-{}", naming::name(environment, ""), environment.account());
    members.add_domain(scope, "SignInPage", prefix);
    let scopes = SCOPES.map(|scope| ScopeProps { name: scope.name, description: scope.description });
    let server = members.add_resource_server(scope, "Rights", RESOURCE_SERVER, "COMO middleware", &scopes);
    let description = "People who work here; a code generator is set up before anybody joins";
    members.add_group(scope, "Staff", STAFF_GROUP, description, 1);
    let staff_scopes: Vec<&str> = SCOPES.iter().filter(|scope| scope.is_for_staff).map(|scope| scope.name).collect();
    let client = members.add_browser_client(
        scope,
        "StaffClient",
        BrowserClientProps {
            name: naming::name(environment, STAFF_GROUP),
            callback: format!("{}/", naming::site_origin(environment)),
            server: &server,
            scopes: &staff_scopes,
        },
    );
    scope.output("StaffClientId", "The client in whose name people who work here get tokens", &client.id());
}
