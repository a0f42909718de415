//! Where the site's pages lie: a bucket in the environment's region, and another where it recovers. A deployment fills both.

use crate::naming;
use crate::shared::AccountRegion;
use como_config::{Environment, Region};
use como_constructs::s3::{Bucket, BucketProps, Encryption, Reader};
use como_contract::output::SITE_BUCKET;
use como_core::stack::Stack;

/// How long a page that was overwritten can be brought back.
const OLD_VERSION_DAYS: i64 = 30;

pub(crate) fn site(environment: &Environment, region: Region, id: &str, account: &AccountRegion) -> (Stack, Bucket) {
    let mut stack = naming::stack_in(environment, region, id, "COMO: the pages of the site");
    let mut scope = stack.scope();
    let bucket = Bucket::new(
        &mut scope,
        "Pages",
        &BucketProps {
            name: format!("{}-{}-{region}", naming::name(environment, "site"), environment.account()),
            // Everybody may read them anyway.
            encryption: Encryption::S3,
            access_log: &account.logs,
            old_version_days: OLD_VERSION_DAYS,
            readers: vec![Reader::CloudFront],
        },
    );
    scope.share(SITE_BUCKET, "The pages of the site", &bucket.name());
    scope.share("SiteBucketDomain", "Where the pages are fetched from", &bucket.regional_domain_name());
    (stack, bucket)
}
