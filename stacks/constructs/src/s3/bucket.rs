//! Buckets.

use super::policy::{add_policy, forget_old_versions, no_public_access, objects, versioned};
use crate::iam::{Condition, Permissions, Principal, Statement};
use crate::kms::{Key, Via};
use crate::s3::LogBucket;
use como_core::resource::Handle;
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::s3::{self, bucket};

/// A private bucket that keeps old versions for a while, takes nothing without TLS and logs who asks for what.
#[derive(Debug, Clone)]
pub struct Bucket {
    handle: Handle<s3::Bucket>,
    key: Option<Key>,
}

#[derive(Debug)]
pub struct BucketProps<'a> {
    /// Unique in all of AWS: it holds the account's number.
    pub name: String,
    pub encryption: Encryption<'a>,
    pub access_log: &'a LogBucket,
    /// How long a version that was overwritten or deleted can be brought back.
    pub old_version_days: i64,
    /// Beyond the account's own roles: services that read the objects by themselves.
    pub readers: Vec<Reader>,
}

/// With whose key objects are encrypted at rest.
#[derive(Debug, Clone, Copy)]
pub enum Encryption<'a> {
    /// S3's own: for what is public anyway, or what a service can write only so.
    S3,
    Key(&'a Key),
}

/// A service that reads a bucket for somebody outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Distributions of the bucket's account.
    CloudFront,
}

const OBJECTS_COME_AND_GO: &str = "Objects below one prefix of one bucket; their names are not known beforehand";

impl Bucket {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: &BucketProps<'_>) -> Self {
        let mut scope = scope.child(id);
        let handle = scope.add(
            "Resource",
            s3::Bucket {
                bucket_name: Some(props.name.as_str().into()),
                bucket_encryption: Some(props.encryption.configuration()),
                public_access_block_configuration: Some(no_public_access()),
                ownership_controls: Some(owner_owns_all()),
                versioning_configuration: Some(versioned()),
                lifecycle_configuration: Some(bucket::LifecycleConfiguration::new(vec![forget_old_versions(
                    props.old_version_days,
                )])),
                logging_configuration: Some(bucket::LoggingConfiguration {
                    destination_bucket_name: Some(props.access_log.name()),
                    log_file_prefix: Some(format!("s3/{}/", props.name).into()),
                    ..bucket::LoggingConfiguration::new()
                }),
                ..s3::Bucket::new()
            },
        );
        add_policy(&mut scope, &handle, props.readers.iter().map(|reader| reader.statement(&handle)).collect());
        let key = match props.encryption {
            Encryption::S3 => None,
            Encryption::Key(key) => Some(key.clone()),
        };
        Self { handle, key }
    }

    #[must_use]
    pub fn name(&self) -> Value<String> {
        self.handle.reference()
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.handle.get(s3::Bucket::ARN)
    }

    /// Where the bucket answers in its own region: a name that works as soon as the bucket is there.
    #[must_use]
    pub fn regional_domain_name(&self) -> Value<String> {
        self.handle.get(s3::Bucket::REGIONAL_DOMAIN_NAME)
    }

    /// Reads the objects below `prefix`; lists nothing.
    pub fn grant_read(&self, permissions: &mut Permissions, prefix: &str) {
        let objects = Statement::allow(["s3:GetObject"], [objects(&self.handle, prefix)]);
        permissions.add(objects.with_wildcard_because(OBJECTS_COME_AND_GO));
        if let Some(key) = &self.key {
            key.grant_decrypt(permissions, Via::S3);
        }
    }

    /// Reads and writes the objects below `prefix`, and lists the bucket; deletes nothing.
    pub fn grant_read_write(&self, permissions: &mut Permissions, prefix: &str) {
        permissions.add(Statement::allow(["s3:ListBucket"], [self.arn()]));
        let objects = Statement::allow(["s3:GetObject", "s3:PutObject"], [objects(&self.handle, prefix)]);
        permissions.add(objects.with_wildcard_because(OBJECTS_COME_AND_GO));
        if let Some(key) = &self.key {
            key.grant_encrypt_decrypt(permissions, Via::S3);
        }
    }
}

impl Encryption<'_> {
    pub(super) fn configuration(self) -> bucket::BucketEncryption {
        use bucket::ServerSideEncryptionByDefaultSseAlgorithm::{Aes256, AwsKms};
        let by_default = match self {
            Self::S3 => bucket::ServerSideEncryptionByDefault::new(Aes256),
            Self::Key(key) => bucket::ServerSideEncryptionByDefault {
                kms_master_key_id: Some(key.arn()),
                ..bucket::ServerSideEncryptionByDefault::new(AwsKms)
            },
        };
        let rule = bucket::ServerSideEncryptionRule {
            // One call to KMS for many objects.
            bucket_key_enabled: Some(matches!(self, Self::Key(_)).into()),
            server_side_encryption_by_default: Some(by_default),
            ..bucket::ServerSideEncryptionRule::new()
        };
        bucket::BucketEncryption::new(vec![rule])
    }
}

impl Reader {
    /// The account instead of the one distribution: that one is made after the bucket, in another region's stack, and only
    /// this account's owners can make another.
    fn statement(self, bucket: &Handle<s3::Bucket>) -> Statement {
        match self {
            Self::CloudFront => Statement {
                principal: Some(Principal::Service("cloudfront.amazonaws.com".into())),
                conditions: vec![
                    Condition::own_account("aws:SourceAccount"),
                    Condition {
                        operator: "ArnLike",
                        key: "aws:SourceArn",
                        values: vec![Value::substitute(
                            "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/*",
                            [],
                        )],
                    },
                ],
                ..Statement::allow(["s3:GetObject"], [objects(bucket, "")])
            },
        }
    }
}

fn owner_owns_all() -> bucket::OwnershipControls {
    bucket::OwnershipControls::new(vec![bucket::OwnershipControlsRule {
        object_ownership: Some(bucket::ObjectOwnership::BucketOwnerEnforced.into()),
    }])
}
