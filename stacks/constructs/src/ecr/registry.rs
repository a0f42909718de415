//! What an account has once in each region: how its images are copied and scanned.

use crate::ecr::repository::lifecycle;
use crate::iam::{Permissions, Role, RoleProps, Statement, TrustedService};
use crate::kms::Key;
use como_core::resource::{Options, RemovalPolicy};
use como_core::stack::Scope;
use como_core::value::{Pseudo, Value};
use como_resources::ecr::{
    self, registry_scanning_configuration as scanning, replication_configuration as replication,
    repository_creation_template as template,
};

/// Copies every new image of the repositories whose names begin with `prefix` into another region of the account.
///
/// An account has one such configuration in each region; whoever writes it writes it all. So it is kept when the stack that
/// has it goes.
pub fn replicate(scope: &mut Scope<'_>, id: &str, prefix: &str, region: &str) {
    let account = Value::pseudo(Pseudo::AccountId);
    let rule = replication::ReplicationRule {
        repository_filters: Some(vec![replication::RepositoryFilter::new(
            prefix,
            replication::FilterType::PrefixMatch,
        )]),
        ..replication::ReplicationRule::new(vec![replication::ReplicationDestination::new(region, account)])
    };
    let configuration = replication::ReplicationConfiguration::new(vec![rule]);
    scope.add_with(id, &ecr::ReplicationConfiguration::new(configuration), kept());
}

/// Scans every image for known vulnerabilities when it is pushed; one such configuration in each region, too.
///
/// Basic scanning, which is free: the enhanced one is Amazon Inspector's, is switched on and paid for by image for the whole
/// account, and would find nothing in an image that holds one static program and no packages.
pub fn scan_on_push(scope: &mut Scope<'_>, id: &str) {
    let everything = scanning::RepositoryFilter::new("*", scanning::FilterType::Wildcard);
    let rule = scanning::ScanningRule::new(vec![everything], scanning::ScanFrequency::ScanOnPush);
    let configuration = ecr::RegistryScanningConfiguration::new(vec![rule], scanning::ScanType::Basic);
    scope.add_with(id, &configuration, kept());
}

fn kept() -> Options {
    Options { removal: Some(RemovalPolicy::Retain), ..Options::default() }
}

/// How the repositories are that replication makes: without this, tags could change and S3's own key would encrypt them.
///
/// ECR needs a role for it as soon as a customer key is involved.
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-iam.html>
pub fn replicated_repositories(scope: &mut Scope<'_>, id: &str, prefix: &str, key: &Key) {
    let mut scope = scope.child(id);
    let mut permissions = Permissions::none();
    let repositories = format!("arn:${{AWS::Partition}}:ecr:${{AWS::Region}}:${{AWS::AccountId}}:repository/{prefix}*");
    permissions.add(
        Statement::allow(
            ["ecr:CreateRepository", "ecr:ReplicateImage", "ecr:TagResource"],
            [Value::substitute(&repositories, [])],
        )
        .with_wildcard_because("the repositories do not exist before the first image of each is replicated"),
    );
    permissions.add(Statement::allow(["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"], [key.arn()]));
    let role = Role::new(
        &mut scope,
        "Role",
        RoleProps {
            description: "Makes the repositories that images are replicated into",
            trusted: TrustedService::Ecr,
            permissions,
            managed_policies: Vec::new(),
            options: Options::default(),
        },
    );
    let applied_for = vec![Value::Literal(template::AppliedFor::Replication)];
    scope.add(
        "Resource",
        ecr::RepositoryCreationTemplate {
            custom_role_arn: Some(role.arn()),
            description: Some("Repositories that replication makes".into()),
            encryption_configuration: Some(template::EncryptionConfiguration {
                kms_key: Some(key.arn()),
                ..template::EncryptionConfiguration::new(template::EncryptionType::Kms)
            }),
            image_tag_mutability: Some(template::ImageTagMutability::Immutable.into()),
            lifecycle_policy: Some(lifecycle().into()),
            ..ecr::RepositoryCreationTemplate::new(applied_for, prefix)
        },
    );
}
