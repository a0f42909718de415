//! Whom the account trusts on GitHub, and for what.

use crate::support::{PRODUCTION, assembly, environment, resources};
use como_core::assembly::Assembly;
use serde_json::{Value as Json, json};

const AUD: &str = "token.actions.githubusercontent.com:aud";
const SUB: &str = "token.actions.githubusercontent.com:sub";
const ID: &str = "token.actions.githubusercontent.com:repository_id";

/// The conditions of each workflow's role, by its name.
fn trusted(assembly: &Assembly) -> Vec<(String, Json)> {
    let roles = resources(assembly, "AWS::IAM::Role").filter(|(stack, ..)| stack.name == "como-prod-pipeline");
    let roles = roles.map(|(_, _, role)| {
        let statement = &role.properties["AssumeRolePolicyDocument"]["Statement"];
        assert_eq!(statement.as_array().unwrap().len(), 1);
        assert_eq!(statement[0]["Action"], json!(["sts:AssumeRoleWithWebIdentity"]));
        let name = role.properties["RoleName"].as_str().unwrap().to_owned();
        (name, statement[0]["Condition"].clone())
    });
    roles.collect()
}

#[test]
fn each_role_is_for_one_kind_of_workflow_of_one_repository() {
    let assembly = assembly();
    let is = |sub: &str| json!({ "StringEquals": { AUD: "sts.amazonaws.com", SUB: format!("repo:como-group/como-middleware:{sub}") } });
    let expected = [
        ("como-prod-github-plan".to_owned(), is("pull_request")),
        ("como-prod-github-build".to_owned(), is("ref:refs/heads/main")),
        ("como-prod-github-deploy".to_owned(), is("environment:prod")),
    ];
    assert_eq!(trusted(&assembly), expected);
    let providers: Vec<_> = resources(&assembly, "AWS::IAM::OIDCProvider").collect();
    assert_eq!(providers.len(), 1);
    let (stack, _, provider) = providers[0];
    assert!(stack.shared && provider.deletion_policy.is_some(), "{}", stack.name);
}

#[test]
fn with_its_numbers_no_other_repository_of_the_name_is_trusted() {
    let text = PRODUCTION.replace("\ntags:", "\nrepository_ids:\n  owner: 12\n  repository: 345\ntags:");
    let assembly = como_stacks::app(&environment(&text)).unwrap();
    let (_, deploy) = &trusted(&assembly)[2];
    let expected = json!({ "StringEquals": {
        AUD: "sts.amazonaws.com",
        SUB: [
            "repo:como-group/como-middleware:environment:prod",
            "repo:como-group@12/como-middleware@345:environment:prod",
        ],
        ID: "345",
    } });
    assert_eq!(deploy, &expected);
}

#[test]
fn without_a_repository_nobody_is_trusted() {
    let text = PRODUCTION.replace("repository: como-group/como-middleware\n", "");
    let assembly = como_stacks::app(&environment(&text)).unwrap();
    assert_eq!(resources(&assembly, "AWS::IAM::OIDCProvider").count(), 0);
    assert!(assembly.stack("como-prod-pipeline").is_none());
}
