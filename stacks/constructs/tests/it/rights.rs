use crate::support::{key, log_group, only, template};
use como_constructs::cognito::{Plan, UserPool, UserPoolProps};
use como_constructs::dynamodb::{Encryption, Index, Table, TableProps};
use como_constructs::iam::{Permissions, Role, RoleProps, Statement, TrustedService};
use como_constructs::secretsmanager::{Content, Secret, SecretProps};
use como_core::resource::Options;
use como_core::stack::Scope;

const INDEX: Index = Index { name: "open", partition_key: "kind", sort_key: "since" };

/// The one policy of a role that has what `grant` gives.
fn policy(grant: impl FnOnce(&mut Scope<'_>, &mut Permissions)) -> String {
    let template = template(|scope| {
        let mut permissions = Permissions::none();
        grant(scope, &mut permissions);
        Role::new(
            scope,
            "Role",
            RoleProps {
                description: "A role",
                trusted: TrustedService::EcsTasks,
                permissions,
                managed_policies: Vec::new(),
                options: Options::default(),
            },
        );
    });
    only(&template, &["AWS::IAM::Role"])
}

#[test]
fn a_table_grants_reading_and_writing_with_its_key() {
    let table = |grant: fn(&Table, &mut Permissions)| {
        policy(|scope, permissions| {
            let key = key(scope);
            let props = TableProps {
                name: "test".to_owned(),
                partition_key: "id",
                sort_key: None,
                time_to_live: None,
                indexes: &[INDEX],
                encryption: Encryption::Key(&key),
                replicas: &[],
            };
            grant(&Table::new(scope, "Table", &props), permissions);
        })
    };
    insta::assert_snapshot!("table_read", table(Table::grant_read));
    insta::assert_snapshot!("table_read_write", table(Table::grant_read_write));
    insta::assert_snapshot!("table_append", table(Table::grant_append));
    insta::assert_snapshot!("table_scan_indexes", table(Table::grant_scan_indexes));
}

#[test]
fn two_secrets_of_one_key_make_one_statement_each() {
    insta::assert_snapshot!(policy(|scope, permissions| {
        let key = key(scope);
        for id in ["One", "Two"] {
            let props = SecretProps {
                name: id.to_owned(),
                description: "A secret",
                content: Content::ByHand,
                key: &key,
                replicas: &[],
            };
            Secret::new(scope, id, props).grant_read(permissions);
        }
    }));
}

#[test]
fn a_log_group_grants_writing() {
    insta::assert_snapshot!(policy(|scope, permissions| {
        let key = key(scope);
        log_group(scope, &key).grant_write(permissions);
    }));
}

#[test]
fn a_user_pool_grants_signing_in() {
    insta::assert_snapshot!(policy(|scope, permissions| {
        let pool = UserPool::new(scope, "Pool", UserPoolProps { name: "test".to_owned(), plan: Plan::Essentials });
        pool.grant_sign_in(permissions);
    }));
}

#[test]
fn statements_that_differ_in_their_resources_alone_become_one() {
    let mut permissions = Permissions::none();
    for resource in ["one", "two", "one"] {
        permissions.add(Statement::allow(["s3:GetObject"], [resource.into()]));
    }
    permissions.add(Statement::allow(["s3:PutObject"], ["one".into()]));
    let expected = [
        Statement::allow(["s3:GetObject"], ["one".into(), "two".into()]),
        Statement::allow(["s3:PutObject"], ["one".into()]),
    ];
    assert_eq!(permissions.statements(), expected);
}

#[test]
fn a_role_without_permissions_has_no_policy() {
    insta::assert_snapshot!(policy(|_, _| {}));
}
