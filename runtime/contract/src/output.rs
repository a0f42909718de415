//! Outputs of stacks that a deployer reads, to do what CloudFormation cannot.

/// Of the stack with a VPC: its default security group, which is to have no rules.
pub const DEFAULT_SECURITY_GROUP: &str = "DefaultSecurityGroupId";
/// Of the shared bootstrap stack: the bucket that takes the functions' archive.
pub const ASSET_BUCKET: &str = "AssetBucketName";
/// Of the stacks of the site, in both regions: the bucket that takes its files.
pub const SITE_BUCKET: &str = "SiteBucketName";
/// Of the stack of the edge: the distribution in front of the buckets.
pub const SITE_DISTRIBUTION: &str = "DistributionId";
