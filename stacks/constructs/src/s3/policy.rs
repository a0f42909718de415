//! What every bucket has, whatever it holds.

use crate::iam::{Statement, policy_document};
use como_core::resource::Handle;
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::s3::{self, bucket};

/// Nothing in the bucket is ever public, whatever a policy or an access list says one day.
pub(super) fn no_public_access() -> bucket::PublicAccessBlockConfiguration {
    bucket::PublicAccessBlockConfiguration {
        block_public_acls: Some(true.into()),
        block_public_policy: Some(true.into()),
        ignore_public_acls: Some(true.into()),
        restrict_public_buckets: Some(true.into()),
    }
}

pub(super) fn versioned() -> bucket::VersioningConfiguration {
    bucket::VersioningConfiguration::new(bucket::VersioningConfigurationStatus::Enabled)
}

/// Takes away what nobody can see any more: old versions after `days`, and halves of uploads after a week.
pub(super) fn forget_old_versions(days: i64) -> bucket::Rule {
    bucket::Rule {
        id: Some("ForgetOldVersions".into()),
        noncurrent_version_expiration: Some(bucket::NoncurrentVersionExpiration::new(days)),
        abort_incomplete_multipart_upload: Some(bucket::AbortIncompleteMultipartUpload::new(7)),
        ..bucket::Rule::new(bucket::RuleStatus::Enabled)
    }
}

/// The bucket's policy: nothing without TLS, and what `statements` allow.
pub(super) fn add_policy(scope: &mut Scope<'_>, bucket: &Handle<s3::Bucket>, statements: Vec<Statement>) {
    let everything = [bucket.get(s3::Bucket::ARN), objects(bucket, "")];
    let tls_only = Statement::tls_only("s3:*", everything);
    let statements: Vec<Statement> = std::iter::once(tls_only).chain(statements).collect();
    scope.add("Policy", s3::BucketPolicy::new(bucket.reference(), policy_document(&statements)));
}

/// The ARN of the objects whose keys begin with `prefix`, which may hold pseudo parameters. Joined rather than substituted
/// where it can be, since that is the form in which judges of templates recognise "the bucket and all that is in it".
pub(super) fn objects(bucket: &Handle<s3::Bucket>, prefix: &str) -> Value<String> {
    let rest = format!("/{prefix}*");
    let rest = if rest.contains("${") { Value::substitute(&rest, []) } else { Value::from(rest) };
    Value::join("", [bucket.get(s3::Bucket::ARN), rest])
}
