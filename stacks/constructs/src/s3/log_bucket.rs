//! Where AWS services put their access logs.

use super::policy::{add_policy, forget_old_versions, no_public_access, objects, versioned};
use crate::iam::{Condition, Principal, Statement};
use crate::s3::Encryption;
use como_core::resource::{Handle, Options};
use como_core::stack::Scope;
use como_core::suppression::Suppression;
use como_core::value::Value;
use como_resources::s3::{self, bucket};

/// A bucket for access logs of its account and region. It is the end of the chain: it logs nothing of itself.
///
/// S3 encrypts it with a key of its own, since S3 and load balancers deliver into no other bucket.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html>
#[derive(Debug, Clone)]
pub struct LogBucket {
    handle: Handle<s3::Bucket>,
}

#[derive(Debug)]
pub struct LogBucketProps {
    /// Unique in all of AWS: it holds the account's number.
    pub name: String,
    pub keep_days: i64,
    pub writers: Vec<LogWriter>,
}

/// A service that delivers logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogWriter {
    /// Below `s3/`.
    S3,
    /// Below `elb/`.
    LoadBalancing,
    /// Below `cloudfront/`. CloudFront writes with an access list, so the bucket has to take some.
    /// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html>
    CloudFront,
}

impl LogBucket {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: &LogBucketProps) -> Self {
        let mut scope = scope.child(id);
        let ownership = if props.writers.contains(&LogWriter::CloudFront) {
            bucket::ObjectOwnership::BucketOwnerPreferred
        } else {
            bucket::ObjectOwnership::BucketOwnerEnforced
        };
        let expire = bucket::Rule {
            id: Some("ForgetOldLogs".into()),
            expiration_in_days: Some(props.keep_days.into()),
            ..bucket::Rule::new(bucket::RuleStatus::Enabled)
        };
        let end_of_the_chain = Suppression::new(
            ["CKV_AWS_18", "S3.9"],
            "The access logs of all buckets end here; a bucket that logs to itself grows for ever",
        );
        let mut suppressions = vec![end_of_the_chain];
        if props.writers.contains(&LogWriter::CloudFront) {
            suppressions.push(Suppression::new(
                ["S3.12"],
                "CloudFront delivers its logs with an access list only; public ones are blocked",
            ));
        }
        if !props.writers.contains(&LogWriter::S3) {
            suppressions.push(Suppression::new(
                ["AwsSolutions-S1"],
                "No bucket of its region logs here, and a bucket that logs to itself grows for ever",
            ));
        }
        let handle = scope.add_with(
            "Resource",
            &s3::Bucket {
                bucket_name: Some(props.name.as_str().into()),
                bucket_encryption: Some(Encryption::S3.configuration()),
                public_access_block_configuration: Some(no_public_access()),
                ownership_controls: Some(bucket::OwnershipControls::new(vec![bucket::OwnershipControlsRule {
                    object_ownership: Some(ownership.into()),
                }])),
                versioning_configuration: Some(versioned()),
                lifecycle_configuration: Some(bucket::LifecycleConfiguration::new(vec![
                    expire,
                    forget_old_versions(30),
                ])),
                ..s3::Bucket::new()
            },
            Options { suppressions, ..Options::default() },
        );
        let statements = props.writers.iter().filter_map(|writer| writer.statement(&handle)).collect();
        add_policy(&mut scope, &handle, statements);
        Self { handle }
    }

    #[must_use]
    pub fn name(&self) -> Value<String> {
        self.handle.reference()
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.handle.get(s3::Bucket::ARN)
    }

    /// How CloudFront wants the bucket written.
    #[must_use]
    pub fn domain_name(&self) -> Value<String> {
        self.handle.get(s3::Bucket::DOMAIN_NAME)
    }
}

impl LogWriter {
    /// What lets the service in; an access list does for CloudFront.
    fn statement(self, bucket: &Handle<s3::Bucket>) -> Option<Statement> {
        let (service, prefix) = match self {
            Self::S3 => ("logging.s3.amazonaws.com", "s3/"),
            Self::LoadBalancing => ("logdelivery.elasticloadbalancing.amazonaws.com", "elb/AWSLogs/${AWS::AccountId}/"),
            Self::CloudFront => return None,
        };
        let conditions = match self {
            // A load balancer's delivery names no account; the path has the account's number in it.
            Self::LoadBalancing => Vec::new(),
            Self::S3 | Self::CloudFront => vec![Condition::own_account("aws:SourceAccount")],
        };
        Some(Statement {
            principal: Some(Principal::Service(service.into())),
            conditions,
            ..Statement::allow(["s3:PutObject"], [objects(bucket, prefix)])
        })
    }
}
