//! Repositories of images.

use crate::iam::{Permissions, Statement};
use crate::kms::Key;
use como_core::resource::Handle;
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::ecr::{self, repository};
use serde_json::json;

/// A repository whose tags never change what they mean, encrypted with a customer key, every image scanned.
#[derive(Debug, Clone)]
pub struct Repository {
    name: String,
    arn: Value<String>,
}

#[derive(Debug)]
pub struct RepositoryProps<'a> {
    /// For example `como/runtime`.
    pub name: String,
    pub key: &'a Key,
}

/// So many images can be rolled back to.
const KEPT_IMAGES: u32 = 100;
/// An image without a tag is the rest of a push that broke off.
const UNTAGGED_DAYS: u32 = 7;

impl Repository {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: RepositoryProps<'_>) -> Self {
        let handle: Handle<ecr::Repository> = scope.add(
            id,
            ecr::Repository {
                repository_name: Some(props.name.as_str().into()),
                encryption_configuration: Some(repository::EncryptionConfiguration {
                    kms_key: Some(props.key.arn()),
                    ..repository::EncryptionConfiguration::new(repository::EncryptionType::Kms)
                }),
                image_scanning_configuration: Some(repository::ImageScanningConfiguration {
                    scan_on_push: Some(true.into()),
                }),
                image_tag_mutability: Some(repository::ImageTagMutability::Immutable.into()),
                lifecycle_policy: Some(repository::LifecyclePolicy {
                    lifecycle_policy_text: Some(lifecycle().into()),
                    ..repository::LifecyclePolicy::new()
                }),
                ..ecr::Repository::new()
            },
        );
        Self { name: props.name, arn: handle.get(ecr::Repository::ARN) }
    }

    /// The repository of that name in the stack's own account and region, which another stack or replication makes.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let arn = format!("arn:${{AWS::Partition}}:ecr:${{AWS::Region}}:${{AWS::AccountId}}:repository/{name}");
        Self { name: name.to_owned(), arn: Value::substitute(&arn, []) }
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.arn.clone()
    }

    /// Pushes images and looks whether one is there; overwrites none, since tags are immutable.
    pub fn grant_push(&self, permissions: &mut Permissions) {
        permissions.add(
            Statement::allow(["ecr:GetAuthorizationToken"], ["*".into()])
                .with_wildcard_because("a token is for the whole registry, so this action knows no resource"),
        );
        let push = [
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:CompleteLayerUpload",
            "ecr:DescribeImageScanFindings",
            "ecr:DescribeImages",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:UploadLayerPart",
        ];
        permissions.add(Statement::allow(push, [self.arn()]));
    }

    pub fn grant_pull(&self, permissions: &mut Permissions) {
        permissions.add(
            Statement::allow(["ecr:GetAuthorizationToken"], ["*".into()])
                .with_wildcard_because("a token is for the whole registry, so this action knows no resource"),
        );
        permissions.add(Statement::allow(
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            [self.arn()],
        ));
    }
}

/// Which images go, oldest first.
pub(super) fn lifecycle() -> String {
    let expire = json!({ "type": "expire" });
    json!({
        "rules": [
            {
                "rulePriority": 1,
                "description": "Untagged images go after a week",
                "selection": {
                    "tagStatus": "untagged",
                    "countType": "sinceImagePushed",
                    "countUnit": "days",
                    "countNumber": UNTAGGED_DAYS,
                },
                "action": expire,
            },
            {
                "rulePriority": 2,
                "description": "The newest images stay, to roll back to",
                "selection": { "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": KEPT_IMAGES },
                "action": expire,
            },
        ],
    })
    .to_string()
}
