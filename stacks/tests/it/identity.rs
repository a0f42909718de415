//! Who comes in, and with what right.

use crate::environments::{all_by_name, other_postures};
use crate::support::{assembly, resources, strings};
use como_contract::identity::{RESOURCE_SERVER, SCOPES, STAFF_GROUP};
use como_contract::route::MEMBER_SCOPE;
use como_core::assembly::Assembly;

/// Members are made anew from Memberson at their login in either region. A replica could not make them.
#[test]
fn an_environment_has_one_pool_in_its_own_region_and_no_replica() {
    for (name, assembly) in all_by_name().into_iter().chain(other_postures()) {
        let own = assembly.stacks.iter().filter(|stack| stack.name.ends_with("-identity")).map(|stack| &stack.region);
        let pools: Vec<&String> =
            resources(&assembly, "AWS::Cognito::UserPool").map(|(stack, ..)| &stack.region).collect();
        assert_eq!(pools, own.collect::<Vec<_>>(), "{name}");
        assert_eq!(pools.len(), 1, "{name}");
        for replicated in ["AWS::Cognito::UserPoolReplica", "AWS::Cognito::UserPoolRegionalConfigurationAttachment"] {
            assert_eq!(resources(&assembly, replicated).count(), 0, "{name}: {replicated}");
        }
    }
}

fn scopes(assembly: &Assembly, client: &str) -> Option<Vec<String>> {
    let (.., found) = resources(assembly, "AWS::Cognito::UserPoolClient").find(|(_, id, _)| id.starts_with(client))?;
    let scopes = found.properties.get("AllowedOAuthScopes")?;
    Some(strings(scopes).into_iter().map(str::to_owned).collect())
}

#[test]
fn tokens_of_the_pools_page_open_no_members_route() {
    let assembly = assembly();
    let staff = scopes(&assembly, "StaffClient").unwrap();
    assert!(!staff.iter().any(|scope| scope == MEMBER_SCOPE), "{staff:?}");
    let (.., server) = resources(&assembly, "AWS::Cognito::UserPoolResourceServer").next().unwrap();
    assert_eq!(server.properties["Identifier"], RESOURCE_SERVER);
    let declared = server.properties["Scopes"].as_array().unwrap();
    let declared: Vec<&str> = declared.iter().map(|scope| scope["ScopeName"].as_str().unwrap()).collect();
    assert_eq!(declared, SCOPES.map(|scope| scope.name));
    for scope in staff.iter().filter(|scope| *scope != "openid") {
        let name = scope.strip_prefix("como/").unwrap();
        assert!(SCOPES.iter().any(|known| known.name == name && known.is_for_staff), "{scope}");
    }
}

/// Nobody signs in as a member with a password at Cognito: only the service may, with its role.
#[test]
fn members_have_no_way_in_but_the_service() {
    let assembly = assembly();
    assert_eq!(scopes(&assembly, "MembersClient"), None, "no page of the pool knows the client");
    for (_, id, client) in resources(&assembly, "AWS::Cognito::UserPoolClient") {
        let flows = strings(&client.properties["ExplicitAuthFlows"]);
        let expected: &[&str] = if id.starts_with("MembersClient") {
            &["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        } else {
            &["ALLOW_REFRESH_TOKEN_AUTH"]
        };
        assert_eq!(flows, expected, "{id}");
        assert_eq!(client.properties["GenerateSecret"], false, "{id}");
    }
}

/// As far as a template can say: there is one second factor, anybody may set it up, and who belongs to staff is nobody yet.
#[test]
fn staff_is_a_group_with_a_second_factor_at_hand() {
    let assembly = assembly();
    let (.., pool) = resources(&assembly, "AWS::Cognito::UserPool").next().unwrap();
    assert_eq!(pool.properties["MfaConfiguration"], "OPTIONAL");
    assert_eq!(strings(&pool.properties["EnabledMfas"]), ["SOFTWARE_TOKEN_MFA"]);
    let (.., group) = resources(&assembly, "AWS::Cognito::UserPoolGroup").next().unwrap();
    assert_eq!(group.properties["GroupName"], STAFF_GROUP);
    assert!(group.properties["Description"].as_str().unwrap().contains("before anybody joins"));
    for kind in ["AWS::Cognito::UserPoolUser", "AWS::Cognito::UserPoolUserToGroupAttachment"] {
        assert_eq!(resources(&assembly, kind).count(), 0, "{kind}");
    }
}
